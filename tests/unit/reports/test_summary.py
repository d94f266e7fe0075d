"""From a finished run to its figures, and from figures to text and page."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pytest

from core.domain.enums import Outcome, Regime
from core.domain.ids import Symbol
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import allocate
from core.domain.records import ACCOUNT, INSTRUMENT_STATE
from core.kernel.batch import FILL_RECORD
from core.reports.page import html_report
from core.reports.result import BacktestResult, FileUsed
from core.reports.summary import returns_of, summarize
from core.reports.text import text_report

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
    assert "PnL +7.00" in text
    assert "a.csv: 70 rows" in text
    assert "skipped 2: not a whole number" in text
    assert "repaired 1: sorted" in text
    assert "TRADE 6" in text


def test_the_text_has_a_dash_where_there_is_no_figure():
    assert "Sharpe -" in text_report(summarize(make_result(fills=[], equity=(1_000,))))


def test_the_page_is_self_contained_and_escaped():
    result = make_result()
    page = html_report(summarize(result), result)
    assert page.count("<svg") == 2
    assert "&lt;River&gt;" in page
    assert "<River>" not in page
    assert "src=" not in page
    assert "equity from 1,000.00 to 1,007.00" in page


def test_a_long_curve_keeps_its_spikes_on_the_page():
    samples = 50_000
    result = make_result()
    equity = np.full(samples, 1_000 * NANOS)
    equity[31_234] = 777 * NANOS
    spiky = BacktestResult(
        **{name: getattr(result, name) for name in result.__dataclass_fields__}
        | {"equity_nanos": equity}
    )
    page = html_report(summarize(result), spiky)
    assert "lowest 777.00" in page
    assert len(page) < 120_000
