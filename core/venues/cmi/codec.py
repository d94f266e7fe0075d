"""Bytes of the CMI exchange to its messages, in both shapes of a book, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple, TypeVar

import msgspec

from core.domain.errors import DecodeError
from core.domain.events import Level
from core.venues.cmi import messages as wire
from core.venues.common.grid import MAX_UNITS, Grid

_T = TypeVar("_T")

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:?00)?", re.ASCII)
_NS = 1_000_000_000
_MAX_COMPLAINT_CHARS = 300
_MAX_VOLUME = 10**12

encode = msgspec.json.Encoder(decimal_format="number").encode
"""Write a message. Decimals become JSON numbers with the digits that they have."""

_stream_book = msgspec.json.Decoder(wire.StreamBook)
_whole_stream_book = msgspec.json.Decoder(wire.WholeStreamBook)
_rest_book = msgspec.json.Decoder(wire.RestBook)
_trades = msgspec.json.Decoder(list[wire.TradeRow] | wire.TradeRow)
_orders = msgspec.json.Decoder(list[wire.OrderRow])
_answer = msgspec.json.Decoder(wire.OrderAnswer)
_positions = msgspec.json.Decoder(list[wire.PositionRow])
_products = msgspec.json.Decoder(list[wire.ProductRow])
_status = msgspec.json.Decoder(wire.Status)
_complaint = msgspec.json.Decoder(wire.Complaint)


class Depth(NamedTuple):
    """One product's book, whichever way it came; own volume is taken out."""

    symbol: str
    bids: list[Level]
    asks: list[Level]
    """Best first."""


def decode_stream_book(data: bytes, grids: dict[str, Grid]) -> Depth:
    """
    Read an `order` event.

    Args:
        data: Its data.
        grids: Of our products, by symbol.

    Raises:
        DecodeError: If it is no book, or not of a product of ours, or off its grid.
    """
    whole = _whole_book(data, grids)
    if whole is not None:
        return whole
    book = _decode(_stream_book, data, "book of the stream")
    grid = _grid(grids, book.productsymbol)
    return Depth(
        book.productsymbol,
        _side(
            grid,
            ((p, v.marketVolume, v.userVolume) for p, v in book.buyOrders.items()),
            is_bid=True,
        ),
        _side(
            grid,
            ((p, v.marketVolume, v.userVolume) for p, v in book.sellOrders.items()),
            is_bid=False,
        ),
    )


def decode_rest_book(data: bytes, grids: dict[str, Grid]) -> Depth:
    """Read a polled book; as `decode_stream_book`."""
    book = _decode(_rest_book, data, "polled book")
    grid = _grid(grids, book.product)
    return Depth(
        book.product,
        _side(grid, ((plain(v.price), v.volume, v.userOrderVolume) for v in book.buy), is_bid=True),
        _side(
            grid, ((plain(v.price), v.volume, v.userOrderVolume) for v in book.sell), is_bid=False
        ),
    )


def decode_trades(data: bytes) -> list[wire.TradeRow]:
    """Read trades: a list, or a single one as some servers send it."""
    rows = _decode(_trades, data, "trades")
    return rows if isinstance(rows, list) else [rows]


def decode_orders(data: bytes) -> list[wire.OrderRow]:
    """Read the account's open orders."""
    return _decode(_orders, data, "open orders")


def decode_answer(data: bytes) -> wire.OrderAnswer:
    """Read the answer to a new order."""
    return _decode(_answer, data, "answer to an order")


def decode_positions(data: bytes) -> list[wire.PositionRow]:
    """Read what the account holds."""
    return _decode(_positions, data, "positions")


def decode_products(data: bytes) -> list[wire.ProductRow]:
    """Read the products."""
    return _decode(_products, data, "products")


def decode_status(data: bytes) -> wire.Status:
    """Read how the exchange is."""
    return _decode(_status, data, "status")


def complaint_of(data: bytes) -> str:
    """What an answer that is not 2xx says: its message, or else its text on one line."""
    try:
        text = _complaint.decode(data).message
    except (ValueError, RecursionError):
        text = data[: 4 * _MAX_COMPLAINT_CHARS].decode(errors="replace")
    return " ".join(text.split())[:_MAX_COMPLAINT_CHARS]


def time_ns(text: str) -> int:
    """
    Nanoseconds UTC of a timestamp such as `2025-11-21T10:40:42.438180497Z`.

    Raises:
        DecodeError: If it is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise DecodeError("CMI", f"{text[:40]!r} is not a time such as 2025-11-21T10:40:42.438Z")
    whole, fraction = found.groups()
    try:
        seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise DecodeError("CMI", f"{text[:40]!r}: {error}") from error
    return seconds * _NS + int((fraction or "0").ljust(9, "0"))


def time_text(ts_ns: int) -> str:
    """Write a time as the exchange does, to the nanosecond."""
    seconds, rest_ns = divmod(ts_ns, _NS)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns:09d}Z"


def plain(value: Decimal) -> str:
    """Text of a number without an exponent and without needless zeros, as `Grid` reads it."""
    if not value.is_finite() or not -_MAX_VOLUME < value < _MAX_VOLUME:
        raise DecodeError("CMI", f"{str(value)[:40]} is no price and no volume")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole_book(data: bytes, grids: dict[str, Grid]) -> Depth | None:
    """Read a book of whole volumes; None if it is another one, or none at all."""
    try:
        book = _whole_stream_book.decode(data)
    except (ValueError, RecursionError):
        return None
    grid = grids.get(book.productsymbol)
    if grid is None or grid.instrument.lot_size != 1 or len(data) > wire.MAX_MESSAGE_BYTES:
        return None
    ticks_of = grid.ticks
    bids = [(ticks_of(p), v.marketVolume - v.userVolume) for p, v in book.buyOrders.items()]
    asks = [(ticks_of(p), v.marketVolume - v.userVolume) for p, v in book.sellOrders.items()]
    least = min(map(_lots_of, (*bids, *asks)), default=1)
    if least < 0:
        return None
    if least == 0:
        # Levels that are all ours.
        bids = [level for level in bids if level[1]]
        asks = [level for level in asks if level[1]]
    bids.sort(reverse=True)
    asks.sort()
    return Depth(book.productsymbol, bids, asks)


_lots_of = itemgetter(1)


def _side(
    grid: Grid, levels: Iterable[tuple[str, wire.Volume, wire.Volume]], *, is_bid: bool
) -> list[Level]:
    shown: list[Level] = []
    ticks_of, is_whole = grid.ticks, grid.instrument.lot_size == 1
    for price, total, own in levels:
        if is_whole and type(total) is int and type(own) is int:
            lots = total - own
            if not 0 <= lots <= MAX_UNITS or own < 0:
                raise _impossible(grid, price)
        else:
            lots = _lots(grid, total) - _lots(grid, own)
            if lots < 0:
                raise _impossible(grid, price)
        if lots:
            shown.append((ticks_of(price), lots))
    shown.sort(reverse=is_bid)
    return shown


def _impossible(grid: Grid, price: str) -> DecodeError:
    text = f"the volumes at {price[:40]} cannot be: ours has to be a part of the whole"
    return DecodeError(grid.instrument.symbol, text)


def _lots(grid: Grid, volume: wire.Volume) -> int:
    """Lots of a volume that is an int, a float that means one, or left out."""
    if not volume:
        return 0
    if isinstance(volume, float) and not volume.is_integer():
        return grid.lots(plain(Decimal(repr(volume))))
    return grid.lots(str(int(volume)))


def _grid(grids: dict[str, Grid], symbol: str) -> Grid:
    grid = grids.get(symbol)
    if grid is None:
        raise DecodeError("CMI", f"a book of {symbol[:40]!r}, which is not one of ours")
    return grid


def _decode(decoder: msgspec.json.Decoder[_T], data: bytes, what: str) -> _T:
    if len(data) > wire.MAX_MESSAGE_BYTES:
        raise DecodeError("CMI", f"{what}: {len(data)} bytes exceed {wire.MAX_MESSAGE_BYTES}")
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as error:
        raise DecodeError("CMI", f"{what}: {error}{_instead(data)}") from error


def _instead(data: bytes) -> str:
    """Say so where a page for people came instead of data."""
    return " (a web page came instead)" if data.lstrip()[:1] == b"<" else ""
