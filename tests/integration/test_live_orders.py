"""Order entry over real sockets, with what goes wrong at venues."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason, VenueState
from core.domain.errors import VenueError
from core.domain.events import load
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.venues.binance.orders.client import make_orders as make_binance
from core.venues.kraken.orders.client import make_orders as make_kraken
from tests.venues import binance_orders_server, kraken_orders_server
from tests.venues.binance_orders_server import BinanceServer
from tests.venues.kraken_orders_server import KrakenServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTC/USD"), Decimal("0.1"), Decimal("0.001"))
RUN = RunId("20261120T140327-live-4f1c")
WAIT_S = 20.0


class Listener:
    def __init__(self):
        self.rows = []

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        pass

    def of(self, kind):
        rows = load(self.rows)
        return [row for row in rows if row["kind"] == kind] if self.rows else []

    def statuses(self, number=1):
        return [
            OrderStatus(int(row["status"]))
            for row in self.of(EventKind.ORDER_REPORT)
            if row["order_id"] == number
        ]


class World:
    """A server, the client of its account, and what it was told."""

    def __init__(self, server, client):
        self.server, self.client, self.sink = server, client, Listener()
        self.task = None

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.client.run(self.sink))
        return self

    async def __aexit__(self, *error):
        await self.client.close()
        await asyncio.gather(self.task, return_exceptions=True)
        self.server.cut()
        await self.server.stop()

    async def until(self, condition):
        async with asyncio.timeout(WAIT_S):
            while not condition():
                assert not self.task.done(), self.task.result()
                await asyncio.sleep(0.005)

    async def synced(self, connections=1):
        await self.until(
            lambda: (
                self.client.counters().state is VenueState.SYNCED
                and self.client.counters().reconnects == connections - 1
            )
        )

    def submit(self, kind, number=1, ticks=640_000, lots=2, side=1, terms=0):
        intents = allocate(INTENT, 1)
        intents[0] = (kind.value, 0, number, side, ticks, lots, terms, 0)
        self.client.submit(intents, 1)


async def binance(**options) -> World:
    server = BinanceServer([("BTC/USD", "BTC", "0.1", "0.001", 9)])
    await server.start()
    keys = {"api_key": binance_orders_server.KEY, "secret": binance_orders_server.SECRET} | options
    return World(server, make_binance(RUN, [BTC], network="testnet", url=server.url, **keys))


async def kraken(**options) -> World:
    server = KrakenServer([("BTC/USD", 9)])
    await server.start()
    keys = {"api_key": kraken_orders_server.KEY, "secret": kraken_orders_server.SECRET} | options
    client = make_kraken(RUN, [BTC], url=server.url, rest_url=server.rest_url, **keys)
    return World(server, client)


@pytest.mark.parametrize("make", [binance, kraken])
async def test_an_order_whose_socket_was_lost_is_found_again_and_not_sent_twice(make) -> None:
    world = await make()
    async with world:
        await world.synced()
        method = "order.place" if make is binance else "add_order"
        world.server.silent.add(method)
        world.submit(IntentKind.PLACE)
        await world.until(lambda: any(item["method"] == method for item in world.server.requests))
        world.server.cut()
        await world.synced(connections=2)
        assert world.sink.statuses()[-1] is OrderStatus.OPEN
        assert sum(item["method"] == method for item in world.server.requests) == 1


@pytest.mark.parametrize("make", [binance, kraken])
async def test_an_order_that_never_arrived_is_said_to_be_unknown_when_asked(make) -> None:
    world = await make()
    async with world:
        await world.synced()
        world.server.deaf.add("order.place" if make is binance else "add_order")
        world.submit(IntentKind.PLACE)
        world.submit(IntentKind.QUERY)
        await world.until(world.sink.statuses)
        (report,) = world.sink.of(EventKind.ORDER_REPORT)
        assert (report["status"], report["code"]) == (
            OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER,
        )  # fmt: skip


@pytest.mark.parametrize("make", [binance, kraken])
async def test_a_wrong_key_ends_the_run_with_a_sentence(make) -> None:
    world = await make(api_key="wrongKey0000000000000000000000000000000000000000000000000000000Z")
    async with world:
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(VenueError, match=r"look at venue\.api_key_env") as refused:
                await world.task
        assert "wrongKey" not in str(refused.value)


async def test_reports_that_come_twice_are_told_once() -> None:
    world = await binance()
    async with world:
        await world.synced()
        world.server.repeats_reports = True
        world.submit(IntentKind.PLACE)
        world.server.counterparty("BTC/USD", "SELL", "64000", "0.001")
        await world.until(lambda: world.sink.of(EventKind.FILL))
        await world.until(lambda: world.client.counters().duplicates >= 2)
        assert len(world.sink.of(EventKind.FILL)) == 1
        assert world.sink.statuses() == [OrderStatus.OPEN]


async def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    """Coming back sooner is what turns a 429 into a ban."""
    world = await binance()
    world.server.http_status = 429
    async with world:
        await world.until(lambda: "HTTP 429" in world.client.counters().last_error)
        assert "asked to wait 1 s" in world.client.counters().last_error
        world.server.http_status = 0
        await world.synced()


async def test_a_clock_that_goes_wrong_by_much_is_allowed_for() -> None:
    world = await binance()
    world.server.skew_ms = -90_000
    async with world:
        await world.synced()
        world.submit(IntentKind.PLACE)
        await world.until(world.sink.statuses)
        assert world.sink.statuses() == [OrderStatus.OPEN]


async def test_an_expired_token_costs_one_connection() -> None:
    world = await kraken()
    world.server.expires_tokens = True
    async with world:
        await world.synced(connections=2)
        assert len(world.server.nonces) == 2
        assert world.server.nonces == sorted(set(world.server.nonces))
        assert "Invalid session" in world.client.counters().last_error


async def test_a_gap_in_the_executions_starts_them_over() -> None:
    """What was in the lost message is in the snapshot."""
    world = await kraken()
    async with world:
        await world.synced()
        world.submit(IntentKind.PLACE)
        await world.until(world.sink.statuses)
        world.server.skips_a_number = True
        world.server.counterparty("BTC/USD", "sell", "64000", "0.001")
        world.submit(IntentKind.CANCEL)
        await world.until(lambda: world.sink.of(EventKind.FILL))
        assert world.client.counters().gaps == 1
        assert len(world.sink.of(EventKind.FILL)) == 1


async def test_the_dead_man_is_fed_and_then_disarmed() -> None:
    world = await kraken(dead_man_s=60)
    async with world:
        await world.synced()
        for _ in range(3):
            world.client.keep_alive()
        await world.until(lambda: world.server.dead_man == [60])
    assert world.server.dead_man == [60, 0]


async def test_a_feeding_on_its_way_is_waited_for_before_the_disarming() -> None:
    """Carried out after it, it would arm the switch again with nobody there to feed it."""
    world = await kraken(dead_man_s=60)
    async with world:
        await world.synced()
        world.client.keep_alive()
        await world.client.close()
        assert world.server.dead_man == [60, 0]
        world.client.keep_alive()
