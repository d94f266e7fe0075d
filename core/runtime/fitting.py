"""Fits on recorded markets: the kernel reads them, without trading, and leaves its bars."""

from __future__ import annotations

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import load, stamp
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.kernel.batch import run_events
from core.kernel.state import KernelState, make_state
from core.models.bars import Observations, all_observations
from core.models.fit import fit_models
from core.models.fit_request import FitRequest
from core.models.model_set import ModelSet, SpreadRows
from core.models.prior import declared_baskets, edge_values
from core.models.startup import starting_models
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.plugins import LoadedSignal, install

_NS_PER_MS = 1_000_000
MOST_BARS = 200_000
MOST_QUOTES = 1_000_000
"""Of each instrument: about two days of seconds, and half an hour of a very busy market."""


def start_kernel(
    data: DataSet,
    settings: Settings,
    signal: LoadedSignal | None = None,
    *,
    bars_kept: int = 0,
    quotes_kept: int = 0,
) -> KernelState:
    """
    Make a kernel that is to read `data`: with its starting models, without a venue.

    Raises:
        ConfigurationError: If the starting models cannot be made.
    """
    state = make_state(
        data.instruments,
        params_row(settings),
        settings.account.capital_nanos,
        bars_kept=bars_kept,
        quotes_kept=quotes_kept,
    )
    install(state, signal)
    models = starting_models(settings, data.instruments, SpreadRows())
    for number, row in enumerate(models, start=1):
        stamp(row, number, data.first_ts_ns)
    if models:
        run_events(state, load(models), 0, len(models), allocate(INTENT, MAX_INTENTS))
    return state


def read_market(
    data: DataSet,
    settings: Settings,
    signal: LoadedSignal | None = None,
    *,
    keeps_quotes: bool = True,
) -> dict[str, Observations]:
    """
    Let the kernel read all of `data` without a venue; what it has left, by symbol.

    Args:
        data: Its events are numbered in place.
        settings: Bars and starting models; nothing is traded, so no limit matters.
        signal: The user's own.
        keeps_quotes: Leave the books too, which only the fit of edges reads.

    Raises:
        DataError: If there are no events.
        ConfigurationError: If the starting models cannot be made.
    """
    if len(data.events) == 0:
        raise DataError(", ".join(str(file.path) for file in data.sources), "holds no events")
    length_ns = settings.strategy.bar_ms * _NS_PER_MS
    most = int(min(MOST_BARS, (data.last_ts_ns - data.first_ts_ns) // length_ns + 1))
    quotes = min(MOST_QUOTES, _most_books(data)) if keeps_quotes else 0
    state = start_kernel(data, settings, signal, bars_kept=most, quotes_kept=quotes)
    first = int(state.account["seq"][0]) + 1
    data.events["seq"] = np.arange(first, first + len(data.events))
    run_events(state, data.events, 0, len(data.events), allocate(INTENT, MAX_INTENTS))
    return all_observations(state, data.instruments, most)


def _most_books(data: DataSet) -> int:
    """Books of the instrument that has most of them."""
    books = data.events["instrument"][data.events["kind"] == EventKind.BOOK]
    return int(np.bincount(books, minlength=1).max())


def fit_data(data: DataSet, settings: Settings, signal: LoadedSignal | None = None) -> ModelSet:
    """
    Fit every model on recorded markets.

    Raises:
        DataError: If there are no events.
        ConfigurationError: If the starting models cannot be made.
    """
    request = FitRequest(
        bar_ms=settings.strategy.bar_ms,
        symbols=tuple(str(instrument.symbol) for instrument in data.instruments),
        prior=tuple(edge_values(settings.edge)),
        baskets=declared_baskets(settings, data.instruments),
    )
    return fit_models(request, read_market(data, settings, signal))
