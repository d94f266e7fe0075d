"""What an engine and a strategy in a process of its own tell each other, as msgpack."""

from __future__ import annotations

import struct

import msgspec

from core.domain.instrument import Instrument
from core.strategies.context import LiveOrder

LENGTH = struct.Struct("<I")
"""Before each message: its length in bytes."""


class Setup(msgspec.Struct, array_like=True, frozen=True):
    """The first message to a strategy: which one it is, and what it may trade."""

    name: str
    folders: list[str]
    instruments: list[Instrument]
    memory_mb: int


class Ready(msgspec.Struct, array_like=True, frozen=True):
    """Its answer: what it wants to be told of, or why it cannot begin."""

    handlers: list[str]
    timer_ns: int
    fault: str = ""


class Frame(msgspec.Struct, array_like=True):
    """News for a strategy, with the account as it stands."""

    ts_ns: int
    pnl_nanos: int
    positions: list[int]
    orders: list[LiveOrder]
    books: dict[int, list[list[int]]]
    """By instrument that has a new one: bid prices and sizes, ask prices and sizes."""
    trades: list[tuple[int, int, int, int]]
    """Instrument, price, lots, side."""
    fills: list[tuple[int, int, int, int, int]]
    """Instrument, order, side, price, lots."""
    is_start: bool = False
    is_timer: bool = False


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What a strategy wants after a frame, as COMMAND events, or why it cannot go on."""

    wanted: list[bytes]
    fault: str = ""
