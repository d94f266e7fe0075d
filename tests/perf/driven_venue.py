"""
A venue that does what a measurement tells it to, in the practice exchange's protocol.

It sends books that provoke orders and notes when an order's bytes come back. An echo
connects to the same server, so that both are measured with the same instrument.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, cast

from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event

from core.exchange import reports
from core.exchange.config import Product
from core.exchange.products import load_products
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, encode

LEVELS = 10
QUIET_HEARTBEAT_S = 60.0
"""Longer than a measurement: a heartbeat would be one more message to explain."""

OVERRIDES = (
    "venue.start_exchange=false",
    "risk.max_orders_per_s=10000",
    "risk.max_requests_per_s=100000",
    "risk.max_repeated_orders=10000",
    "risk.max_idle_fills=100000",
    "venue.dead_man_s=0",
    "strategy.cooldown_ms=0",
    "strategy.min_confidence=0",
    "strategy.min_regime_probability=0",
    "strategy.min_signal=0",
    "strategy.min_change_pct=0",
    "strategy.bar_ms=100",
    "strategy.passive_edge=1",
    "edge.obi=10",
    "edge.microprice=10",
    "models.refit=false",
)
"""Settings under which nearly every book is worth an order. Every check is still made."""

Request = wire.Place | wire.Cancel | wire.Replace


class Line(ServerConnection):
    """A server's end of a connection that hands frames over in the callback they came in."""

    on_frame: Callable[[Line, bytes, int], None]
    received_ns = 0

    def data_received(self, data: bytes) -> None:
        """Note the time first of all."""
        self.received_ns = time.perf_counter_ns()
        super().data_received(data)

    def process_event(self, event: Event) -> None:
        """Take data frames out of the library's way."""
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self.on_frame(self, bytes(event.data), self.received_ns)
        else:
            super().process_event(event)

    def write(self, *frames: bytes) -> int:
        """Send text frames in one write. Returns `perf_counter_ns` just before it."""
        for frame in frames:
            self.protocol.send_text(frame)
        data = b"".join(self.protocol.data_to_send())
        written_ns = time.perf_counter_ns()
        self.transport.write(data)
        return written_ns


class Book:
    """One product's market: random, seeded, and leaning heavily to one side."""

    def __init__(self, product: Product, seed: int) -> None:
        self.product = product
        self.symbol = str(product.instrument.symbol)
        self.seq = 1
        self._random = Random(seed)
        self._mid = int(product.start_price / product.instrument.tick_size)
        self._bids: dict[int, int] = {}
        self._asks: dict[int, int] = {}
        self._draw()

    def snapshot(self) -> wire.Snapshot:
        """The whole book."""
        return wire.Snapshot(
            symbol=self.symbol,
            seq=self.seq,
            ts_ns=time.time_ns(),
            bids=[self._level(*row) for row in self.levels()[0]],
            asks=[self._level(*row) for row in self.levels()[1]],
        )

    def move(self) -> wire.Delta:
        """Let sizes change, and prices now and then."""
        before = {"buy": self._bids, "sell": self._asks}
        if self._random.random() < 0.2:
            self._mid += self._random.choice((-1, 1))
        self._draw(before)
        self.seq += 1
        changes: list[wire.Change] = []
        for side, rows in (("buy", self._bids), ("sell", self._asks)):
            old = before[side]
            gone = [(ticks, 0) for ticks in old if ticks not in rows]
            new = [row for row in rows.items() if old.get(row[0]) != row[1]]
            changes += [(cast("wire.SideText", side), *self._level(*row)) for row in gone + new]
        return wire.Delta(symbol=self.symbol, seq=self.seq, ts_ns=time.time_ns(), changes=changes)

    def levels(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Bids and asks as (ticks, lots), best first."""
        return sorted(self._bids.items(), reverse=True), sorted(self._asks.items())

    def _draw(self, before: dict[str, dict[int, int]] | None = None) -> None:
        random = self._random
        old_bids, old_asks = (before or {}).get("buy", {}), (before or {}).get("sell", {})
        bids = {self._mid - 1 - depth: 40 + 3 * depth for depth in range(LEVELS)}
        asks = {self._mid + 1 + depth: 6 + depth for depth in range(LEVELS)}
        self._bids = {ticks: old_bids.get(ticks, lots) for ticks, lots in bids.items()}
        self._asks = {ticks: old_asks.get(ticks, lots) for ticks, lots in asks.items()}
        for rows, most in ((self._bids, 60), (self._asks, 9)):
            for ticks in random.sample(sorted(rows), 3):
                rows[ticks] = random.randint(most // 2, most)

    def _level(self, ticks: int, lots: int) -> wire.PriceLevel:
        instrument = self.product.instrument
        return f"{instrument.to_price(ticks):f}", f"{instrument.to_quantity(lots):f}"


class DrivenVenue:
    """
    Serves one engine and any number of echoes.

    After `trading` is set, `provoke` measures one book and one order at a time.
    """

    def __init__(self) -> None:
        self.port = 0
        self.books = [
            Book(product, seed) for seed, product in enumerate(load_products("munich-2025"))
        ]
        self.trading = asyncio.Event()
        """An engine has subscribed."""
        self.echoes: dict[str, Line] = {}
        self.echo_joined = asyncio.Event()
        self.on_request: Callable[[Request, int], None] = lambda _request, _ns: None
        self.engine: Line
        self._answer: asyncio.Future[int] | None = None
        self._order_id = 0
        self._by_symbol = {book.symbol: book for book in self.books}
        self._turn = 0

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve on a free port; yields the address for the engine."""

        def make(*arguments: Any, **options: Any) -> Line:
            line = Line(*arguments, **options)
            line.on_frame = self._on_frame
            return line

        server = await serve(
            self._attend,
            "127.0.0.1",
            0,
            compression=None,
            create_connection=cast("type[ServerConnection]", make),
            ping_interval=None,
            close_timeout=0.5,
        )
        try:
            self.port = server.sockets[0].getsockname()[1]
            yield f"ws://127.0.0.1:{self.port}"
        finally:
            server.close()
            await server.wait_closed()

    async def provoke(self, timeout_s: float = 0.05) -> int | None:
        """
        Send one book and wait for the order that it causes.

        Returns:
            Nanoseconds from the book's bytes to the order's; None if no order came.
        """
        frame = encode(self.next_book().move())
        return await self._measure(self.engine, frame, timeout_s)

    async def echo(self, name: str, timeout_s: float = 1.0) -> int | None:
        """Send the same kind of message to an echo and wait for it; see `provoke`."""
        return await self._measure(self.echoes[name], encode(self.next_book().move()), timeout_s)

    def next_book(self) -> Book:
        """Products take turns."""
        self._turn += 1
        return self.books[self._turn % len(self.books)]

    def report(self, request: wire.Place, status: wire.StatusText) -> bytes:
        """Say what became of an order."""
        return encode(
            wire.OrderReport(
                client_order_id=request.client_order_id,
                order_id=self._order_id,
                symbol=request.symbol,
                status=status,
                side=request.side,
                price=request.price,
                quantity=request.quantity,
                leaves=request.quantity if status == "open" else "0",
                reason="NONE",
                ts_ns=time.time_ns(),
            )
        )

    async def _measure(self, line: Line, frame: bytes, timeout_s: float) -> int | None:
        self._answer = asyncio.get_running_loop().create_future()
        written_ns = line.write(frame)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._answer - written_ns
        except TimeoutError:
            return None
        finally:
            self._answer = None

    async def _attend(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = connection.request.path
        if path.startswith("/echo/"):
            self.echoes[path.removeprefix("/echo/")] = cast("Line", connection)
            self.echo_joined.set()
        await connection.wait_closed()

    def _on_frame(self, line: Line, data: bytes, received_ns: int) -> None:
        if line in self.echoes.values():
            self._resolve(received_ns)
            return
        message = decode_client(data)
        if isinstance(message, wire.Place | wire.Cancel | wire.Replace):
            self._resolve(received_ns)
            self._order_id += 1
            self.on_request(message, received_ns)
            return
        line.write(*self._converse(line, message))

    def _resolve(self, received_ns: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(received_ns)

    def _converse(self, line: Line, message: wire.ClientMessage) -> list[bytes]:
        match message:
            case wire.Login():
                return [encode(self._welcome()), encode(self._flat_account())]
            case wire.Subscribe():
                self.engine = line
                self.trading.set()
                return [encode(book.snapshot()) for book in self.books]
            case wire.Resync(symbol):
                return [encode(self._by_symbol[symbol].snapshot())]
            case wire.StateRequest(nonce=nonce):
                return [encode(self._flat_account(nonce))]
            case _:
                return []

    def _welcome(self) -> wire.Welcome:
        return wire.Welcome(
            session="bench",
            account="bench",
            ts_ns=time.time_ns(),
            heartbeat_s=QUIET_HEARTBEAT_S,
            products=[reports.product(book.product) for book in self.books],
        )

    def _flat_account(self, nonce: int = 0) -> wire.AccountState:
        return wire.AccountState(
            ts_ns=time.time_ns(),
            cash="0",
            positions=[wire.PositionEntry(book.symbol, "0") for book in self.books],
            orders=[],
            last_trade_id=0,
            nonce=nonce,
        )
