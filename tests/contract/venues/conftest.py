"""Loopback servers for the adapters, and an engine that only listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from core.domain import events
from core.domain.enums import VenueState
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT
from core.exchange.config import ExchangeConfig, Product
from core.exchange.server import ExchangeServer
from core.venues.cmi.client import CmiVenue
from core.venues.cmi.sse import EventParser
from core.venues.wsx import messages as wire
from core.venues.wsx.client import WsxVenue
from tests.contract.venues.binance_harness import BinanceHarness
from tests.contract.venues.kraken_harness import KrakenHarness
from tests.contract.venues.paper_harness import PaperHarness

INSTRUMENTS = (
    Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200),
    Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=200, taker_fee_bps=5),
)
WAIT_S = 20.0


class Listener:
    """A sink that keeps every event; `until` waits for what is expected."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.flushes = 0
        self.on_flush: Callable[[], None] | None = None
        self._flushed = asyncio.Event()

    def put(self, row) -> None:
        self.rows.append(bytes(row))

    def flush(self, received_ns: int = 0) -> None:
        self.flushes += 1
        if self.on_flush is not None:
            self.on_flush()
        self._flushed.set()

    def events(self, kind=None, **fields) -> Rows:
        rows = events.load(self.rows)
        keep = [
            (kind is None or row["kind"] == kind)
            and all(row[name] == value for name, value in fields.items())
            for row in rows
        ]
        return rows[keep] if keep else rows

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._flushed.clear()
                await self._flushed.wait()


class WsxHarness:
    """The practice exchange without bots, and a counterparty who does as told."""

    def __init__(self) -> None:
        self.port = 0
        self.server: ExchangeServer | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._orders = 0
        self._lives = 0

    async def start(self) -> None:
        products = tuple(
            Product(item, Decimal(price), 0.01)
            for item, price in zip(INSTRUMENTS, (3400, 50), strict=True)
        )
        config = ExchangeConfig(
            products=products, port=self.port, heartbeat_s=0.05, bots=False, idle_exit_s=0
        )
        self._lives += 1
        self.server = ExchangeServer(config, self._lives * 10**18)
        self._stop = asyncio.Event()
        port = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self.server.run(self._stop, port.set_result))
        self.port = await port

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    def venue(self, run_id: str = "run-4f1c", **options) -> WsxVenue:
        url = f"ws://127.0.0.1:{self.port}"
        return WsxVenue(url, "practice", RunId(run_id), INSTRUMENTS, **options)

    def break_connections(self) -> None:
        """Cut every wire without a goodbye."""
        for client in list(self.server.gateway._clients):
            client.peer._connection.transport.abort()

    def counterparty(self, side: str, price: str, quantity: str) -> None:
        """Somebody else enters an order of the ETF."""
        self._orders += 1
        request = wire.Place(f"other-{self._orders}", "7_ETF", side, price, quantity)
        self.server.exchange.place(self.server.exchange.account("other"), request)
        self.server.gateway.flush()


class CmiHarness(WsxHarness):
    """The same exchange, spoken to over CMI; its rate limit is lifted, for the tests' sake."""

    def __init__(self) -> None:
        super().__init__()
        self._venue: tuple[str, CmiVenue] | None = None
        self._is_cut = False

    async def start(self) -> None:
        products = tuple(
            Product(item, Decimal(price), 0.01)
            for item, price in zip(INSTRUMENTS, (3400, 50), strict=True)
        )
        config = ExchangeConfig(
            products=products, port=0, cmi_port=self.port, bots=False, idle_exit_s=0
        )
        self.server = ExchangeServer(config, time.time_ns())
        self._stop = asyncio.Event()
        ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self.server.run(self._stop, ready.set_result))
        await ready
        self.port = int(self.server.cmi.url.rpartition(":")[2])

    def venue(self, run_id: str = "run-4f1c", **options) -> CmiVenue:
        """One login is one stream: a run ends where the next one begins."""
        if self._venue is not None and self._venue[0] != run_id:
            self._venue[1].end()
        url = f"http://127.0.0.1:{self.port}"
        venue = CmiVenue(url, "team", "secret-4f1c", INSTRUMENTS, requests_per_s=500, **options)
        self._venue = (run_id, venue)
        return venue

    def counterparty(self, side: str, price: str, quantity: str) -> None:
        """
        As over the other protocol, and what the stream has to say of it is heard at once.

        CMI knows no post-only: an order is held back because of what has been heard.
        """
        super().counterparty(side, price, quantity)
        if self._venue is None or self._is_cut:
            return
        venue = self._venue[1]
        stream = self.server.cmi.front._users["team"].stream
        if stream is None or venue.counters().state is not VenueState.SYNCED:
            return
        for event in EventParser().feed(stream.take_now()):
            venue._session.on_event(event.name, event.data, time.monotonic())
        venue._emit()

    def break_connections(self) -> None:
        self._is_cut = True
        for connection in list(self.server.cmi._runner.server.connections):
            connection.transport.abort()


def make_intents(*wanted) -> tuple[Rows, int]:
    """INTENT rows of (kind, instrument, order_id, side, price_ticks, lots, flags)."""
    intents = allocate(INTENT, 16)
    for index, fields in enumerate(wanted):
        intents[index] = (*fields, 0)
    return intents, len(wanted)


HARNESSES = {
    "wsx": WsxHarness,
    "cmi": CmiHarness,
    "binance": lambda: BinanceHarness(INSTRUMENTS),
    "kraken": lambda: KrakenHarness(INSTRUMENTS),
    "paper": lambda: PaperHarness(INSTRUMENTS),
}


@pytest.fixture(params=HARNESSES.values(), ids=HARNESSES.keys())
async def harness(request, compiled_kernel):
    harness = request.param()
    reason = getattr(harness, "without", {}).get(request.node.originalname)
    if reason:
        pytest.skip(reason)
    await harness.start()
    yield harness
    await harness.stop()


@pytest.fixture
def intents():
    return make_intents


@pytest.fixture
async def connect(harness):
    """Run venues; close them in the end."""
    running = []

    async def connect(venue):
        sink = Listener()
        task = asyncio.ensure_future(venue.run(sink))
        running.append((venue, task))
        return sink, task

    yield connect
    for venue, task in running:
        await venue.close()
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(task, return_exceptions=True)
