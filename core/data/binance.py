"""
Binance's recorded streams: lines of `<receive time in ns> <JSON>`.

A book is the depth snapshot, kept up by the diffs that follow it (`U` to `u`, chained by
`pu` on futures) and by the best level that `bookTicker` tells sooner. What comes before
the snapshot, and between a gap and the next snapshot, builds nothing. A BOOK event is
made where the ten best levels of a side have changed. Tick and lot sizes are the finest
decimals that occur.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
import numpy as np

from core.data.dataset import DataSet, SourceFile
from core.data.depth import DepthBook
from core.data.files import Content
from core.data.grid import MAX_VALUE, find_grid
from core.domain.errors import ConfigurationError, DataError
from core.domain.events import EventRow, book, load, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.settings.instruments import load_instruments

_NS_PER_MS = 1_000_000
_MAX_NS = 2**63 - 1

_Pair = tuple[float, float]


class _Payload(msgspec.Struct):
    """What depthUpdate, bookTicker and trade say, by Binance's own one-letter names."""

    s: str
    E: Annotated[int, msgspec.Meta(ge=0, le=_MAX_NS // _NS_PER_MS)] = 0
    U: int = 0
    u: int = 0
    pu: int | None = None
    b: list[_Pair] | float = []
    a: list[_Pair] | float = []
    B: float = 0.0
    A: float = 0.0
    p: float = 0.0
    q: float = 0.0
    m: bool = False


class _Message(msgspec.Struct):
    """One line: a message of a stream, or a depth snapshot without a stream's name."""

    stream: str = ""
    data: _Payload | None = None
    lastUpdateId: int = 0  # noqa: N815  the venue's own name
    bids: list[_Pair] = []
    asks: list[_Pair] = []


_DECODER = msgspec.json.Decoder(_Message, strict=False)

_Line = tuple[int, _Message]


@dataclass(slots=True)
class _Recording:
    """The decoded lines of one file."""

    content: Content
    lines: list[_Line]
    rows: int
    skipped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)

    @property
    def source(self) -> SourceFile:
        return SourceFile(
            self.content.path,
            self.content.sha256,
            self.rows,
            dict(self.skipped),
            dict(self.repaired),
        )


def is_binance(first_line: str) -> bool:
    """Tell a recorded stream by its first line."""
    stamp_text, _, payload = first_line.partition(" ")
    return stamp_text.isdigit() and payload.startswith("{")


def load_binance(contents: Sequence[Content]) -> DataSet:
    """
    Load recorded streams, one instrument a file or several files of one in turn.

    Raises:
        DataError: If a file holds no snapshot, no usable message or several symbols.
    """
    by_symbol: dict[str, list[_Recording]] = {}
    for content in contents:
        recording = _decode(content)
        by_symbol.setdefault(_symbol_of(recording), []).append(recording)
    instruments, rows, recordings = [], [], []
    first_quotes: dict[str, int] = {}
    for index, (symbol, parts) in enumerate(sorted(by_symbol.items())):
        parts.sort(key=lambda recording: recording.lines[0][0])
        instrument = _instrument(symbol, parts)
        instruments.append(instrument)
        first_quotes[symbol] = _first_quote_ns(parts[0])
        for recording in parts:
            rows += _Reader(index, instrument, recording).read()
        recordings += parts
    if not rows:
        raise DataError(contents[0].path, "has no usable message")
    events = load(rows)
    events = events[np.argsort(events["ts_ns"], kind="stable")]
    sources = tuple(part.source for part in recordings)
    return DataSet(tuple(instruments), "binance", events, sources, first_quotes)


def _first_quote_ns(recording: _Recording) -> int:
    """When the first best level came, be it in a ticker or a snapshot."""
    return next(
        ts_ns
        for ts_ns, message in recording.lines
        if message.data is None or isinstance(message.data.b, float)
    )


def _decode(content: Content) -> _Recording:
    recording = _Recording(content, [], 0, skipped=Counter(content.lost))
    last_ns = 0
    for line in content.text.splitlines():
        recording.rows += 1
        received, _, payload = line.partition(b" ")
        try:
            ts_ns = int(received)
            message = _DECODER.decode(payload)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            recording.skipped["not a stream message"] += 1
            continue
        is_empty = message.data is None and not message.lastUpdateId
        if is_empty or not 0 <= ts_ns <= _MAX_NS:
            recording.skipped["not a stream message"] += 1
            continue
        if ts_ns < last_ns:
            recording.repaired["clock went back, held"] += 1
        last_ns = max(last_ns, ts_ns)
        recording.lines.append((last_ns, message))
    if not any(message.data is None for _, message in recording.lines):
        raise DataError(content.path, "has no depth snapshot, so no book can be built from it")
    return recording


def _symbol_of(recording: _Recording) -> str:
    payloads = [message.data for _, message in recording.lines if message.data is not None]
    symbols = {payload.s for payload in payloads}
    if len(symbols) != 1:
        names = ", ".join(sorted(symbols)) or "none"
        raise DataError(
            recording.content.path, f"has to hold one symbol, but holds {len(symbols)}: {names}"
        )
    is_perpetual = any(payload.pu is not None for payload in payloads)
    return symbols.pop() + ("-PERP" if is_perpetual else "")


def _instrument(symbol: str, recordings: Sequence[_Recording]) -> Instrument:
    """Tick and lot sizes from the decimals seen; fees and limits from the known products."""
    prices: list[float] = []
    sizes: list[float] = []
    for recording in recordings:
        for _, message in recording.lines:
            for levels in _all_levels(message):
                for price, size in levels:
                    prices.append(price)
                    sizes.append(size)
    known = {entry.symbol: entry.to_instrument() for entry in load_instruments("binance")}
    terms = known.get(symbol)
    try:
        return Instrument(
            symbol=Symbol(symbol),
            tick_size=find_grid(np.array(prices)),
            lot_size=find_grid(np.array(sizes)),
            position_limit_lots=terms.position_limit_lots if terms else 0,
            maker_fee_bps=terms.maker_fee_bps if terms else 0.0,
            taker_fee_bps=terms.taker_fee_bps if terms else 0.0,
        )
    except ConfigurationError as error:
        raise DataError(
            recordings[0].content.path, f"has decimals too fine to count money in: {error}"
        ) from error


def _all_levels(message: _Message) -> tuple[list[_Pair], ...]:
    payload = message.data
    if payload is None:
        return message.bids, message.asks
    if isinstance(payload.b, list) and isinstance(payload.a, list):
        return payload.b, payload.a, [(payload.p, payload.q)]
    return ()


class _Reader:
    """Follows one recording and writes its events."""

    def __init__(self, index: int, instrument: Instrument, recording: _Recording) -> None:
        self._index = index
        self._per_tick = float(1 / instrument.tick_size)
        self._per_lot = float(1 / instrument.lot_size)
        self._recording = recording
        self._book = DepthBook()
        self._update_id = 0
        self._is_synced = False
        self._is_first_diff = False
        self._ticker_id = 0
        self._waiting: list[_Payload] = []
        self._rows: list[EventRow] = []

    def read(self) -> list[EventRow]:
        """Make the events of the whole recording, stamped with their time of receipt."""
        for ts_ns, message in self._recording.lines:
            row = self._snapshot(message) if message.data is None else self._update(message.data)
            if row is not None:
                stamp(row, 0, ts_ns)
                self._rows.append(row)
        return self._rows

    def _snapshot(self, message: _Message) -> EventRow | None:
        """Start from a snapshot, and catch up with the diffs that came before it."""
        self._book.clear()
        self._set_levels(1, message.bids)
        self._set_levels(-1, message.asks)
        self._update_id = message.lastUpdateId
        self._is_synced = self._is_first_diff = True
        waiting, self._waiting = self._waiting, []
        for payload in waiting:
            if payload.u > self._update_id and self._is_synced:
                self._apply(payload)
        return self._changed_book(0)

    def _update(self, payload: _Payload) -> EventRow | None:
        exch_ts_ns = payload.E * _NS_PER_MS
        if payload.p:
            return self._trade(payload, exch_ts_ns)
        is_diff = isinstance(payload.b, list)
        if not self._is_synced:
            if is_diff:
                self._waiting.append(payload)
            self._recording.skipped["no snapshot yet"] += 1
            return None
        if not is_diff:
            return self._ticker(payload, exch_ts_ns)
        if payload.u <= self._update_id:
            self._recording.skipped["older than the book"] += 1
            return None
        self._apply(payload)
        return self._changed_book(exch_ts_ns)

    def _apply(self, payload: _Payload) -> None:
        """Bring the book forward by one diff, or give it up where the diff does not follow."""
        if not self._follows(payload):
            self._recording.skipped["gap in the update ids"] += 1
            self._is_synced = False
            self._waiting = [payload]
            self._book.clear()
            return
        self._is_first_diff = False
        self._update_id = payload.u
        best = self._book.best() if self._ticker_id > payload.u else None
        if isinstance(payload.b, list) and isinstance(payload.a, list):
            self._set_levels(1, payload.b)
            self._set_levels(-1, payload.a)
        if best is not None:
            # The ticker was ahead of this diff, and still is.
            self._book.set_best(*best)

    def _follows(self, payload: _Payload) -> bool:
        if payload.pu is None:
            return self._update_id + 1 >= payload.U
        # Ids of futures have holes, so only the chain tells; the snapshot may cut a link.
        return payload.pu == self._update_id or (
            self._is_first_diff and payload.pu < self._update_id
        )

    def _ticker(self, payload: _Payload, exch_ts_ns: int) -> EventRow | None:
        if payload.u <= max(self._ticker_id, self._update_id):
            self._recording.skipped["older than the book"] += 1
            return None
        if not isinstance(payload.b, float) or not isinstance(payload.a, float):
            self._recording.skipped["not a stream message"] += 1
            return None
        bid = self._whole(payload.b, payload.B)
        ask = self._whole(payload.a, payload.A)
        if bid is None or ask is None or bid[0] >= ask[0]:
            self._recording.skipped["price or size impossible"] += 1
            return None
        self._ticker_id = payload.u
        self._book.set_best(bid, ask)
        return self._changed_book(exch_ts_ns)

    def _trade(self, payload: _Payload, exch_ts_ns: int) -> EventRow | None:
        level = self._whole(payload.p, payload.q)
        if level is None or level[1] == 0:
            self._recording.skipped["price or size impossible"] += 1
            return None
        # `m`: the buyer was the maker, so the seller attacked.
        return trade(self._index, *level, -1 if payload.m else 1, exch_ts_ns)

    def _set_levels(self, side: int, levels: list[_Pair]) -> None:
        for price, size in levels:
            level = self._whole(price, size)
            if level is None:
                self._recording.repaired["level left out, price or size impossible"] += 1
            else:
                self._book.set_level(side, *level)

    def _whole(self, price: float, size: float) -> tuple[int, int] | None:
        """Ticks and lots, or None for numbers that no order can have."""
        if not (0 < price < MAX_VALUE and 0 <= size < MAX_VALUE):
            return None
        return round(price * self._per_tick), round(size * self._per_lot)

    def _changed_book(self, exch_ts_ns: int) -> EventRow | None:
        top = self._book.take_changed_top()
        return None if top is None else book(self._index, *top, exch_ts_ns)
