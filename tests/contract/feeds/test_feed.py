"""What every feed of market data promises; see `core.venues.market.port`."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from random import Random

import pytest
from websockets.exceptions import ConnectionClosed

from core.domain.enums import EventKind, VenueState
from core.venues.market.client import LiveFeed
from core.venues.market.feeds import VENUES, make_feed, profile_of
from tests.venues.binance_server import BinanceServer
from tests.venues.bybit_server import BybitServer
from tests.venues.coinbase_server import CoinbaseServer
from tests.venues.hyperliquid_server import HyperliquidServer
from tests.venues.kraken_server import KrakenServer
from tests.venues.listener import Listener
from tests.venues.sessions import terms

pytestmark = pytest.mark.integration

CONNECTING, CONNECTED = VenueState.CONNECTING, VenueState.CONNECTED
SYNCED, DOWN = VenueState.SYNCED, VenueState.DOWN
EMPTY = ([], [])

SERVERS = {
    "binance": (BinanceServer, terms("BTCUSDT"), terms("ETHUSDT")),
    "kraken": (KrakenServer, terms("BTC/USD", "0.1"), terms("ETH/USD", "0.1")),
    "coinbase": (CoinbaseServer, terms("BTC-USD"), terms("ETH-USD")),
    "bybit": (BybitServer, terms("BTCUSDT"), terms("ETHUSDT")),
    "hyperliquid": (HyperliquidServer, terms("BTC", "1"), terms("ETH", "1")),
}


def test_every_venue_is_here() -> None:
    assert set(SERVERS) == set(VENUES)


@pytest.fixture(params=VENUES)
async def world(request):
    """A venue with two instruments, its server, and a feed that is not running."""
    make_server, *instruments = SERVERS[request.param]
    async with make_server(*(item.symbol for item in instruments)) as server:
        timing = replace(profile_of(request.param).timing, retry_s=0.05)
        feed = LiveFeed(
            profile_of(request.param),
            instruments,
            url=server.url,
            timing=timing,
            random=Random(3),
        )
        yield feed, server, request.param, instruments


@contextlib.asynccontextmanager
async def running(feed, heard):
    task = asyncio.ensure_future(feed.run(heard))
    try:
        yield task
    finally:
        await feed.close()
        with contextlib.suppress(asyncio.CancelledError, RuntimeError):
            await asyncio.wait_for(task, 10)


async def test_states_come_in_order_and_the_last_before_all_books_is_connected(world) -> None:
    feed, *_ = world
    heard = Listener()
    async with running(feed, heard):
        await heard.until(lambda: SYNCED in heard.states())
        assert heard.states() == [CONNECTING, CONNECTED, SYNCED]
        assert heard.has_book(0)
        assert heard.has_book(1)
        counters = feed.counters()
        assert counters.state is SYNCED
        assert counters.last_error == ""
        assert counters.messages > 0
        assert counters.last_message_monotonic_s > 0
    assert heard.states()[-1] is DOWN
    assert heard.book(0) == heard.book(1) == EMPTY
    assert feed.counters().state is DOWN


async def test_a_lost_connection_empties_every_book_and_comes_back(world) -> None:
    feed, server, *_ = world
    heard = Listener()
    async with running(feed, heard):
        await heard.until(lambda: SYNCED in heard.states())
        heard.rows.clear()
        server.cut()
        await heard.until(lambda: heard.states()[-1:] == [SYNCED])
        assert heard.states() == [DOWN, CONNECTING, CONNECTED, SYNCED]
        assert heard.books(0)[0] == EMPTY
        assert heard.books(1)[0] == EMPTY
        assert heard.has_book(0)
        assert heard.has_book(1)
        assert feed.counters().reconnects == 1
        assert "closed the connection" in feed.counters().last_error


async def test_an_instrument_that_the_venue_lacks_does_not_hold_up_the_other(world) -> None:
    _, server, venue, (first, second) = world
    async with type(server)(first.symbol) as poor:
        feed = LiveFeed(
            profile_of(venue),
            [first, second],
            url=poor.url,
            timing=replace(profile_of(venue).timing, first_data_s=0.3),
            random=Random(3),
        )
        heard = Listener()
        async with running(feed, heard):
            await heard.until(lambda: SYNCED in heard.states())
            assert heard.states() == [CONNECTING, CONNECTED, SYNCED]
            assert heard.has_book(0)
            assert not heard.has_book(1)
            assert second.symbol in feed.counters().last_error


async def test_a_server_that_is_away_is_found_when_it_is_back(world) -> None:
    feed, server, *_ = world
    heard = Listener()
    await server.stop()
    async with running(feed, heard):
        await heard.until(lambda: DOWN in heard.states())
        assert "nobody listens there" in feed.counters().last_error
        await server.listen()
        await heard.until(lambda: SYNCED in heard.states())


async def test_what_is_no_json_costs_every_book_at_once(world) -> None:
    feed, server, *_ = world
    heard = Listener()
    async with running(feed, heard):
        await heard.until(lambda: SYNCED in heard.states())
        heard.rows.clear()
        await server.send("<html><body>maintenance</body></html>")
        await heard.until(lambda: heard.states()[-1:] == [SYNCED])
        assert heard.books(0)[0] == EMPTY
        assert feed.counters().refused >= 1
        assert "a web page came instead of JSON" in feed.counters().last_error


async def test_what_the_listener_raises_ends_the_run(world) -> None:
    feed, *_ = world

    class Failing(Listener):
        def flush(self, received_ns: int = 0) -> None:
            if len(self.events(EventKind.BOOK)):
                raise RuntimeError("the kernel is out of order")
            super().flush(received_ns)

    with pytest.raises(RuntimeError, match="out of order"):
        await asyncio.wait_for(feed.run(Failing()), 10)


async def test_closing_before_the_first_connection_ends_the_run(world) -> None:
    feed, server, *_ = world
    await server.stop()
    heard = Listener()
    task = asyncio.ensure_future(feed.run(heard))
    await heard.until(lambda: DOWN in heard.states())
    await feed.close()
    await asyncio.wait_for(task, 5)
    await server.listen()


async def test_a_server_without_tls_says_what_to_check(world) -> None:
    _, server, venue, instruments = world
    feed = make_feed(venue, instruments, url=server.url.replace("ws://", "wss://"))
    heard = Listener()
    async with running(feed, heard):
        await heard.until(lambda: DOWN in heard.states())
        assert "check wss:// against ws://" in feed.counters().last_error


async def test_a_message_of_more_than_the_venue_may_send_is_not_read(world) -> None:
    feed, server, venue, instruments = world
    small = replace(profile_of(venue), max_message_bytes=20_000)
    feed = LiveFeed(small, instruments, url=server.url, random=Random(3))
    heard = Listener()
    async with running(feed, heard):
        await heard.until(lambda: SYNCED in heard.states())
        heard.rows.clear()
        with contextlib.suppress(ConnectionClosed):
            await server.send('{"x":"' + "y" * 30_000 + '"}')
        await heard.until(lambda: heard.states()[-1:] == [SYNCED])
        assert heard.books(0)[0] == EMPTY
        assert "a longer message than it ever should" in feed.counters().last_error
