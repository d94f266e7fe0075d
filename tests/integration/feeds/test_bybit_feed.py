"""Bybit's feed against a server that speaks its protocol, well and badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.venues.bybit_server import PONGS, BybitServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTCUSDT"), Decimal("0.01"), Decimal("0.000001"))
ETH = Instrument(Symbol("ETHUSDT"), Decimal("0.01"), Decimal("0.00001"))
EMPTY = ([], [])


async def test_tells_the_book_that_the_venue_has(started) -> None:
    async with BybitServer("BTCUSDT", "ETHUSDT") as server:
        feed, heard = await started("bybit", server, [BTC, ETH])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        assert heard.book(0)[1] == [(6_421_020, 29_000), (6_421_100, 213_000)]
        await server.move("ETHUSDT")
        await heard.until(lambda: heard.book(1)[0][2:] == [(6_420_990, 159_300)])
        assert feed.counters().last_error == ""


async def test_a_gap_empties_the_book_and_subscribes_anew(started) -> None:
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(heard.has_book)
        await server.move(is_lost=True)
        await server.move()
        await heard.until(lambda: EMPTY in heard.books(), 1.0)
        await heard.until(heard.has_book, 1.0)
        assert feed.counters().gaps == 1
        assert feed.counters().reconnects == 0
        assert "updates 18521289 to 18521289 are missing" in feed.counters().last_error


async def test_a_snapshot_with_number_1_begins_anew(started) -> None:
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(heard.has_book)
        server.update_ids["BTCUSDT"] = 1
        await server.snapshot(b=[["64000.00", "2"]])
        await server.move(b=[["64001.00", "3"]])
        await heard.until(lambda: heard.book()[0][0] == (6_400_100, 3_000_000))
        assert heard.book()[0][1:] == [(6_400_000, 2_000_000)]
        assert feed.counters().gaps == 0


async def test_a_delta_that_comes_twice_changes_nothing(started) -> None:
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(heard.has_book)
        await server.send(await server.move())
        await server.until(lambda: feed.counters().duplicates == 1)
        assert EMPTY not in heard.books()


@pytest.mark.parametrize("dialect", PONGS)
async def test_every_dialect_of_pong_is_understood(started, dialect: str) -> None:
    async with BybitServer() as server:
        server.pong = dialect
        feed, heard = await started("bybit", server, [BTC], ping_s=0.05, pong_s=0.3)
        await heard.until(heard.has_book)
        await server.until(lambda: sum(1 for each in server.received if each["op"] == "ping") > 8)
        assert feed.counters().reconnects == 0
        assert VenueState.DOWN not in heard.states()


async def test_a_ping_that_is_not_answered_ends_the_connection(started) -> None:
    async with BybitServer() as server:
        server.pong = ""
        feed, heard = await started("bybit", server, [BTC], ping_s=0.1)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "a ping was not answered" in feed.counters().last_error


async def test_a_bad_topic_silences_no_other(started) -> None:
    async with BybitServer() as server:
        wrong = Instrument(Symbol("BTCUSX"), Decimal("0.01"), Decimal("0.00001"))
        feed, heard = await started("bybit", server, [wrong, BTC])
        await heard.until(lambda: heard.has_book(1))
        await server.until(lambda: "it does not know BTCUSX" in feed.counters().last_error)
        assert all("BTCUSX" in topic for topic in server.silenced)
        await server.move()
        await heard.until(lambda: len(heard.books(1)) == 2)


async def test_a_topic_that_dies_without_a_word_is_subscribed_anew(started) -> None:
    """Pings are answered all the while."""
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC], quiet_s=0.3, ping_s=0.05)
        await heard.until(heard.has_book)
        await heard.until(lambda: EMPTY in heard.books())
        assert "nothing was heard of it for 0." in feed.counters().last_error
        await heard.until(heard.has_book, 1.0)
        assert feed.counters().reconnects == 0


async def test_a_subscription_that_nobody_answers_is_made_on_another_connection(started) -> None:
    async with BybitServer() as server:
        server.is_deaf = True
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "no answer to the subscription of orderbook.50.BTCUSDT" in (
            feed.counters().last_error
        )
        server.is_deaf = False
        await heard.until(heard.has_book)


async def test_a_book_whose_bids_reach_its_asks_is_not_shown_and_soon_replaced(started) -> None:
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(heard.has_book)
        await server.move(b=[["64210.20", "1"]])
        await heard.until(lambda: heard.book() == EMPTY)
        await heard.until(heard.has_book)
        assert "its bids reach its asks" in feed.counters().last_error


async def test_trades_are_told_once(started) -> None:
    async with BybitServer() as server:
        feed, heard = await started("bybit", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade("7b1e", "Sell")
        await server.trade("7b1e", "Sell")
        await server.trade("7b1f")
        await heard.until(lambda: len(heard.trades()) == 2)
        assert heard.trades() == [(0, 6_421_020, 1_000, -1), (0, 6_421_020, 1_000, 1)]
        assert feed.counters().duplicates == 1
