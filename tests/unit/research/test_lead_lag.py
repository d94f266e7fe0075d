"""Who moves first: planted leads are found, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.refusal import Refusal
from core.research.inference import correlation
from core.research.lead_lag import LAGS, MIN_BARS, POOLED, Lead, by_strength, find_leads, seconds
from tests.unit.research.city_markets import (
    BAR_MS,
    RIVER,
    SKY,
    delayed,
    jumps,
    market,
    series,
)
from tests.unit.research.markets import START_NS, autoregression, quotes

BAR_S = BAR_MS / 1_000


def judge(values, mids, instruments=(RIVER,)):
    """Judge one series with one mid."""
    (found,) = find_leads([series(values)], instruments, [market(mids)])
    return found


def noisy(rng, steps, share=1.0):
    """Add noise of the same size: half of what happens is not the series'."""
    return steps + rng.standard_normal(len(steps)) * np.std(steps) * share


@pytest.mark.parametrize(
    ("bars", "verdict"),
    [(1, Lead.LEADS), (3, Lead.LEADS), (20, Lead.LEADS), (0, Lead.TOGETHER), (-4, Lead.FOLLOWS)],
)
def test_a_lead_is_found_with_its_length_and_direction(bars, verdict):
    rng = np.random.default_rng(11)
    steps = jumps(rng, 900, 6)
    found = judge(steps, noisy(rng, delayed(steps, bars)))
    assert (found.verdict, found.best.lag_s) == (verdict, bars * BAR_S)
    assert found.best.correlation.low > 0.4
    assert (found.series, found.symbol, found.best.bar_s) == ("weather", "RIVER", BAR_S)


def test_a_price_that_answers_the_other_way_is_led_as_well():
    rng = np.random.default_rng(12)
    steps = jumps(rng, 600, 5)
    found = judge(steps, -noisy(rng, delayed(steps, 2)))
    assert found.verdict is Lead.LEADS
    assert found.best.correlation.high < -0.4
    assert found.best.lag_s == 2 * BAR_S


def test_a_lead_of_minutes_is_found_on_longer_bars():
    """Longer than the shortest bars reach: 20 of them are 10 seconds."""
    rng = np.random.default_rng(13)
    steps = np.repeat(jumps(rng, 600, 3), 10)
    steps[np.arange(len(steps)) % 10 != 0] = 0.0
    found = judge(steps, delayed(steps, 120))
    assert found.verdict is Lead.LEADS
    assert (found.best.bar_s, found.best.lag_s) == (5.0, 60.0)


def test_the_correlation_at_each_lag_is_that_of_the_changes():
    """Against NumPy's, over the same stretches."""
    rng = np.random.default_rng(14)
    steps = jumps(rng, 500, 4)
    moves = np.rint(noisy(rng, delayed(steps, 2)))
    best = judge(steps, moves).best
    assert (best.bars, best.changes, best.moves) == (
        500,
        np.count_nonzero(steps),
        np.count_nonzero(moves),
    )
    for lag in (-7, 0, 2, LAGS):
        early, late = (steps, moves) if lag >= 0 else (moves, steps)
        kept = len(steps) - abs(lag)
        expected = np.corrcoef(early[:kept], late[abs(lag) :])[0, 1]
        assert best.by_lag[LAGS + lag] == pytest.approx(expected, abs=1e-9)


def test_the_ratio_says_on_which_side_more_of_it_lies():
    """A mid that answers at once and goes on for a bar, and its mirror image."""
    rng = np.random.default_rng(20)
    steps = jumps(rng, 900, 5) * 3
    for bars, side in ((1, 1), (-1, -1)):
        best = judge(steps, steps + 0.5 * delayed(steps, bars)).best
        assert best.lag_s == 0.0
        squares = np.square(best.by_lag)
        expected = squares[LAGS + 1 :].sum() / squares[:LAGS].sum()
        assert best.lead_lag_ratio == pytest.approx(expected)
        assert np.sign(np.log(expected / 2.5 if side > 0 else expected * 2.5)) == side


def test_the_largest_of_all_lags_is_judged_as_such():
    rng = np.random.default_rng(15)
    steps = jumps(rng, 600, 4)
    moves = np.rint(noisy(rng, delayed(steps, 3), 2.0))
    best = judge(steps, moves).best
    alone = correlation(steps[:-3], moves[3:])
    assert best.correlation.value == pytest.approx(alone.value)
    assert best.p_value == pytest.approx(alone.p_value * (2 * LAGS + 1))
    assert best.q_value >= best.p_value


def unrelated(seed, count=300):
    """Draw numbers that have nothing to do with prices, in bursts and with memory as markets."""
    rng = np.random.default_rng(seed)
    burst = np.exp(autoregression(rng, count, 0.95))
    told = [
        series(jumps(rng, count, 3), name="fair value of RIVER", symbol="RIVER"),
        series(jumps(rng, count, 9) * burst, name="fair value of SKY", symbol="SKY"),
        series(autoregression(rng, count, 0.8)),
    ]
    other = 3 * np.exp(autoregression(rng, count, 0.95)) * autoregression(rng, count, 0.5)
    return told, (RIVER, SKY), [market(other), market(jumps(rng, count, 8))]


def test_independent_series_have_no_lead_in_95_of_100_seeds():
    """Nor a lag: seven pairs, and not one of them a finding."""
    quiet = [
        all(one.verdict is Lead.NONE for one in find_leads(*unrelated(seed))) for seed in range(100)
    ]
    assert sum(quiet) >= 95


def test_without_adjustment_independent_series_would_have_leads():
    """The test above can fail: lags and pairs are many, and one in twenty looks like something."""
    found = find_leads(*unrelated(1))
    alone = [one.best.correlation.p_value for one in found]
    assert min(alone) < 0.05
    assert all(one.verdict is Lead.NONE for one in found)


def test_few_changes_of_many_products_make_one_sample():
    """Twelve changes of each say nothing alone; of six together they do."""
    rng = np.random.default_rng(16)
    instruments, told, mids = [], [], []
    for index in range(6):
        steps = np.zeros(300)
        steps[rng.choice(280, 12, replace=False)] = rng.choice([-9.0, 7.0], 12)
        instruments.append(type(RIVER)(f"P{index}", RIVER.tick_size))
        told.append(series(steps, name=f"fair value of P{index}", symbol=f"P{index}"))
        mids.append(market(noisy(rng, delayed(steps, 2), 0.5)))
    pooled, *single = find_leads(told, instruments, mids)
    assert (pooled.series, pooled.symbol) == POOLED
    assert (pooled.verdict, pooled.best.lag_s) == (Lead.LEADS, 2 * BAR_S)
    assert pooled.best.changes == 72
    assert len(single) == 36
    assert all(isinstance(one.best, Refusal) for one in single)
    assert "it changed in 12 bars; fewer than 20" in single[0].best.reason


def test_one_product_makes_no_pool():
    rng = np.random.default_rng(17)
    told = [series(jumps(rng, 300, 3), symbol="RIVER")]
    found = find_leads(told, (RIVER, SKY), [market(jumps(rng, 300, 3)) for _ in range(2)])
    assert [one.symbol for one in found] == ["RIVER", "SKY"]


def test_what_is_too_little_is_said():
    steps = np.where(np.arange(300) % 4 == 0, 3.0, 0.0)
    still = np.zeros(300)
    cases = {
        "it changed in 0 bars; fewer than 20 say nothing": (still, steps),
        "the mid moved in 0 bars; fewer than 20 say nothing": (steps, still),
        f"both are known for {MIN_BARS - 1} bars of 0.5 s; fewer than {MIN_BARS} say nothing": (
            steps[: MIN_BARS - 1],
            steps[: MIN_BARS - 1],
        ),
    }
    for reason, (values, mids) in cases.items():
        found = judge(values, mids)
        assert (found.verdict, found.best) == (Lead.UNKNOWN, Refusal(reason))


def test_a_product_without_a_book_and_a_series_that_ends_before_it_begins_are_said():
    steps = np.where(np.arange(300) % 4 == 0, 3.0, 0.0)
    (empty,) = find_leads([series(steps)], (RIVER,), [quotes([])])
    assert empty.best == Refusal("no book has both sides")
    late = market(steps)
    late["ts_ns"] += 10**12
    (apart,) = find_leads([series(steps)], (RIVER,), [late])
    assert "both are known for 0 bars of 0.5 s" in apart.best.reason


def test_a_series_that_rises_by_the_same_in_every_bar_is_a_sentence():
    rng = np.random.default_rng(21)
    found = judge(np.ones(300), jumps(rng, 300, 3))
    assert found.best == Refusal("one of the two changes by the same in every bar")


def test_one_moment_only_is_a_sentence():
    steps = np.ones(300)
    one = quotes(9_000 + np.arange(300), ts_ns=np.full(300, START_NS))
    (found,) = find_leads([series(steps)], (RIVER,), [one])
    assert "both are known for 0 bars" in found.best.reason


def test_a_wild_print_does_not_make_a_lead():
    """One jump that both happened to make, of any size, is one observation."""
    rng = np.random.default_rng(18)
    steps, moves = jumps(rng, 400, 4), np.rint(jumps(rng, 400, 4))
    steps[200], moves[203] = 1e9, 1e8
    assert judge(steps, moves).verdict is Lead.NONE


def test_the_strongest_come_first_and_only_what_is_real():
    rng = np.random.default_rng(19)
    steps = jumps(rng, 600, 5)
    mids = [market(noisy(rng, delayed(steps, 2), share)) for share in (2.0, 0.2)]
    told = [series(steps), series(jumps(rng, 600, 5), name="flights")]
    found = find_leads(told, (RIVER, SKY), mids)
    assert [(one.series, one.symbol) for one, _ in by_strength(found)] == [
        ("weather", "SKY"),
        ("weather", "RIVER"),
    ]


@pytest.mark.parametrize(("lag_s", "said"), [(0.0, "0 s"), (1.5, "+1.5 s"), (-5.0, "-5 s")])
def test_a_lag_has_its_sign(lag_s, said):
    assert seconds(lag_s) == said
