"""Whole backtests on real recordings: from files to the JSON contract."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.backtest.run import run_backtest
from core.data.loader import load_data
from core.domain.enums import EventKind, Outcome
from core.domain.events import load
from core.kernel.batch import run_events
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.reports.page import html_report
from core.reports.summary import summarize
from core.reports.text import text_report
from core.settings.loader import load_settings
from core.settings.parameters import params_row

PROSPERITY = "prosperity2/round3/prices_round_3_day_0.csv.gz"
BINANCE = "binance_l2/usdm_btcusdt_20240808.gz"

CONTRACT = {
    "events", "seconds", "events_per_second", "decisions", "orders", "fills", "volume", "pnl",
    "fees", "sharpe", "sortino", "max_drawdown", "win_rate", "profit_factor", "turnover",
    "by_regime", "by_instrument", "outcomes", "decision_hash", "settings_hash", "data",
    "by_hour", "statistics", "costs", "markouts", "execution", "exposure",
}  # fmt: skip


def backtest(profile, path):
    settings = load_settings(profile).settings
    data = load_data([path])
    models = starting_models(settings, data.instruments, SpreadRows())
    return run_backtest(
        data, params_row(settings), settings.account.capital_nanos, models=models,
        settings_hash="abc",
    )  # fmt: skip


@pytest.fixture(scope="module", params=[("prosperity", PROSPERITY), ("binance", BINANCE)])
def run(request, recorded):
    profile, name = request.param
    return backtest(profile, recorded / name), recorded / name, profile


def test_the_document_is_the_contract_and_valid_json(run):
    result, _, _ = run
    summary = summarize(result)
    assert set(summary) == CONTRACT
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_it_trades_and_every_evaluation_has_an_outcome(run):
    """The assumed edges pay where there are no fees; against fees they seldom do."""
    result, _, profile = run
    summary = summarize(result)
    assert summary["orders"] > 0
    assert summary["fills"] > 0 or profile == "binance"
    assert sum(summary["outcomes"].values()) == summary["decisions"] > 0


def test_the_same_inputs_give_the_same_decisions(run):
    result, path, profile = run
    again = summarize(backtest(profile, path))
    first = summarize(result)
    for name in CONTRACT - {"seconds", "events_per_second"}:
        assert again[name] == first[name]


def test_the_books_balance(run):
    """Equity is capital, plus what the instruments made; positions are what was filled."""
    result, _, _ = run
    account = result.account[0]
    made = result.states["realized_nanos"] + result.states["unrealized_nanos"]
    made = made - result.states["fees_nanos"]
    assert account["equity_nanos"] == account["capital_nanos"] + made.sum()
    assert result.equity_nanos[-1] == account["equity_nanos"]
    assert result.pnl_nanos[-1].tolist() == made.tolist()
    for index in range(len(result.instruments)):
        fills = result.fills[result.fills["instrument"] == index]
        assert (fills["side"] * fills["lots"]).sum() == result.states[index]["position_lots"]
        assert fills["realized_nanos"].sum() == result.states[index]["realized_nanos"]
        assert fills["fee_nanos"].sum() == result.states[index]["fees_nanos"]


def test_the_curves_are_in_order_and_about_a_second_apart(run):
    steps = np.diff(run[0].ts_ns)
    assert (steps >= 0).all()
    assert np.median(steps) == pytest.approx(1e9, rel=0.1)


def test_nobody_fills_more_than_the_market_had(run, recorded):
    """All lots we traded at a time are at most what the recording traded or showed by then."""
    result, path, _ = run
    events = load_data([path]).events
    books = events[events["kind"] == EventKind.BOOK]
    for index in range(len(result.instruments)):
        fills = result.fills[result.fills["instrument"] == index]
        own = books[books["instrument"] == index]
        shown = own["bid_lots"].sum(axis=1) + own["ask_lots"].sum(axis=1)
        trades = events[(events["kind"] == EventKind.TRADE) & (events["instrument"] == index)]
        for ts_ns in np.unique(fills["ts_ns"]):
            traded = trades["lots"][trades["ts_ns"] == ts_ns].sum()
            latest = int(np.searchsorted(own["ts_ns"], ts_ns, side="right"))
            first = int(np.searchsorted(own["ts_ns"], ts_ns, side="left")) - 1
            available = shown[max(first, 0) : latest].sum() + traded
            assert fills["lots"][fills["ts_ns"] == ts_ns].sum() <= available


def test_the_reports_name_what_was_run(run):
    result, path, _ = run
    summary = summarize(result)
    text, page = text_report(summary), html_report(summary, result)
    for symbol in summary["by_instrument"]:
        assert symbol in text
        assert symbol in page
    assert path.name in text
    assert page.startswith("<!doctype html>")
    assert "http" not in page.replace("http-equiv", "")


def test_a_plain_replay_of_the_same_events_needs_no_venue(run):
    """`run_events` applies events as they are; without a connection nothing may be sent."""
    from core.domain.memory import allocate
    from core.domain.records import INTENT, MAX_INTENTS
    from core.kernel.state import make_state

    _, path, profile = run
    settings = load_settings(profile).settings
    data = load_data([path])
    state = make_state(data.instruments, params_row(settings), settings.account.capital_nanos)
    intents = allocate(INTENT, MAX_INTENTS)
    models = load(starting_models(settings, data.instruments, SpreadRows()))
    assert run_events(state, models, 0, len(models), intents) == 0
    assert run_events(state, data.events, 0, len(data.events), intents) == 0
    assert state.account[0]["events"] == len(models) + len(data.events)
    assert state.account[0]["models"] == len(models)
    assert state.account[0]["outcomes"][Outcome.NOT_READY] > 0


def test_a_run_without_models_reads_the_market_and_does_not_trade(run):
    _, path, profile = run
    settings = load_settings(profile).settings
    result = run_backtest(load_data([path]), params_row(settings), settings.account.capital_nanos)
    summary = summarize(result)
    assert (summary["orders"], summary["fills"], summary["pnl"]) == (0, 0, 0.0)
    assert summary["decisions"] > 0
