"""The client against servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from random import Random

import pytest
from websockets.asyncio.server import serve

from core.domain import events
from core.domain.enums import EventKind, VenueState
from core.domain.errors import VenueError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.venues.common import session_client as client_module
from core.venues.common.connection import MAX_UNSENT_BYTES, DirectConnection
from core.venues.wsx import messages as wire
from core.venues.wsx import session as session_module
from core.venues.wsx.client import WsxVenue
from core.venues.wsx.codec import encode

pytestmark = pytest.mark.integration

WAIT_S = 20.0
ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"))
STATE = wire.AccountState(
    ts_ns=1,
    cash="0",
    positions=[wire.PositionEntry(item.symbol, "0") for item in (ETF,)],
    orders=[],
    last_trade_id=0,
)
SNAPSHOT = wire.Snapshot(symbol="7_ETF", seq=1, ts_ns=1, bids=[("49.9", "3")], asks=[])


def welcome(heartbeat_s: float = 10.0) -> wire.Welcome:
    product = wire.Product("7_ETF", "0.1", "1", "1", "0", "0.0", "0.0")
    return wire.Welcome("s-1", "practice", 1, heartbeat_s, [product])


class Listener:
    """A sink that keeps every event and wakes who waits for one."""

    def __init__(self) -> None:
        self.rows = []
        self._flushed = asyncio.Event()

    def put(self, row) -> None:
        self.rows.append(bytes(row))

    def flush(self, received_ns: int = 0) -> None:
        self._flushed.set()

    async def until(self, condition) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self._flushed.clear()
                await self._flushed.wait()

    def kinds(self) -> list[int]:
        return events.load(self.rows)["kind"].tolist()


@pytest.fixture
async def against():
    """Run a venue against a server whose every connection is served by `behave(connection, n)`."""
    started = []

    async def run(behave):
        connections = 0

        async def handler(connection) -> None:
            nonlocal connections
            connections += 1
            await connection.recv()
            await behave(connection, connections)
            await connection.wait_closed()

        server = await serve(handler, "127.0.0.1", 0, compression=None, close_timeout=0.5)
        port = server.sockets[0].getsockname()[1]
        venue = WsxVenue(
            f"ws://127.0.0.1:{port}", "practice", RunId("r-4f1c"), [ETF], random=Random(1)
        )
        sink = Listener()
        task = asyncio.ensure_future(venue.run(sink))
        started.append((server, venue, task))
        return venue, sink, task

    yield run
    for server, venue, task in started:
        await venue.close()
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(task, return_exceptions=True)
        server.close()
        await server.wait_closed()


@pytest.fixture
async def something_else():
    """A server that answers every connection with the same bytes and hangs up."""
    stack = contextlib.AsyncExitStack()
    attempts: list[asyncio.Event] = []

    async def run(answer: bytes):
        async def handle(_reader, writer) -> None:
            attempts.append(asyncio.Event())
            finished = attempts[-1]
            writer.write(answer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            finished.set()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        await stack.enter_async_context(server)
        return server.sockets[0].getsockname()[1], attempts

    yield run
    await stack.aclose()
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*(finished.wait() for finished in attempts))


async def greet(connection, heartbeat_s: float = 10.0) -> None:
    for message in (welcome(heartbeat_s), STATE):
        await connection.send(encode(message), text=True)


async def test_a_fragmented_message_is_put_together(against) -> None:
    async def behave(connection, _) -> None:
        await greet(connection)
        data = encode(SNAPSHOT).decode()
        await connection.send([data[:10], data[10:11], data[11:]])

    venue, sink, _ = await against(behave)
    await sink.until(lambda: EventKind.BOOK in sink.kinds())
    assert venue.counters().refused == 0
    assert events.load(sink.rows)[-1]["bid_ticks"][0] == 499


async def test_a_binary_frame_is_read_like_text(against) -> None:
    async def behave(connection, _) -> None:
        await greet(connection)
        await connection.send(encode(SNAPSHOT), text=False)

    _, sink, _ = await against(behave)
    await sink.until(lambda: EventKind.BOOK in sink.kinds())


async def test_an_oversized_frame_is_refused_and_the_connection_made_again(against) -> None:
    async def behave(connection, number) -> None:
        await greet(connection)
        if number == 1:
            await connection.send("x" * (wire.MAX_MESSAGE_BYTES + 1))

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().reconnects == 1)
    assert venue.counters().refused == 1
    assert "1048577" in venue.counters().last_error


async def test_garbage_is_counted_and_survived(against) -> None:
    async def behave(connection, _) -> None:
        for data in (b"{", b"[1,2]", b"\xff", b'{"type":"delta"}'):
            await connection.send(data, text=False)
        await greet(connection)

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().state is VenueState.SYNCED)
    assert venue.counters().refused == 4
    assert venue.counters().reconnects == 0


async def test_silence_is_a_lost_connection(against) -> None:
    """Connected and mute for more than three heartbeats: stale, whatever TCP says."""

    async def behave(connection, _) -> None:
        await greet(connection, heartbeat_s=0.02)

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().reconnects >= 1)
    assert "silent for" in venue.counters().last_error


async def test_a_server_that_never_welcomes_is_left(against, monkeypatch) -> None:
    monkeypatch.setattr(session_module, "MISSED_HEARTBEATS", 0.1)

    async def behave(connection, number) -> None:
        if number > 1:
            await greet(connection)

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().state is VenueState.SYNCED)
    assert venue.counters().reconnects == 1


async def test_a_refused_login_ends_the_run(against) -> None:
    async def behave(connection, _) -> None:
        await connection.send(encode(wire.ErrorMessage("LOGIN_REFUSED", "who are you?")), text=True)

    _, sink, task = await against(behave)
    with pytest.raises(VenueError, match="who are you"):
        async with asyncio.timeout(WAIT_S):
            await task
    assert events.load(sink.rows)[-1]["status"] == VenueState.DOWN


async def test_something_that_is_no_websocket_is_tried_again_with_patience(something_else) -> None:
    port, attempts = await something_else(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    venue = WsxVenue(f"ws://127.0.0.1:{port}", "k", RunId("r-1"), [ETF], random=Random(2))
    sink = Listener()
    task = asyncio.ensure_future(venue.run(sink))
    await sink.until(lambda: len(attempts) >= 3)
    assert venue.counters().state is not VenueState.SYNCED
    assert venue.counters().last_error
    await venue.close()
    await task


async def test_a_healthy_connection_resets_the_back_off(against, monkeypatch) -> None:
    """Ten seconds of health are simulated by calling any length healthy."""
    monkeypatch.setattr(client_module, "HEALTHY_S", 0.0)

    async def behave(connection, number) -> None:
        await greet(connection)
        if number <= 12:
            connection.transport.abort()

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().reconnects == 12)
    assert venue._backoff._failures <= 1


async def test_a_peer_that_does_not_read_gets_no_more_orders(against, monkeypatch) -> None:
    """An order that waits in a buffer is worse than one refused."""

    async def behave(connection, _) -> None:
        await greet(connection)

    venue, sink, _ = await against(behave)
    await sink.until(lambda: venue.counters().state is VenueState.SYNCED)
    connection: DirectConnection = venue._connection
    transport = connection.transport

    class Stuffed:
        def __getattr__(self, name):
            return getattr(transport, name)

        def get_write_buffer_size(self) -> int:
            return MAX_UNSENT_BYTES + 1

    monkeypatch.setattr(connection, "transport", Stuffed())
    assert not connection.write([b"{}"])
    await sink.until(lambda: venue.counters().reconnects == 1)
