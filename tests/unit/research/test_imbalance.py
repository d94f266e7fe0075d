"""Accuracy and AUC of the imbalance: by hand, on planted markets, on the published figures."""

from __future__ import annotations

import numpy as np
import pytest

from core.kernel.book import microprice
from core.models.refusal import Refusal
from core.research.findings import Verdict
from core.research.imbalance import judge_imbalance
from tests.unit.research.markets import quotes
from tests.unit.research.recordings import load_quotes

# Stock, tick and size of 2011-03-01, printed in the notebook of the microprice's author:
# bid lots, ask lots, imbalance, weighted mid.
BAC = [
    (20, 471, 0.040733, 14.330407),
    (25, 148, 0.144509, 14.331445),
    (31, 95, 0.246032, 14.332460),
    (29, 92, 0.239669, 14.332397),
    (21, 65, 0.244186, 14.332442),
]

# file, accuracy and AUC before a move, accuracy and AUC of all states
REFERENCE = [
    ("spot_btcusdt", 0.826, 0.886, 0.729, 0.820),
    ("spot_ethusdt", 0.864, 0.926, 0.728, 0.804),
    ("usdm_btcusdt", 0.830, 0.902, 0.674, 0.751),
    ("usdm_ethusdt", 0.871, 0.938, 0.691, 0.765),
]


@pytest.mark.parametrize(("bid_lots", "ask_lots", "weight", "price"), BAC)
def test_the_microprice_is_the_published_one(bid_lots, ask_lots, weight, price):
    found = microprice(1433, bid_lots, 1434, ask_lots)
    assert found - 1433 == pytest.approx(weight, abs=5e-7)
    assert found / 100 == pytest.approx(price, abs=5e-7)


@pytest.mark.parametrize(("name", "before", "before_auc", "every", "every_auc"), REFERENCE)
def test_the_imbalance_tells_what_it_was_published_to_tell(
    recorded, name, before, before_auc, every, every_auc
):
    (rows,) = load_quotes(recorded / f"binance_l2/{name}_20240808.gz").values()
    found = judge_imbalance(rows)
    assert found.before_move.accuracy.value == pytest.approx(before, abs=0.02)
    assert found.before_move.auc.value == pytest.approx(before_auc, abs=0.02)
    assert found.all_states.accuracy.value == pytest.approx(every, abs=0.02)
    assert found.all_states.auc.value == pytest.approx(every_auc, abs=0.02)
    assert found.verdict is Verdict.EDGE


def test_the_basket_has_no_edge(recorded):
    """The negative control: AUC 0.50 to 0.51."""
    rows = load_quotes(recorded / "prosperity2/round3/prices_round_3_day_0.csv.gz")
    found = judge_imbalance(rows["GIFT_BASKET"])
    assert 0.50 <= found.all_states.auc.value <= 0.51
    assert 0.50 <= found.before_move.auc.value <= 0.51
    assert found.verdict is Verdict.NONE


def planted(share_right, moves=400, seed=1, step_ticks=3):
    """Two quotes before each move; the second one's imbalance is right so often."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1, 1], moves)
    is_right = rng.random(moves) < share_right
    last = np.where(is_right, sign, -sign) * rng.uniform(0.2, 1.0, moves)
    obi = np.append(np.column_stack([rng.uniform(-1, 1, moves), last]).ravel(), 0.9)
    mid = 500 + np.append(np.repeat(np.cumsum(sign) - sign, 2), np.sum(sign)) * step_ticks
    return quotes(mid, obi=obi)


def test_a_planted_edge_is_found_at_its_size():
    found = judge_imbalance(planted(0.8))
    assert found.moves == 400
    assert (found.before_move.states, found.all_states.states) == (400, 800)
    assert found.before_move.accuracy.value == pytest.approx(0.8, abs=0.06)
    assert found.all_states.accuracy.value == pytest.approx(0.65, abs=0.06)
    assert found.before_move.accuracy.low < 0.8 < found.before_move.accuracy.high
    # 3 ticks a move, right 65 % of the time, by quotes of which half are coins.
    assert found.gain_ticks.value == pytest.approx(3 * (2 * 0.65 - 1), abs=0.3)
    assert found.half_spread_ticks == 1.0
    assert found.verdict is Verdict.EDGE


def test_a_coin_is_no_edge():
    found = judge_imbalance(planted(0.5))
    assert found.verdict is Verdict.NONE
    assert found.all_states.auc.low < 0.5 < found.all_states.auc.high


def test_a_coin_is_called_an_edge_by_accident_only():
    edges = [judge_imbalance(planted(0.5, seed=seed)).verdict for seed in range(60)]
    assert edges.count(Verdict.EDGE) == 0
    assert edges.count(Verdict.WEAK) <= 2


def test_quotes_that_repeat_before_one_move_are_not_counted_as_evidence():
    """Ten copies of every quote tell no more than one: the band stays as wide."""
    once = planted(0.62, seed=2)
    often = np.repeat(once, 10)
    narrow, wide = judge_imbalance(once).all_states.auc, judge_imbalance(often).all_states.auc
    assert wide.value == pytest.approx(narrow.value, abs=1e-9)
    assert wide.high - wide.low == pytest.approx(narrow.high - narrow.low, rel=0.02)


def test_books_that_change_behind_the_best_level_are_not_states():
    rows = np.repeat(planted(0.7), 2)
    rows["is_state"][1::2] = 0
    assert judge_imbalance(rows).all_states.states == 800


def test_the_reliability_curve_counts_every_answered_quote():
    found = judge_imbalance(planted(0.8))
    assert sum(entry.states for entry in found.reliability) == 800
    assert (found.reliability[0].low, found.reliability[-1].high) == (-1.0, 1.0)
    assert found.reliability[0].share_up < 0.4
    assert found.reliability[-1].share_up > 0.6


def test_an_imbalance_of_one_side_alone_falls_in_the_outer_bins():
    rows = planted(0.8)
    rows["obi"] = np.sign(rows["obi"])
    found = judge_imbalance(rows).reliability
    assert found[0].states + found[-1].states == 800
    assert found[4].share_up is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (quotes(np.full(500, 70)), "the mid moved 0 times"),
        (quotes(np.zeros(0)), "the mid moved 0 times"),
        (quotes(np.arange(200) + 70), "the same sign"),
        (quotes(70 + np.arange(200) % 2), "the same size"),
    ],
)
def test_what_cannot_be_judged_is_said(rows, reason):
    found = judge_imbalance(rows)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_a_balanced_book_takes_no_side():
    """It is neither right nor wrong, and lies in the bin that begins at 0."""
    rows = planted(0.8)
    decided = judge_imbalance(rows)
    rows["obi"][:-1:2] = 0.0
    found = judge_imbalance(rows)
    assert found.all_states.accuracy.value == found.before_move.accuracy.value
    assert found.all_states.states == decided.all_states.states
    assert found.reliability[5].states >= 400 > found.reliability[4].states
