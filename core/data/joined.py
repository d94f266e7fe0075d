"""Pieces of a recording with instruments of their own, as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.data.dataset import DataSet, SourceFile
from core.domain.errors import ConfigurationError, DataError
from core.domain.events import NO_INSTRUMENT
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows, as_records

_PRICES = ("price_ticks", "bid_ticks", "ask_ticks")
_SIZES = ("lots", "leaves_lots", "bid_lots", "ask_lots")


@dataclass(frozen=True, slots=True)
class Renumbering:
    """What turns a piece's instruments into those of the whole: by index, from the piece's."""

    index: IntArray
    price_factor: IntArray
    """Ticks of the whole in one of the piece."""
    size_factor: IntArray

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        is_same = np.array_equal(self.index, np.arange(len(self.index)))
        return is_same and bool((self.price_factor == 1).all() and (self.size_factor == 1).all())

    def apply(self, events: Rows) -> None:
        """Renumber EVENT rows in place."""
        known = events["instrument"] != NO_INSTRUMENT
        # Row 0 stands in for events of no instrument, which have neither price nor size.
        old = np.where(known, events["instrument"], 0)
        for names, factors in ((_PRICES, self.price_factor), (_SIZES, self.size_factor)):
            if (factors == 1).all():
                continue
            for name in names:
                column = events[name]
                column *= factors[old] if column.ndim == 1 else factors[old][:, None]
        events["instrument"] = np.where(known, self.index[old], NO_INSTRUMENT)


def whole_instruments(pieces: Sequence[Sequence[Instrument]]) -> tuple[Instrument, ...]:
    """Each symbol once, in order, with the finest tick and lot that any piece has."""
    found: dict[str, Instrument] = {}
    for instrument in (each for piece in pieces for each in piece):
        known = found.get(instrument.symbol, instrument)
        found[instrument.symbol] = replace(
            known,
            tick_size=min(known.tick_size, instrument.tick_size),
            lot_size=min(known.lot_size, instrument.lot_size),
            position_limit_lots=int(
                known.position_limit_lots
                * (known.lot_size / min(known.lot_size, instrument.lot_size))
            ),
        )
    return tuple(found[symbol] for symbol in sorted(found))


def renumbering(piece: Sequence[Instrument], whole: Sequence[Instrument]) -> Renumbering:
    """
    Find out how a piece's instruments become those of the whole.

    Raises:
        ValueError: If a tick or lot is no multiple of the whole's.
    """
    index = {instrument.symbol: number for number, instrument in enumerate(whole)}
    places = [index[instrument.symbol] for instrument in piece]
    factors = np.ones((2, max(len(places), 1)), np.int64)
    for number, (instrument, place) in enumerate(zip(piece, places, strict=True)):
        ratios = (
            instrument.tick_size / whole[place].tick_size,
            instrument.lot_size / whole[place].lot_size,
        )
        if any(ratio != ratio.to_integral_value() for ratio in ratios):
            raise ValueError(f"{instrument.symbol}: steps of two files are no multiples")
        factors[:, number] = [int(ratio) for ratio in ratios]
    return Renumbering(np.array(places or [0], np.int64), factors[0], factors[1])


def join(pieces: Sequence[DataSet]) -> DataSet:
    """
    Merge data sets by time; of one time in the order of the pieces.

    Raises:
        DataError: If there is no event, or the instruments cannot be counted together.
    """
    sources = merged_sources(pieces)
    names = ", ".join(str(source.path) for source in sources)
    if not any(piece.length for piece in pieces):
        raise DataError(names or "DATA", "holds no events")
    try:
        instruments = whole_instruments([piece.instruments for piece in pieces])
        for piece in pieces:
            renumbering(piece.instruments, instruments).apply(piece.events)
    except (ValueError, ConfigurationError) as error:
        raise DataError(names, f"cannot be read together: {error}") from error
    if len(pieces) == 1:
        return replace(pieces[0], instruments=instruments, sources=sources)
    events = np.concatenate([piece.events for piece in pieces])
    return DataSet(
        instruments,
        pieces[0].profile,
        as_records(events[np.argsort(events["ts_ns"], kind="stable")]),
        sources,
        first_quotes(pieces),
    )


def first_quotes(pieces: Sequence[DataSet]) -> dict[str, int]:
    """When the first best level of each symbol came, in whichever piece."""
    found: dict[str, int] = {}
    for symbol, ts_ns in (item for piece in pieces for item in piece.first_quote_ts_ns.items()):
        found[symbol] = min(ts_ns, found.get(symbol, ts_ns))
    return found


def merged_sources(pieces: Sequence[DataSet]) -> tuple[SourceFile, ...]:
    """Each file once, however many pieces came from it."""
    found: dict[Path, SourceFile] = {}
    for source in (each for piece in pieces for each in piece.sources):
        other = found.get(source.path)
        found[source.path] = source if other is None else other.and_more(source)
    return tuple(found.values())
