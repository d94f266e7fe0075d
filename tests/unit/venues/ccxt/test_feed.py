"""What a library's venue becomes: decimals, sound books, and an end to silence."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random

import pytest

from core.domain.enums import EventKind, VenueState
from core.domain.errors import ConfigurationError, VenueError
from core.domain.events import load
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.ccxt.exchange import open_exchange
from core.venues.ccxt.feed import SILENT_S, CcxtFeed
from core.venues.market.feeds import make_feed

INSTRUMENTS = [
    Instrument(Symbol("BTC/USDT"), Decimal("0.1"), lot_size=Decimal("0.001")),
    Instrument(Symbol("ETH/USDT"), Decimal("0.01"), lot_size=Decimal("0.01")),
]
ETH = 1


class FakeExchange:
    """A venue that says what it is told to say."""

    def __init__(self, symbols=("BTC/USDT", "ETH/USDT"), *, trades=True):
        self.has = {"watchOrderBook": True, "watchTrades": trades}
        self.markets = {symbol: {} for symbol in symbols}
        self.books = {symbol: asyncio.Queue() for symbol in symbols}
        self.trades = {symbol: asyncio.Queue() for symbol in symbols}
        self.is_closed = False

    async def load_markets(self):
        return self.markets

    async def watch_order_book(self, symbol):
        return await self._next(self.books[symbol])

    async def watch_trades(self, symbol):
        return await self._next(self.trades[symbol])

    async def _next(self, queue):
        found = await queue.get()
        if isinstance(found, Exception):
            raise found
        return found

    def price_to_precision(self, symbol, price):
        return f"{price:.{1 if symbol.startswith('BTC') else 2}f}"

    def amount_to_precision(self, symbol, amount):
        return f"{amount:.8f}".rstrip("0").rstrip(".")

    async def close(self):
        self.is_closed = True


class World:
    """A feed, the venues it has opened, and everything that it has told."""

    def __init__(self):
        self.venues = []
        self.rows = []
        self.now_s = 100.0
        self.told = asyncio.Event()
        self.next = FakeExchange
        self.feed = CcxtFeed(
            "okx", INSTRUMENTS, open_venue=self.open, random=Random(3), clock=lambda: self.now_s
        )

    async def open(self, exchange_id):
        assert exchange_id == "okx"
        self.venues.append(self.next())
        return self.venues[-1]

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        self.told.set()

    def events(self, kind):
        rows = load(self.rows)
        return rows[rows["kind"] == kind]

    def states(self):
        return [VenueState(int(row["status"])) for row in self.events(EventKind.VENUE_STATE)]

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                self.told.clear()
                await self.told.wait()


@pytest.fixture
async def world():
    world = World()
    task = asyncio.create_task(world.feed.run(world))
    await world.until(lambda: world.feed.counters().state is VenueState.CONNECTED)
    yield world
    await world.feed.close()
    await task


def book(bid, ask, size=0.25):
    return {"bids": [[bid, size], [bid - 1, 2.0]], "asks": [[ask, 1.5]], "timestamp": 1_700}


async def test_books_are_ticks_and_lots_and_synced_comes_with_the_last_first_one(world) -> None:
    (venue,) = world.venues
    venue.books["BTC/USDT"].put_nowait(book(64_000.1, 64_000.2))
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 1)
    row = world.events(EventKind.BOOK)[0]
    assert (row["bid_ticks"][0], row["bid_lots"][0], row["ask_lots"][0]) == (640_001, 250, 1_500)
    assert row["exch_ts_ns"] == 1_700_000_000
    assert world.states()[-1] is VenueState.CONNECTED
    venue.books["ETH/USDT"].put_nowait(book(3_000.01, 3_000.5))
    await world.until(lambda: world.states()[-1] is VenueState.SYNCED)


async def test_a_crossed_book_is_taken_back(world) -> None:
    venue = world.venues[0].books["ETH/USDT"]
    venue.put_nowait(book(3_000.5, 3_000.5))
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 1)
    row = world.events(EventKind.BOOK)[0]
    assert (row["instrument"], row["bid_lots"].sum(), row["ask_lots"].sum()) == (ETH, 0, 0)
    assert "not below the best ask" in world.feed.counters().last_error


@pytest.mark.parametrize(
    "odd",
    [
        {"bids": [[float("nan"), 1.0]], "asks": []},
        {"bids": [[64_000.0, float("inf")]], "asks": []},
        {"bids": [[None, 1.0]], "asks": []},
        {"asks": []},
        {"bids": [["x"]], "asks": []},
    ],
)
async def test_a_book_that_is_none_is_refused_and_the_next_one_counts(world, odd) -> None:
    books = world.venues[0].books["BTC/USDT"]
    books.put_nowait(odd)
    books.put_nowait(book(64_000.1, 64_000.2))
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 2)
    assert world.events(EventKind.BOOK)["bid_ticks"][:, 0].tolist() == [0, 640_001]
    assert world.feed.counters().refused == 1


async def test_levels_of_less_than_a_lot_are_left_out(world) -> None:
    tiny = {"bids": [[64_000.1, 0.0004], [64_000.0, 0.0031]], "asks": [[64_001.0, 1.0]]}
    world.venues[0].books["BTC/USDT"].put_nowait(tiny)
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 1)
    row = world.events(EventKind.BOOK)[0]
    assert (row["bid_ticks"][0], row["bid_lots"][0]) == (640_000, 3)


async def test_trades_have_their_side_and_a_bad_one_costs_no_other(world) -> None:
    good = {"price": 64_000.1, "amount": 0.0001, "side": "sell", "timestamp": None}
    world.venues[0].trades["BTC/USDT"].put_nowait([{"price": 1.0}, good])
    await world.until(lambda: len(world.events(EventKind.TRADE)) == 1)
    row = world.events(EventKind.TRADE)[0]
    assert (row["side"], row["lots"], row["exch_ts_ns"]) == (-1, 1, 0)
    assert world.feed.counters().refused == 1


async def test_an_exception_of_the_library_takes_books_back_and_connects_again(world) -> None:
    venue = world.venues[0]
    venue.books["BTC/USDT"].put_nowait(book(64_000.1, 64_000.2))
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 1)
    venue.books["ETH/USDT"].put_nowait(KeyError("bids"))
    await world.until(lambda: len(world.venues) == 2)
    assert venue.is_closed
    assert VenueState.DOWN in world.states()
    last = world.events(EventKind.BOOK)[-1]
    assert (last["instrument"], last["bid_lots"].sum()) == (0, 0)
    assert world.feed.counters().last_error == "okx: KeyError: 'bids'"


async def test_a_book_that_falls_silent_is_asked_for_anew(world) -> None:
    """The library may wait for ever without saying so."""
    venue = world.venues[0]
    for symbol in venue.books:
        venue.books[symbol].put_nowait(book(3_000.0, 3_001.0))
    await world.until(lambda: world.states()[-1] is VenueState.SYNCED)
    world.now_s += SILENT_S - 1
    venue.books["BTC/USDT"].put_nowait(book(3_000.0, 3_001.0))
    await world.until(lambda: len(world.events(EventKind.BOOK)) == 3)
    world.now_s += 2
    await world.until(lambda: len(world.venues) == 2)
    assert "ETH/USDT was silent for 15 s" in world.feed.counters().last_error


async def test_a_symbol_that_is_not_traded_there_ends_it() -> None:
    world = World()
    world.next = lambda: FakeExchange(["BTC/USDT"])
    with pytest.raises(VenueError, match="okx: does not trade ETH/USDT"):
        await world.feed.run(world)
    assert world.venues[0].is_closed


async def test_a_failure_of_the_engine_is_not_the_librarys() -> None:
    world = World()

    def fail(received_ns=0):
        raise ZeroDivisionError("in the kernel")

    world.flush = fail
    with pytest.raises(ZeroDivisionError):
        await world.feed.run(world)


async def test_without_ccxt_it_says_how_to_install_it(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ccxt.pro", None)
    with pytest.raises(ConfigurationError, match=r"pip install \"imc-cockpit\[ccxt\]\""):
        await open_exchange("okx")


async def test_an_unknown_venue_is_named_with_the_nearest() -> None:
    pytest.importorskip("ccxt.pro", reason="the extra ccxt is not installed")
    with pytest.raises(ConfigurationError, match="did you mean kraken"):
        await open_exchange("krakn")


async def test_the_real_library_has_what_is_used_of_it() -> None:
    pytest.importorskip("ccxt.pro", reason="the extra ccxt is not installed")
    exchange = await open_exchange("okx")
    try:
        exchange.markets = {
            "BTC/USDT": {"symbol": "BTC/USDT", "precision": {"price": 0.1, "amount": 1e-8}}
        }
        assert exchange.price_to_precision("BTC/USDT", 64_000.1) == "64000.1"
        assert Decimal(exchange.amount_to_precision("BTC/USDT", 0.00012345)) == Decimal(
            "0.00012345"
        )
    finally:
        await exchange.close()


def test_it_is_chosen_by_its_name_and_imported_only_then() -> None:
    assert make_feed("ccxt:bitstamp", INSTRUMENTS).name == "bitstamp"
