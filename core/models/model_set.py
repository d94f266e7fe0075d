"""Fitted models as numbers: what a worker hands back, a file holds and the kernel takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from core.domain.enums import ModelKind
from core.domain.events import EventRow, model_updated
from core.domain.instrument import Instrument


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
    instruments: tuple[str, ...]
    """Symbols; of a spread the target first, then the other legs."""
    values: tuple[float, ...]
    """In the order in which the kernel reads them; of a spread, behind its legs."""
    text: str = ""
    """What was found, in a line for people."""


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that could not be fitted, and why."""

    kind: Kind
    instruments: tuple[str, ...]
    reason: str


class ModelSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything one fit has found."""

    bar_ms: int
    """Length of the bars it was fitted on, and holds for."""
    bars: int
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


def model_events(
    models: ModelSet, instruments: Sequence[Instrument], first_spread: int = 0
) -> list[EventRow]:
    """
    Make the model updates of a fit.

    Models of an instrument that is not traded here are left out, and so are spreads with
    such a leg.

    Args:
        models: What was found.
        instruments: What is traded; their order is the index.
        first_spread: Row of the first spread; the ones before belong to somebody else.
    """
    places = {str(instrument.symbol): index for index, instrument in enumerate(instruments)}
    rows: list[EventRow] = []
    key = first_spread
    for model in models.models:
        if not set(model.instruments) <= places.keys():
            continue
        if model.kind in _MODEL_KINDS:
            rows.append(
                model_updated(
                    _MODEL_KINDS[model.kind],
                    model.values,
                    instrument=places[model.instruments[0]],
                    key=models.version,
                )
            )
        else:
            legs = [float(places[symbol]) for symbol in model.instruments]
            rows.append(model_updated(ModelKind.SPREAD, spread_numbers(legs, model), key=key))
            key += 1
    return rows
