"""Binance's feed against a server that speaks its protocol, well and badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.venues.binance_server import FAULTY, BinanceServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTCUSDT"), Decimal("0.01"), Decimal("0.00001"))
ETH = Instrument(Symbol("ETHUSDT"), Decimal("0.01"), Decimal("0.0001"))
BEST = (6_421_010, 51_200), (6_421_011, 30_000)


async def test_tells_the_book_that_the_venue_has_and_then_that_all_are_there(started) -> None:
    async with BinanceServer("BTCUSDT", "ETHUSDT") as server:
        feed, heard = await started("binance", server, [BTC, ETH])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        assert heard.states() == [
            VenueState.CONNECTING,
            VenueState.CONNECTED,
            VenueState.SYNCED,
        ]
        assert heard.book(0)[0][0] == BEST[0]
        assert heard.book(1)[1][0] == (6_421_011, 3_000)
        assert feed.counters().gaps == 0
        assert feed.counters().last_error == ""
        assert feed.name == "binance"


async def test_a_gap_empties_the_book_at_once_and_a_new_snapshot_mends_it(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        await server.move()
        count = len(heard.books())
        server.books["BTCUSDT"].change()
        await server.move()
        await heard.until(lambda: ([], []) in heard.books()[count:], 1.0)
        await heard.until(heard.has_book, 1.0)
        assert feed.counters().gaps == 1
        assert "BTCUSDT: updates" in feed.counters().last_error
        assert feed.counters().reconnects == 0


async def test_a_message_that_comes_twice_changes_nothing(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        await server.move()
        again = server.delta()
        await server.send(again)
        await server.send(again)
        await heard.until(lambda: feed.counters().duplicates == 1)
        assert feed.counters().gaps == 0
        assert ([], []) not in heard.books()


async def test_a_snapshot_older_than_the_stream_is_fetched_again(started) -> None:
    async with BinanceServer() as server:
        server.stale_snapshots = 2
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        assert server.snapshots == 3
        assert "older than the stream" in feed.counters().last_error


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("html", "a web page came instead of JSON"),
        ("429", "too many requests (HTTP 429)"),
        ("418", "this address is banned (HTTP 418)"),
        ("500", "HTTP 500"),
    ],
)
async def test_a_snapshot_that_is_refused_is_told_and_asked_for_later(
    started, fault: str, sentence: str
) -> None:
    async with BinanceServer() as server:
        server.http_faults = [FAULTY[fault]]
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        assert sentence in feed.counters().last_error
        assert server.snapshots == 2


async def test_a_connection_that_is_cut_comes_back_with_a_new_book(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        server.cut()
        await heard.until(lambda: heard.states()[-2:] == [VenueState.CONNECTED, VenueState.SYNCED])
        await heard.until(lambda: feed.counters().reconnects == 1)
        assert VenueState.DOWN in heard.states()
        assert heard.books()[1] == ([], []) or ([], []) in heard.books()


async def test_a_subscription_that_nobody_answers_is_made_on_another_connection(started) -> None:
    async with BinanceServer() as server:
        server.is_deaf = True
        feed, heard = await started("binance", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "no answer to the subscription" in feed.counters().last_error
        server.is_deaf = False
        await heard.until(heard.has_book)


async def test_an_unknown_name_is_told_and_costs_the_others_nothing(started) -> None:
    async with BinanceServer() as server:
        wrong = Instrument(Symbol("BTCEUX"), Decimal("0.01"), Decimal("0.00001"))
        feed, heard = await started("binance", server, [BTC, wrong])
        await heard.until(heard.has_book)
        await server.until(lambda: "it does not know BTCEUX" in feed.counters().last_error)
        assert feed.counters().state is VenueState.SYNCED
        assert feed.counters().reconnects == 0


async def test_another_connection_takes_over_before_the_server_shuts_down(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade(7)
        await heard.until(heard.trades)
        old = server.connections[0]
        await server.shut_down(old)
        await server.until(lambda: server.accepted == 2)
        await server.until(lambda: old not in server.connections)
        await server.trade(8)
        await heard.until(lambda: len(heard.trades()) == 2)
        # Nobody who listens could tell.
        assert heard.states() == [VenueState.CONNECTING, VenueState.CONNECTED, VenueState.SYNCED]
        assert ([], []) not in heard.books()
        assert feed.counters().reconnects == 1
        assert feed.counters().gaps == 0


async def test_a_connection_that_dies_while_the_other_is_made_is_told_of(started) -> None:
    async with BinanceServer("BTCUSDT", "ETHUSDT") as server:
        feed, heard = await started("binance", server, [BTC, ETH])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        old = server.connections[0]
        # The other one has no books yet when the old one is gone.
        server.http_faults = [FAULTY["500"]] * 4
        await server.shut_down(old)
        await server.until(lambda: server.accepted == 2)
        old.transport.abort()
        await heard.until(
            lambda: heard.states()[-1] is VenueState.SYNCED and len(heard.states()) > 3
        )
        assert heard.states()[3:] == [VenueState.DOWN, VenueState.CONNECTED, VenueState.SYNCED]
        assert ([], []) in heard.books(0)
        assert heard.has_book(0)
        assert heard.has_book(1)
        assert feed.counters().reconnects == 1


async def test_a_name_that_is_unknown_does_not_keep_another_connection_away(started) -> None:
    async with BinanceServer() as server:
        wrong = Instrument(Symbol("BTCEUX"), Decimal("0.01"), Decimal("0.00001"))
        _, heard = await started("binance", server, [BTC, wrong])
        await heard.until(heard.has_book)
        old = server.connections[0]
        await server.shut_down(old)
        await server.until(lambda: server.accepted == 2 and old not in server.connections)
        assert ([], []) not in heard.books(0)


async def test_a_handshake_that_is_refused_for_a_while_is_not_repeated_before(started) -> None:
    async with BinanceServer() as server:
        server.refuse_status = 429
        feed, heard = await started("binance", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "too many connections" in feed.counters().last_error
        server.refuse_status = 0
        asked_s = feed._barred_until_s
        await heard.until(heard.has_book)
        assert feed._leg.session._began_s >= asked_s


async def test_a_server_that_answers_no_ping_is_left(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC], keepalive_s=0.2)
        await heard.until(heard.has_book)
        server.connections[0].transport.pause_reading()
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "ping" in feed.counters().last_error
        await heard.until(lambda: heard.states()[-1] is VenueState.SYNCED)


async def test_silence_ends_the_connection(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC], silence_s=0.3)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "silent for 0." in feed.counters().last_error


async def test_a_web_page_in_place_of_the_stream_says_so(started) -> None:
    async with BinanceServer() as server:
        server.is_html = True
        feed, heard = await started("binance", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "web page" in feed.counters().last_error
        server.is_html = False
        await heard.until(heard.has_book)


async def test_a_frame_of_over_a_mebibyte_is_read(started) -> None:
    async with BinanceServer() as server:
        _, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        # Zeros remove nothing: 30,000 levels that were never there.
        far = [[f"{50_000 + n}.00000000", "0.00000000"] for n in range(30_000)]
        await server.move(a=far)
        await server.move(b=[["64210.10000000", "7.00000000"]])
        await heard.until(lambda: heard.book()[0][0] == (6_421_010, 700_000))


async def test_a_trade_that_is_missing_is_told(started) -> None:
    async with BinanceServer() as server:
        feed, heard = await started("binance", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade(77_001)
        await server.trade(77_004, is_sell=True)
        await server.trade(77_004, is_sell=True)
        await heard.until(lambda: feed.counters().duplicates == 1)
        assert heard.trades() == [(0, 6_421_011, 200, 1), (0, 6_421_011, 200, -1)]
        assert "2 public trades before 77004 were lost" in feed.counters().last_error
