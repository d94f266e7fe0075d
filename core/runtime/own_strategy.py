"""
A Python strategy beside a live engine, in a process of its own.

News is gathered while it thinks: the newest book of each product counts, trades are kept
up to a number and counted beyond it, fills and timers are never lost. What it wants
enters the engine as commands, journaled before they count. One that raises, dies or gives
no answer in time halts the engine.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from core.domain import events
from core.domain.enums import CommandKind, EventKind, StateReason
from core.domain.events import EVENT, HEADER_BYTES, NO_INSTRUMENT, OWN, EventRow
from core.domain.instrument import Instrument
from core.runtime.engine import Engine, IntentTuple
from core.runtime.reporter import Reporter
from core.strategies.frames import LENGTH, Answer, Frame, Ready, Setup
from core.strategies.kernel_view import KernelView
from core.strategies.limits import START_S

_MOST_TRADES = 1_000
"""Kept while it thinks; older ones make room."""

_MAY_BE_LATE_S = 5.0
_KIND = 24
_NAMES = EVENT.names or ()
_PLACES = {name: _NAMES.index(name) for name in _NAMES if 8 * _NAMES.index(name) < HEADER_BYTES}
_ALLOWED = frozenset({CommandKind.PLACE.value, CommandKind.CANCEL.value})

_M = TypeVar("_M", Ready, Answer)


class _Ended(Exception):
    """The strategy cannot go on; the sentence says why."""


@dataclass(frozen=True, slots=True)
class OwnStrategyOptions:
    """Which strategy, and what it may take."""

    name: str
    folders: Sequence[str]
    timeout_s: float
    memory_mb: int


class OwnStrategyDesk:
    """
    Tells a strategy what happens, and the engine what it wants.

    Implements `Observer`. `run` is a part of the engine's life.
    """

    def __init__(
        self,
        options: OwnStrategyOptions,
        engine: Engine,
        reporter: Reporter,
        instruments: Sequence[Instrument],
    ) -> None:
        self.lost_trades = 0
        """Trades that were not told because it thought for too long."""
        self._options = options
        self._engine = engine
        self._reporter = reporter
        self._instruments = tuple(instruments)
        self._view = KernelView(engine.state)
        self._news = asyncio.Event()
        self._books: set[int] = set()
        self._trades: list[tuple[int, int, int, int]] = []
        self._fills: list[tuple[int, int, int, int, int]] = []
        self._timer_ns = 0
        self._next_timer_ns = 0
        self._is_timer = False
        self._handlers: frozenset[str] = frozenset()

    def on_applied(self, row: EventRow, intents: Sequence[IntentTuple]) -> None:
        """Gather news."""
        del intents
        kind = row[_KIND]
        if kind == EventKind.BOOK:
            self._books.add(_field(row, "instrument"))
            if "on_book" not in self._handlers:
                return
        elif kind == EventKind.FILL:
            number, order_id, side, price, lots = (
                _field(row, name)
                for name in ("instrument", "order_id", "side", "price_ticks", "lots")
            )
            self._fills.append((number, order_id, side, price, lots))
        elif kind == EventKind.TRADE and "on_trade" in self._handlers:
            number, price, lots, side = (
                _field(row, name) for name in ("instrument", "price_ticks", "lots", "side")
            )
            self._trades.append((number, price, lots, side))
            if len(self._trades) > _MOST_TRADES:
                del self._trades[0]
                self.lost_trades += 1
        elif not self._is_timer_due():
            return
        self._news.set()

    def _is_timer_due(self) -> bool:
        if "on_timer" not in self._handlers:
            return False
        now_ns = self._view.ts_ns()
        if now_ns < self._next_timer_ns:
            return False
        self._next_timer_ns = (now_ns // self._timer_ns + 1) * self._timer_ns
        self._is_timer = True
        return True

    async def run(self) -> None:
        """Keep the strategy told until it fails; then halt, and stay, for orders may rest."""
        try:
            await self._live()
        except _Ended as reason:
            self._reporter.say("engine", "alarm", f"your own strategy failed: {reason}")
            self._engine.put(events.command(CommandKind.HALT, key=StateReason.STRATEGY_FAILED))
            self._engine.flush()
        await asyncio.Event().wait()

    async def _live(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "core.strategies.process", str(theirs.fileno()),
                pass_fds=[theirs.fileno()], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()
            await _end(process)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        options = self._options
        setup = Setup(
            options.name, list(options.folders), list(self._instruments), options.memory_mb
        )
        ready = await self._ask(reader, writer, setup, Ready, START_S)
        self._handlers = frozenset(ready.handlers)
        self._timer_ns = ready.timer_ns
        self._reporter.say(
            "engine", "info", f"your own strategy {options.name} began: {', '.join(ready.handlers)}"
        )
        seen = self._engine.state.instruments["book_ts_ns"]
        self._books.update(n for n in range(len(self._instruments)) if seen[n])
        is_start = True
        while True:
            frame = self._frame(is_start=is_start)
            is_start = False
            answer = await self._ask(reader, writer, frame, Answer, options.timeout_s)
            self._apply(answer.wanted)
            await self._news.wait()

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        message: Setup | Frame,
        expected: type[_M],
        limit_s: float,
    ) -> _M:
        """
        Send a message and wait for its answer.

        Raises:
            _Ended: If none comes in time, or it says that the strategy failed.
        """
        body = msgspec.msgpack.encode(message)
        writer.write(LENGTH.pack(len(body)) + body)
        try:
            async with asyncio.timeout(limit_s):
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                answer = msgspec.msgpack.decode(await reader.readexactly(length), type=expected)
        except TimeoutError as error:
            raise _Ended(f"{self._options.name} gave no answer within {limit_s:g} s") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise _Ended(f"the process of {self._options.name} ended") from error
        except msgspec.DecodeError as error:
            raise _Ended(f"{self._options.name} answered what cannot be read: {error}") from error
        if answer.fault:
            raise _Ended(answer.fault)
        return answer

    def _frame(self, *, is_start: bool) -> Frame:
        """Take the news."""
        self._news.clear()
        view = self._view
        frame = Frame(
            ts_ns=view.ts_ns(),
            pnl_nanos=view.pnl_nanos(),
            positions=[view.position_lots(n) for n in range(len(self._instruments))],
            orders=list(view.orders()),
            books={n: [list(column) for column in view.levels(n)] for n in sorted(self._books)},
            trades=self._trades,
            fills=self._fills,
            is_start=is_start,
            is_timer=self._is_timer,
        )
        self._books, self._trades, self._fills, self._is_timer = set(), [], [], False
        return frame

    def _apply(self, wanted: Sequence[bytes]) -> None:
        """Put what it wants into the engine, where the gate judges it."""
        for bytes_wanted in wanted:
            row = bytearray(bytes_wanted)
            if len(row) != HEADER_BYTES or not self._is_allowed(row):
                raise _Ended(f"{self._options.name} asked for what no strategy may ask for")
            self._engine.put(row)
        if wanted:
            self._engine.flush()

    def _is_allowed(self, row: EventRow) -> bool:
        """Orders and cancels of a product that is traded, marked as the strategy's own."""
        is_command = row[_KIND] == EventKind.COMMAND and _field(row, "code") in _ALLOWED
        number = _field(row, "instrument")
        is_ours = bool(_field(row, "key") & OWN)
        return is_command and is_ours and NO_INSTRUMENT < number < len(self._instruments)


def _field(row: EventRow, name: str) -> int:
    at = 8 * _PLACES[name]
    return int.from_bytes(row[at : at + 8], "little", signed=True)


async def _end(process: Process) -> None:
    """Kill it: a strategy has nothing to put in order."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    with suppress(TimeoutError):
        async with asyncio.timeout(_MAY_BE_LATE_S):
            await process.wait()
