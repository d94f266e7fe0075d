"""The default strategy earns where it was not fitted, and more than any signal by itself."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest

from core.backtest.run import run_backtest
from core.data.dataset import DataSet
from core.data.loader import load_data
from core.domain.enums import Signal
from core.domain.instrument import NANOS
from core.models.model_set import ModelSet, SpreadRows, model_events
from core.models.startup import starting_models
from core.runtime.fitting import fit_data
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from tests.practice_market import PracticeMarket

BASKET_DAY = "prosperity2/round3/prices_round_3_day_0.csv.gz"


@pytest.fixture(scope="module")
def halves(recorded: Path) -> tuple[DataSet, DataSet]:
    data = load_data([recorded / BASKET_DAY])
    return data.part(0, 50), data.part(50, 100)


@pytest.fixture(scope="module")
def fit(halves: tuple[DataSet, DataSet]) -> ModelSet:
    return fit_data(halves[0], load_settings("prosperity").settings)


def pnl_of(data: DataSet, fit: ModelSet, *overrides: str) -> float:
    settings = load_settings("prosperity", (), overrides).settings
    rows = SpreadRows()
    models = starting_models(settings, data.instruments, rows)
    models += model_events(fit, data.instruments, rows)
    result = run_backtest(data, params_row(settings), settings.account.capital_nanos, models=models)
    account = result.account[0]
    return (int(account["equity_nanos"]) - int(account["capital_nanos"])) / NANOS


def test_what_was_fitted_on_one_half_earns_on_the_other(halves: Any, fit: ModelSet) -> None:
    """Baskets of a real competition day, after the spread is paid."""
    assert pnl_of(halves[1], fit) > 0


@pytest.mark.parametrize("alone", Signal, ids=lambda signal: signal.name.lower())
def test_all_signals_together_earn_more_than_one(halves: Any, fit: ModelSet, alone: Signal) -> None:
    """The same models, with every other signal muted."""
    muted = [f"signals.weight_{s.name.lower()}=0" for s in Signal if s is not alone]
    assert pnl_of(halves[1], fit) > pnl_of(halves[1], fit, *muted)


def test_the_practice_exchange_is_earned_on_from_most_seeds() -> None:
    """Twenty markets of a minute each, from a cold start."""
    markets = [PracticeMarket(seed) for seed in range(20)]
    for market in markets:
        market.run(60)
    assert statistics.median(market.pnl for market in markets) > 0
    assert max(float(m.state.account[0]["max_drawdown_pct"]) for m in markets) < 20
