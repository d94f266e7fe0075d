"""Fitted models as numbers: what a worker hands back, a file holds and the kernel takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from core.domain.enums import ModelKind
from core.domain.events import MODEL_VALUES, EventRow, model_updated
from core.domain.instrument import Instrument
from core.domain.records import MAX_SPREADS
from core.domain.spreads import FIRST_LEG_VALUE, MAX_LEGS


class Kind(StrEnum):
    """Names of the models in a file."""

    EDGE = "edge"
    KALMAN = "kalman"
    REGIME = "regime"
    BASKET = "basket"
    PAIR = "pair"
    CHANGE = "change"


_MODEL_KINDS = {
    Kind.EDGE: ModelKind.EDGE,
    Kind.KALMAN: ModelKind.KALMAN,
    Kind.REGIME: ModelKind.REGIME,
    Kind.CHANGE: ModelKind.CHANGE,
}


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One model of one instrument, or of several that make a spread."""

    kind: Kind
    instruments: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MAX_LEGS)]
    """Symbols; of a spread the target first, then the other legs."""
    values: Annotated[tuple[float, ...], msgspec.Meta(max_length=MODEL_VALUES)]
    """
    In the order in which the kernel reads them.

    The legs of a spread are numbered in the order of `instruments`.
    """
    text: str = ""
    """What was found, in a line for people."""


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that could not be fitted, and why."""

    kind: Kind
    instruments: tuple[str, ...]
    reason: str


class ModelSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything one fit has found."""

    bar_ms: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    """Length of the bars it was fitted on, and holds for."""
    bars: Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]
    """Most bars that any instrument had."""
    models: tuple[Model, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def version(self) -> int:
        """Fingerprint of the models, as the kernel and the journal name them; never 0."""
        digest = hashlib.blake2b(msgspec.msgpack.encode((self.bar_ms, self.models)), digest_size=6)
        return int.from_bytes(digest.digest(), "big") or 1

    def symbols(self) -> set[str]:
        """Instruments that any model is of."""
        return {symbol for model in self.models for symbol in model.instruments}


class SpreadRows:
    """Which row of the kernel each spread has: the same for as long as a run lasts."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}

    def row_of(self, symbols: Sequence[str]) -> int | None:
        """Row of the spread with these legs, target first; None if all rows are taken."""
        legs = tuple(symbols)
        if legs not in self._rows and len(self._rows) >= MAX_SPREADS:
            return None
        return self._rows.setdefault(legs, len(self._rows))


def model_events(
    models: ModelSet, instruments: Sequence[Instrument], rows: SpreadRows
) -> list[EventRow]:
    """
    Make the model updates of a fit.

    Models of an instrument that is not traded here are left out, and so are spreads with
    such a leg and those beyond the last row.

    Args:
        models: What was found.
        instruments: What is traded; their order is the index.
        rows: Places of the spreads so far; new ones are added.
    """
    places = {str(instrument.symbol): index for index, instrument in enumerate(instruments)}
    events: list[EventRow] = []
    for model in models.models:
        if not set(model.instruments) <= places.keys():
            continue
        if model.kind in _MODEL_KINDS:
            kind, place = _MODEL_KINDS[model.kind], places[model.instruments[0]]
            events.append(
                model_updated(kind, model.values, instrument=place, version=models.version)
            )
        elif (row := rows.row_of(model.instruments)) is not None:
            numbers = list(model.values)
            legs = [float(places[symbol]) for symbol in model.instruments]
            numbers[FIRST_LEG_VALUE : FIRST_LEG_VALUE + len(legs)] = legs
            events.append(model_updated(ModelKind.SPREAD, numbers, version=models.version, row=row))
    return events
