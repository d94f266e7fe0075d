"""What a study found: one report, as values. Text, JSON and page are made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from core.models.refusal import Refusal
from core.research.findings import PairFound, RegimesFound
from core.research.imbalance import ObiFound
from core.research.lead_lag import LeadLag
from core.research.order_flow import OfiFound
from core.research.predictive import Prediction


@dataclass(frozen=True, slots=True)
class BooksFound:
    """What was recorded of one instrument."""

    good: int
    bad: int
    """Crossed, one-sided, empty or impossible."""
    states: int
    """Good books whose best levels differ from those before."""
    span_s: float
    """From the first good book to the last."""
    mean_gap_s: float | None
    """Between good books; None of fewer than two."""


@dataclass(frozen=True, slots=True)
class MarketFound:
    """What it costs to trade one instrument, and how it moves."""

    mean_spread_ticks: float
    median_spread_ticks: float
    mean_spread_bps: float
    taker_fee_ticks: float
    """Of one lot at the mean mid."""
    volatility_ticks: float | None
    """Deviation of the mid's change over one second; None of less than two seconds."""
    volatility_bps: float | None


@dataclass(frozen=True, slots=True)
class InstrumentReport:
    """All that was found of one instrument; a Refusal says why a part is missing."""

    symbol: str
    books: BooksFound
    market: MarketFound | Refusal
    signals: Prediction | Refusal
    obi: ObiFound | Refusal
    ofi: OfiFound | Refusal
    regimes: RegimesFound | Refusal


@dataclass(frozen=True, slots=True)
class SourceRead:
    """One file of the recording."""

    path: str
    sha256: str
    rows: int
    skipped: dict[str, int]
    repaired: dict[str, int]


@dataclass(frozen=True, slots=True)
class ResearchReport:
    """What a recorded market holds for a strategy."""

    profile: str
    events: int
    sources: tuple[SourceRead, ...]
    instruments: tuple[InstrumentReport, ...]
    pairs: tuple[PairFound, ...] | Refusal
    city: tuple[LeadLag, ...] | Refusal
    """Each series of a city with each instrument."""
    findings: tuple[str, ...]
    """The same in plain sentences, one for each thing worth knowing."""


def to_dict(report: ResearchReport) -> dict[str, Any]:
    """
    Make the JSON document of a report: str, int, float, bool, None, dict and list only.

    `instruments` is keyed by symbol and `signals` by name; a part that could not be made
    is `{"refused": reason}`, and a number that does not exist is None.
    """
    document: dict[str, Any] = _plain(report)
    for instrument in document["instruments"]:
        prediction = instrument["signals"]
        if "signals" in prediction:
            signals = {signal.pop("name"): signal for signal in prediction.pop("signals")}
            instrument["signals"] = signals
            instrument["prediction"] = prediction
    document["instruments"] = {
        instrument.pop("symbol"): instrument for instrument in document["instruments"]
    }
    return document


def _plain(value: Any) -> Any:
    if isinstance(value, Refusal):
        return {"refused": value.reason}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.value if isinstance(value, Enum) else value
