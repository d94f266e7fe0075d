"""A paper account: what its orders meet, when it is told, and what outlives what."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.domain.enums import (
    EventKind,
    IntentKind,
    LiquiditySide,
    OrderStatus,
    RejectReason,
    Side,
    VenueState,
)
from core.domain.events import ACCOUNT_STATE, IOC, MARKET, POST_ONLY, book, load
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.venues.paper.venue import PaperVenue
from tests.venues.fake_feed import FakeFeed, MarketSource
from tests.venues.small_market import SmallMarket

INSTRUMENTS = (
    Instrument(Symbol("ETHUSDT"), Decimal("0.01"), Decimal("0.001")),
    Instrument(
        Symbol("BTCUSDT"), Decimal("0.1"), Decimal("0.001"), maker_fee_bps=1, taker_fee_bps=10,
        position_limit_lots=50,
    ),
)  # fmt: skip
BTC = 1
BUY, SELL = Side.BUY.value, Side.SELL.value

# Compiling it takes longer than a test waits.
pytestmark = pytest.mark.usefixtures("compiled_kernel")


class Listener:
    def __init__(self):
        self.rows = []
        self.on_flush = lambda: None

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        self.on_flush()

    def of(self, kind):
        rows = load(self.rows)
        return rows[rows["kind"] == kind] if self.rows else rows

    def fills(self):
        return [
            (int(row["order_id"]), int(row["price_ticks"]), int(row["lots"]))
            for row in self.of(EventKind.FILL)
        ]

    def statuses(self, order_id):
        rows = self.of(EventKind.ORDER_REPORT)
        return [OrderStatus(int(row["status"])) for row in rows if row["order_id"] == order_id]


def intents(*wanted):
    rows = allocate(INTENT, 8)
    for number, fields in enumerate(wanted):
        rows[number] = (*fields, 0)
    return rows, len(wanted)


def place(order_id, side, ticks, lots, terms=0):
    return (IntentKind.PLACE.value, BTC, order_id, side, ticks, lots, terms)


class World:
    """A running venue, its market, and how to wait for it."""

    def __init__(self, **options):
        self.source = MarketSource([SmallMarket(), SmallMarket()], floor_bid=True)
        self.source.is_up = True
        self.feed = FakeFeed(self.source, INSTRUMENTS)
        self.venue = PaperVenue(self.feed, INSTRUMENTS, **options)
        self.sink = Listener()
        self.task = None

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.venue.run(self.sink))
        await self.until(lambda: self.venue.counters().state is VenueState.SYNCED)
        return self

    async def __aexit__(self, *error):
        await self.venue.close()
        await asyncio.gather(self.task, return_exceptions=True)

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.001)

    def show(self, bids=(), asks=(), index=BTC):
        self.feed.sink.put(book(index, bids, asks))
        self.feed.sink.flush()

    def submit(self, *wanted):
        self.venue.submit(*intents(*wanted))


async def test_an_order_queues_behind_what_the_book_shows() -> None:
    """Eight stand before us: the print of nine reaches one of ours."""
    async with World() as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1000, 4, POST_ONLY))
        world.feed.print_trade(BTC, 1000, 7, SELL)
        assert world.sink.fills() == []
        world.feed.print_trade(BTC, 1000, 2, SELL)
        assert world.sink.fills() == [(1, 1000, 1)]
        (fill,) = world.sink.of(EventKind.FILL)
        assert fill["code"] == LiquiditySide.MAKER
        # 100.0 x 0.001 at 1 bp.
        assert fill["fee_nanos"] == 10_000


async def test_a_market_order_takes_what_is_shown_once() -> None:
    """The same picture of the book again holds nothing that we have not taken."""
    async with World() as world:
        asks = [(1010, 5), (1012, 9)]
        world.show([(1000, 8)], asks)
        world.submit(place(1, BUY, 1010, 7, IOC | MARKET))
        assert world.sink.fills() == [(1, 1010, 5)]
        assert world.sink.statuses(1)[-1] is OrderStatus.EXPIRED
        world.show([(1000, 8)], asks)
        world.submit(place(2, BUY, 1010, 7, IOC))
        assert world.sink.fills() == [(1, 1010, 5)]
        world.show([(1000, 8)], [(1010, 6), (1012, 9)])
        world.submit(place(3, BUY, 1010, 7, IOC))
        assert world.sink.fills()[1:] == [(3, 1010, 1)]


async def test_a_book_that_nobody_knows_is_not_traded_on_and_keeps_our_place() -> None:
    async with World() as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1000, 4))
        world.show()
        world.submit(
            place(2, BUY, 1010, 1, IOC), (IntentKind.REPLACE.value, BTC, 1, BUY, 1002, 4, 0)
        )
        reports = world.sink.of(EventKind.ORDER_REPORT)[-2:]
        assert reports["order_id"].tolist() == [2, 1]
        assert reports["code"].tolist() == [RejectReason.MARKET_CLOSED] * 2
        assert reports["status"].tolist() == [OrderStatus.REJECTED, OrderStatus.OPEN]
        assert reports["price_ticks"][1] == 1000
        world.show([(1000, 8)], [(1010, 5)])
        world.feed.print_trade(BTC, 1000, 9, SELL)
        assert world.sink.fills() == [(1, 1000, 1)]


async def test_orders_and_reports_are_on_their_way_for_a_while() -> None:
    """What is shown when the order arrives counts, not what was when it left."""
    async with World(latency_s=0.02) as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1010, 5, IOC))
        world.show([(1000, 8)], [(1010, 2)])
        assert world.sink.fills() == []
        await world.until(world.sink.fills)
        assert world.sink.fills() == [(1, 1010, 2)]
        assert world.sink.statuses(1) == [OrderStatus.OPEN, OrderStatus.EXPIRED]


async def test_a_lost_feed_refuses_what_had_not_arrived() -> None:
    async with World(latency_s=30.0) as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1010, 5))
        world.source.cut()
        await world.until(lambda: world.venue.counters().reconnects == 1)
        assert world.sink.statuses(1) == [OrderStatus.REJECTED]
        assert world.venue.counters().unsent == 1


async def test_positions_and_orders_survive_a_reconnect_of_the_feed() -> None:
    async with World() as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1010, 3, IOC), place(2, BUY, 990, 4))
        world.sink.rows.clear()
        world.source.cut()
        await world.until(lambda: world.venue.counters().reconnects == 1)
        await world.until(lambda: world.venue.counters().state is VenueState.SYNCED)
        (order,) = world.sink.of(EventKind.ORDER_REPORT)
        assert (order["order_id"], order["leaves_lots"], order["key"]) == (2, 4, ACCOUNT_STATE)
        assert world.sink.of(EventKind.POSITION_REPORT)["lots"].tolist() == [0, 3]


async def test_an_account_goes_on_with_what_an_earlier_run_left() -> None:
    async with World(positions=(-2, 7), last_trade_id=40) as world:
        assert world.sink.of(EventKind.POSITION_REPORT)["lots"].tolist() == [-2, 7]
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 1010, 1, IOC))
        assert world.sink.of(EventKind.FILL)["trade_id"].tolist() == [41]


async def test_a_reconciliation_waits_for_the_reports_before_it() -> None:
    """A position that holds a fill must not overtake that fill."""
    async with World(latency_s=0.01) as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.sink.rows.clear()
        world.submit(place(1, BUY, 1010, 2, IOC), (IntentKind.RECONCILE.value, -1, 0, 0, 0, 0, 0))
        await world.until(lambda: len(world.sink.of(EventKind.POSITION_REPORT)) == 2)
        kinds = world.sink.of(EventKind.POSITION_REPORT)
        assert kinds["lots"].tolist() == [0, 2]
        order = [int(row["kind"]) for row in load(world.sink.rows)]
        assert order.index(EventKind.FILL) < order.index(EventKind.POSITION_REPORT)
        states = world.sink.of(EventKind.VENUE_STATE)["status"].tolist()
        assert states == [VenueState.CONNECTED, VenueState.SYNCED]


async def test_a_failing_engine_ends_the_run_from_a_timer_too() -> None:
    world = World(latency_s=0.005)
    async with world:

        def fail():
            if world.sink.fills():
                raise ZeroDivisionError("no journal")

        world.show([(1000, 8)], [(1010, 5)])
        world.sink.on_flush = fail
        world.submit(place(1, BUY, 1010, 2, IOC))
        with pytest.raises(ZeroDivisionError, match="no journal"):
            async with asyncio.timeout(20):
                await world.task
        assert world.sink.of(EventKind.VENUE_STATE)["status"][-1] == VenueState.DOWN


async def test_everything_can_be_canceled_at_once() -> None:
    async with World() as world:
        world.show([(1000, 8)], [(1010, 5)])
        world.submit(place(1, BUY, 990, 2), place(2, SELL, 1020, 2))
        world.submit((IntentKind.CANCEL_EVERYTHING.value, -1, 0, 0, 0, 0, 0))
        assert world.sink.statuses(1)[-1] is OrderStatus.CANCELED
        assert world.sink.statuses(2)[-1] is OrderStatus.CANCELED


async def test_news_of_a_product_that_is_not_ours_is_counted() -> None:
    async with World() as world:
        world.feed.sink.put(book(7, [(1, 1)], ()))
        assert world.venue.counters().refused == 1
