"""The order in which the kernel's arrays follow each other, for all who read their bytes."""

from __future__ import annotations

import hashlib
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from core.domain.changes import CHANGE_DETECTOR
from core.domain.enums import (
    N_CHANNELS,
    BookState,
    BracketState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Side,
    Signal,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.filters import KALMAN_FILTER
from core.domain.records import (
    ACCOUNT,
    BRACKET,
    CHANNEL_STATE,
    EDGE_MODEL,
    HISTORY_LENGTH,
    HISTORY_ROW,
    INSTRUMENT_STATE,
    MAX_BRACKETS,
    MAX_ORDERS,
    MAX_SPREADS,
    ORDER,
    OUTCOME_EXAMPLES,
    PARAMS,
    TIMELINE_LENGTH,
    TIMELINE_ROW,
)
from core.domain.regimes import REGIME_MODEL
from core.domain.spreads import SPREAD, SpreadKind, SpreadReason, SpreadState

N_LIVE_SECTIONS = 6
"""The first sections change with every event, and every snapshot carries them."""
N_SHOWN_SECTIONS = 10
"""The next ones change when a sample is taken; what comes after is of no use to a viewer."""

_WORDS: tuple[type[IntEnum], ...] = (
    BookState, BracketState, OrderOrigin, OrderStatus, Outcome, Readiness, Regime, Side, Signal,
    SignalFault, SpreadKind, SpreadReason, SpreadState, StateReason, TradingState, VenueState,
)  # fmt: skip


class Section(NamedTuple):
    """One array of the state."""

    name: str
    dtype: np.dtype[np.void]
    rows: int

    @property
    def nbytes(self) -> int:
        """Bytes it takes."""
        return self.dtype.itemsize * self.rows


def layout(n_instruments: int) -> tuple[Section, ...]:
    """
    Sections of a state, in the order of their bytes, without gaps.

    `history` is a ring; `timeline` holds a ring for each instrument, one after another.
    """
    return (
        Section("account", ACCOUNT, 1),
        Section("params", PARAMS, 1),
        Section("instruments", INSTRUMENT_STATE, n_instruments),
        Section("orders", ORDER, MAX_ORDERS),
        Section("spreads", SPREAD, MAX_SPREADS),
        Section("brackets", BRACKET, MAX_BRACKETS),
        Section("history", HISTORY_ROW, HISTORY_LENGTH),
        Section("timeline", TIMELINE_ROW, TIMELINE_LENGTH * n_instruments),
        Section("edges", EDGE_MODEL, n_instruments),
        Section("examples", OUTCOME_EXAMPLES, n_instruments),
        Section("filters", KALMAN_FILTER, n_instruments),
        Section("regimes", REGIME_MODEL, n_instruments),
        Section("detectors", CHANGE_DETECTOR, n_instruments),
        Section("channels", CHANNEL_STATE, N_CHANNELS),
    )


@lru_cache(maxsize=1)
def layout_hash() -> str:
    """Fingerprint of what the bytes mean: two builds that differ must not read each other."""
    digest = hashlib.blake2b(digest_size=8)
    for section in layout(1):
        digest.update(f"{section.name} {section.rows} {section.dtype.descr}".encode())
    for words in _WORDS:
        digest.update(f"{words.__name__} {[(w.name, w.value) for w in words]}".encode())
    return digest.hexdigest()
