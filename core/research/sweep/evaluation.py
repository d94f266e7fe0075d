"""One setting on one fold: a backtest, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from core.backtest.run import run_backtest
from core.data.event_file import EventFile
from core.domain.errors import FatalError
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.reports.result import BacktestResult
from core.research.sweep.splits import Fold
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.own import OwnNames, load_own
from core.strategies.plugins import LoadedSignal


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What all evaluations of a sweep share. Small: the events are in a file."""

    market: EventFile
    folds: tuple[Fold, ...]
    bar_ns: int
    """Profit is kept by bars of this length."""
    signal_folders: tuple[str, ...]
    """Where the user's own signal is looked for."""
    fingerprints: tuple[str, ...]
    """Of files that the settings name: own signal, models."""


class Task(msgspec.Struct, frozen=True):
    """What is to be evaluated."""

    settings: str
    """All of them, as JSON."""
    fold: int


class Outcome(msgspec.Struct, frozen=True):
    """What became of it."""

    pnl: bytes
    """float64, profit of each bar of the fold as a share of the capital."""
    fills: int = 0
    orders: int = 0
    turnover: float = 0.0
    """Traded, in multiples of the capital."""
    failure: str = ""
    """Why there is none, in a sentence; empty if there is one."""

    @property
    def bars(self) -> FloatArray:
        """Profit of each bar as a share of the capital."""
        return np.frombuffer(self.pnl, np.float64)


def evaluate(laboratory: Laboratory, task: Task) -> Outcome:
    """Run a setting on a fold, from a flat account. A run that fails is an outcome, too."""
    fold = laboratory.folds[task.fold]
    data = laboratory.market.between(fold.start_ns, fold.stop_ns)
    bars = bar_count(fold, laboratory.bar_ns)
    if data.length == 0:
        return Outcome(np.zeros(bars).tobytes())
    settings = Settings.model_validate_json(task.settings)
    try:
        result = run_backtest(
            data,
            params_row(settings),
            settings.account.capital_nanos,
            simulation=settings.simulation,
            models=starting_models(settings, data.instruments, SpreadRows()),
            signal=_signal(settings, laboratory.signal_folders),
        )
    except FatalError as error:
        return Outcome(np.zeros(bars).tobytes(), failure=str(error))
    capital = settings.account.capital_nanos
    return Outcome(
        _profits(result, fold, laboratory.bar_ns, capital).tobytes(),
        fills=int(result.account[0]["fills"]),
        orders=int(result.account[0]["orders"]),
        turnover=_turnover(result, capital),
    )


def bar_count(fold: Fold, bar_ns: int) -> int:
    """Bars of a fold; the last one may be shorter."""
    return -(-(fold.stop_ns - fold.start_ns) // bar_ns)


def bar_starts(fold: Fold, bar_ns: int) -> Any:
    """When each bar of a fold begins, ns."""
    return fold.start_ns + bar_ns * np.arange(bar_count(fold, bar_ns))


def _profits(result: BacktestResult, fold: Fold, bar_ns: int, capital: int) -> FloatArray:
    """Change of equity in each bar."""
    ends = bar_starts(fold, bar_ns) + bar_ns
    places = np.searchsorted(result.ts_ns, ends, side="right") - 1
    equity = np.where(places >= 0, result.equity_nanos[np.maximum(places, 0)], capital)
    return np.diff(equity.astype(np.float64), prepend=float(capital)) / capital


def _turnover(result: BacktestResult, capital: int) -> float:
    values = np.array([i.tick_value_nanos for i in result.instruments], np.float64)
    fills = result.fills
    worth = fills["price_ticks"] * fills["lots"] * values[fills["instrument"]]
    return float(worth.sum()) / capital if capital else float(NANOS)


def _signal(settings: Settings, folders: Sequence[str]) -> LoadedSignal | None:
    names = OwnNames(settings.signals.mine, settings.strategy.target)
    return load_own(names, [Path(folder) for folder in folders])
