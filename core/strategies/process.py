"""
A Python strategy in a process of its own: `python -m core.strategies.process FD`.

It answers each frame with what it wants. Nothing it does can touch the engine's loop: it
may hang, leak or die, and the engine sees that no answer comes.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from core.domain.errors import FatalError
from core.domain.events import EventRow
from core.strategies.context import LiveOrder
from core.strategies.frames import LENGTH, Answer, Frame, Ready, Setup
from core.strategies.handlers import HandlerSession
from core.strategies.limits import CallLimit, limited_memory
from core.strategies.prints import printing_to
from core.strategies.python_class import load_class, refuse_trader


class Mirror:
    """The account and the books as the newest frames told them."""

    def __init__(self, instruments: int) -> None:
        self._frame = Frame(0, 0, [0] * instruments, [], {}, [], [])
        self._books: dict[int, list[list[int]]] = {}

    def take(self, frame: Frame) -> None:
        """Be as a frame says."""
        self._frame = frame
        self._books.update(frame.books)

    def ts_ns(self) -> int:
        """Time of the newest event."""
        return self._frame.ts_ns

    def position_lots(self, instrument: int) -> int:
        """Signed position."""
        return self._frame.positions[instrument]

    def pnl_nanos(self) -> int:
        """Equity beyond the capital."""
        return self._frame.pnl_nanos

    def levels(self, instrument: int) -> Sequence[Sequence[int]]:
        """Four columns of the newest book."""
        return self._books.get(instrument, [[], [], [], []])

    def orders(self) -> Sequence[LiveOrder]:
        """The strategy's live orders."""
        return self._frame.orders


class Worker:
    """Turns messages into calls and back."""

    def __init__(self, setup: Setup) -> None:
        loaded = load_class(setup.name, [Path(folder) for folder in setup.folders])
        refuse_trader(loaded)
        self._mirror = Mirror(len(setup.instruments))
        self._session = HandlerSession(
            loaded, setup.instruments, self._mirror, CallLimit(0), setup.memory_mb
        )
        self.ready = Ready(list(loaded.handlers), self._session.timer_ns)

    def answer(self, frame: Frame) -> Answer:
        """Tell the strategy, in the order in which things happened as far as that is known."""
        self._mirror.take(frame)
        session = self._session
        wanted: list[EventRow] = []
        try:
            if frame.is_start:
                wanted += session.start()
            for fill in frame.fills:
                wanted += session.on_fill(*fill)
            for number in frame.books:
                wanted += session.on_book(number)
            for trade in frame.trades:
                wanted += session.on_trade(*trade)
            if frame.is_timer:
                wanted += session.on_timer(frame.ts_ns)
        except FatalError as fault:
            return Answer([], str(fault))
        return Answer([bytes(row) for row in wanted])


def serve(line: socket.socket) -> None:
    """Answer until the line is closed."""
    with line, line.makefile("rwb") as stream, ExitStack() as limits:

        def read() -> bytes:
            head = stream.read(LENGTH.size)
            return stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""

        def write(message: Ready | Answer) -> None:
            body = msgspec.msgpack.encode(message)
            stream.write(LENGTH.pack(len(body)) + body)
            stream.flush()

        setup = msgspec.msgpack.decode(read(), type=Setup)
        limits.enter_context(limited_memory(setup.memory_mb))
        limits.enter_context(printing_to(None))
        try:
            worker = Worker(setup)
        except FatalError as error:
            write(Ready([], 0, str(error)))
            return
        write(worker.ready)
        decoder = msgspec.msgpack.Decoder(Frame)
        while body := read():
            write(worker.answer(decoder.decode(body)))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
