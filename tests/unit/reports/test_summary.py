"""From a finished run to its figures, and from figures to text and page."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from core.domain.enums import LiquiditySide, Outcome, Regime
from core.domain.ids import Symbol
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import allocate
from core.domain.records import ACCOUNT, INSTRUMENT_STATE
from core.kernel.recorder import FILL_RECORD
from core.reports.page import html_report
from core.reports.result import BacktestResult, FileUsed
from core.reports.summary import returns_of, summarize
from core.reports.text import text_report
from tests.unit.reports.runs import Fill, make_run

CAPITAL = 1_000
INSTRUMENTS = (
    Instrument(symbol=Symbol("ETF"), tick_size=Decimal("0.5")),
    Instrument(symbol=Symbol("<River>"), tick_size=Decimal(1), lot_size=Decimal("0.1")),
)
TREND, CALM = Regime.TRENDING, Regime.MEAN_REVERTING

FILLS = [
    # instrument, side, ticks, lots, fee, realized, regime, position after
    (0, 1, 100, 4, 1, 0, TREND, 4),
    (0, -1, 110, 3, 1, 15, TREND, 1),
    (0, -1, 90, 1, 1, -5, CALM, 0),
    (1, -1, 200, 5, 0, 0, CALM, -5),
]


def make_result(fills=FILLS, equity=(1_000, 1_010, 1_005, 1_007), seconds=0.5):
    account, states = allocate(ACCOUNT, 1), allocate(INSTRUMENT_STATE, 2)
    account[0]["capital_nanos"] = CAPITAL * NANOS
    account[0]["equity_nanos"] = equity[-1] * NANOS
    account[0]["fees_nanos"] = 3 * NANOS
    account[0]["max_drawdown_pct"] = 0.5
    account[0]["evaluations"] = 9
    account[0]["orders"] = 6
    account[0]["fills"] = len(fills)
    account[0]["decision_hash"] = 0xBEEF
    account[0]["outcomes"][Outcome.TRADE] = 6
    account[0]["outcomes"][Outcome.COOLDOWN] = 3
    states[0]["realized_nanos"] = 10 * NANOS
    states[0]["fees_nanos"] = 3 * NANOS
    states[1]["position_lots"] = -5
    rows = allocate(FILL_RECORD, len(fills))
    for row, (index, side, ticks, lots, fee, realized, regime, position) in zip(
        rows, fills, strict=True
    ):
        row["instrument"], row["side"], row["price_ticks"] = index, side, ticks
        row["lots"], row["fee_nanos"], row["realized_nanos"] = lots, fee * NANOS, realized * NANOS
        row["regime"], row["position_lots"] = regime, position
    samples = len(equity)
    pnl = np.zeros((samples, 2), np.int64)
    pnl[:, 0] = [value * NANOS for value in (0, 10, 5, 7)][:samples]
    regime = np.full((samples, 2), CALM, np.int64)
    regime[0, 0] = TREND
    return BacktestResult(
        instruments=INSTRUMENTS,
        files=(FileUsed("a.csv", "12ab", 70, {"not a whole number": 2}, {"sorted": 1}),),
        settings_hash="5e77",
        events=100,
        seconds=seconds,
        account=account,
        states=states,
        fills=rows,
        ts_ns=np.arange(samples, dtype=np.int64) * NANOS,
        equity_nanos=np.array(equity, np.int64) * NANOS,
        pnl_nanos=pnl,
        regime=regime,
        mid2_ticks=np.full_like(pnl, 202),
        position_lots=np.zeros_like(pnl),
        sent_lots=np.array([50, 9], np.int64),
    )


def busy_run():
    """Two instruments, half an hour around an hour's end, makers and takers."""
    mids2 = 2_000 + np.cumsum(np.tile([[2, 0], [-2, 2], [0, -2], [2, 0], [0, 2]], (600, 1)), axis=0)
    rows = [
        Fill(
            second,
            second // 50 % 2,
            1 if second // 200 % 2 == 0 else -1,
            1 + second % 4,
            int(mids2[second, second // 50 % 2]) // 2 + (1 if second % 100 else -1),
            fee_nanos=NANOS // 10,
            liquidity=LiquiditySide.TAKER if second % 100 else LiquiditySide.MAKER,
            decision_mid2_ticks=int(mids2[max(0, second - 3), second // 50 % 2]),
        )
        for second in range(0, 2_900, 25)
    ]
    regimes = np.full((3_000, 2), CALM)
    regimes[1_000:] = TREND
    run = make_run(mids2, rows, sent_lots=[900, 700], regimes=regimes, capital=100_000)
    run.account[0]["outcomes"][Outcome.TRADE] = 116
    return run


def test_the_account_gives_pnl_fees_and_counts():
    summary = summarize(make_result())
    assert (summary["pnl"], summary["fees"]) == (7.0, 3.0)
    assert (summary["decisions"], summary["orders"], summary["fills"]) == (9, 6, 4)
    assert summary["events_per_second"] == 200.0
    assert summary["outcomes"] == {"TRADE": 6, "COOLDOWN": 3}
    assert summary["decision_hash"] == "000000000000beef"
    assert summary["max_drawdown"] == 0.5


def test_volume_counts_what_ticks_and_lots_are_worth():
    """Half a unit a tick for one product, a tenth a lot for the other."""
    summary = summarize(make_result())
    assert summary["volume"] == (400 + 330 + 90) * 0.5 + 200 * 5 * 0.1
    assert summary["turnover"] == summary["volume"] / CAPITAL


def test_only_what_closes_wins_or_loses():
    """Two of four fills close: one wins 15 less a fee of 1, one loses 5 and a fee of 1."""
    summary = summarize(make_result())
    assert summary["win_rate"] == 0.5
    assert summary["profit_factor"] == pytest.approx(14 / 6)
    assert summary["by_instrument"]["ETF"]["win_rate"] == 0.5
    assert summary["by_instrument"]["<River>"]["win_rate"] is None


def test_time_and_profit_belong_to_the_regime_they_began_in():
    regimes = summarize(make_result())["by_regime"]
    assert (regimes["TRENDING"]["pnl"], regimes["MEAN_REVERTING"]["pnl"]) == (10.0, -3.0)
    assert regimes["TRENDING"]["share_of_time"] == pytest.approx(1 / 6)
    assert sum(row["share_of_time"] for row in regimes.values()) == pytest.approx(1.0)
    assert (regimes["TRENDING"]["trades"], regimes["MEAN_REVERTING"]["trades"]) == (2, 2)
    assert (regimes["TRENDING"]["win_rate"], regimes["MEAN_REVERTING"]["win_rate"]) == (1.0, 0.0)


def test_an_instrument_has_its_own_figures():
    etf = summarize(make_result())["by_instrument"]["ETF"]
    assert (etf["pnl"], etf["fees"], etf["volume"]) == (7.0, 3.0, 410.0)
    assert summarize(make_result())["by_instrument"]["<River>"]["position"] == "-0.5"


def test_what_does_not_exist_is_null_in_json():
    """No fills, one sample, no time: nothing can be divided by anything."""
    summary = summarize(make_result(fills=[], equity=(1_000,), seconds=0.0))
    assert summary["sharpe"] is summary["sortino"] is summary["win_rate"] is None
    assert summary["profit_factor"] is None
    assert summary["events_per_second"] == 0.0
    json.dumps(summary, allow_nan=False)


def test_gains_without_a_loss_have_no_finite_sortino():
    summary = summarize(make_result(equity=(1_000, 1_010, 1_011, 1_020)))
    assert summary["sortino"] is None
    assert summary["sharpe"] > 0


def test_a_lost_account_has_no_returns():
    result = make_result(equity=(1_000, 0, 5, 5))
    assert len(returns_of(result)) == 0
    assert summarize(result)["sharpe"] is None


def test_the_text_says_what_was_run_and_what_was_left_out():
    text = text_report(summarize(make_result()))
    assert "Too short to judge: 3 returns of 1 s" in text
    assert ["PnL", "+7.00", "-"] in [line.split() for line in text.splitlines()]
    assert "a.csv: 70 rows" in text
    assert "skipped 2: not a whole number" in text
    assert "repaired 1: sorted" in text
    assert "TRADE 6" in text


def test_without_a_fill_the_text_is_short():
    text = text_report(summarize(make_result(fills=[], equity=(1_000,))))
    assert "Nothing was traded: there is nothing to judge." in text
    assert "PnL +0.00" in text
    assert "Sharpe" not in text


def test_the_page_is_self_contained_and_escaped():
    result = make_result()
    page = html_report(summarize(result), result)
    assert "&lt;River&gt;" in page
    assert "<River>" not in page
    assert "src=" not in page
    assert "<script" not in page
    assert "equity from 1,000.00 to 1,007.00" in page


def test_every_drawing_of_a_page_is_well_formed_and_says_what_it_is():
    result = busy_run()
    page = html_report(summarize(result), result)
    drawings = [ET.fromstring(drawn) for drawn in re.findall(r"<svg.*?</svg>", page)]
    labels = [drawing.attrib["aria-label"] for drawing in drawings]
    for words in (
        "equity from",
        "drawdown, deepest",
        "regime of each instrument",
        "profit of ETF",
        "profit of <River>",
        "profit by hour",
        "from the moves of the mid",
        "mid after fills",
        "exposure, at most",
        "how evaluations ended",
    ):
        assert any(label.startswith(words) for label in labels), words
    for drawing in drawings:
        _, _, width, height = map(float, drawing.attrib["viewBox"].split())
        for text in drawing.iter("text"):
            assert 0 <= float(text.attrib["x"]) <= width
            assert 0 <= float(text.attrib["y"]) <= height
        for line in [*drawing.iter("polyline"), *drawing.iter("polygon")]:
            for pair in line.attrib["points"].split():
                x, y = map(float, pair.split(","))
                assert -0.1 <= x <= width + 0.1
                assert -0.1 <= y <= height + 0.1


def test_a_run_without_samples_still_has_a_page():
    result = make_result(fills=[], equity=(1_000,))
    page = html_report(summarize(result), result)
    assert "too short for a curve" in page
    assert "nan" not in page.lower().replace("finance", "")


def test_a_run_that_did_not_trade_says_so_instead_of_drawing_a_line():
    result = make_run(np.full((50, 1), 2_000))
    page = html_report(summarize(result), result)
    assert "Nothing was traded" in page
    assert "equity from" not in page
    assert "regime of each instrument" in page


def test_the_text_of_a_busy_run_fits_a_terminal_and_has_all_parts():
    text = text_report(summarize(busy_run()))
    assert max(map(len, text.splitlines())) <= 80
    for words in ("90 % interval", "spread earned", "maker (", "taker (", "hour, UTC", "exposure"):
        assert words in text


def test_a_busy_run_is_json_and_its_parts_agree():
    summary = summarize(busy_run())
    json.dumps(summary, allow_nan=False)
    assert summary["statistics"]["pnl"]["value"] == pytest.approx(summary["pnl"])
    assert summary["costs"]["net"] == pytest.approx(summary["pnl"])
    assert sum(row["pnl"] for row in summary["by_hour"].values()) == pytest.approx(summary["pnl"])
    assert sum(row["fills"] for row in summary["by_hour"].values()) == summary["fills"]
    made = summary["markouts"]["MAKER"]["fills"] + summary["markouts"]["TAKER"]["fills"]
    assert made == summary["fills"]


def test_more_trials_never_make_a_run_more_certain():
    result = busy_run()
    chances = [summarize(result, trials)["statistics"]["deflated_sharpe"] for trials in (1, 5, 500)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1]


def test_a_long_curve_keeps_its_spikes_on_the_page():
    samples = 50_000
    mids2 = np.full((samples, 1), 2_000)
    mids2[31_234] = 1_800
    result = make_run(mids2, [Fill(0, 0, 1, 2, 1_000)])
    page = html_report(summarize(result), result)
    assert "lowest 900.00" in page
    assert len(page) < 150_000


def test_two_runs_of_the_same_have_the_same_document():
    assert summarize(busy_run()) == summarize(busy_run())
