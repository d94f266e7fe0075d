"""Coinbase's feed against a server that speaks its protocol, well and badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.venues.coinbase_server import CoinbaseServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTC-USD"), Decimal("0.01"), Decimal("0.00001"))
EMPTY = ([], [])
BEST = ([(6_421_010, 6_317)], [(6_421_020, 50_000)])


async def test_tells_the_book_that_the_venue_has(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        assert heard.book() == BEST
        await server.move()
        await heard.until(lambda: heard.book()[0][1:] == [(6_420_970, 50_000)])
        assert feed.counters().last_error == ""


async def test_a_number_that_is_skipped_costs_every_book_and_the_connection(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        await server.move(is_lost=True)
        await server.move(price="64208.00")
        await heard.until(lambda: EMPTY in heard.books(), 1.0)
        await heard.until(lambda: feed.counters().reconnects == 1)
        await heard.until(lambda: heard.states()[-1] is VenueState.SYNCED)
        assert feed.counters().gaps == 1
        assert "of the connection were lost; connecting again" in feed.counters().last_error


async def test_a_message_that_comes_twice_changes_nothing(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        again = await server.move(size="0.25")
        await server.move(size="0.75")
        await server.send(again)
        await server.until(lambda: feed.counters().duplicates == 1)
        assert heard.book()[0][1] == (6_420_970, 75_000)


async def test_a_snapshot_of_megabytes_is_read(started) -> None:
    async with CoinbaseServer() as server:
        server.extra_levels = 40_000
        feed, heard = await started("coinbase", server, [BTC], first_data_s=20.0)
        await heard.until(heard.has_book)
        assert heard.book()[0][:2] == [(6_421_010, 6_317), (40_000, 100_000)]
        assert feed.counters().reconnects == 0


async def test_trades_tell_who_attacked_and_empty_prices_are_left_out(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade("908", kind="snapshot")
        await server.trade("908")
        await server.trade("909", side="BUY")
        await server.trade("910", side="SELL")
        await server.trade("911", price="")
        await server.until(lambda: "a trade was left out" in feed.counters().last_error)
        # The maker bought, so the seller attacked.
        assert [side for *_, side in heard.trades()] == [-1, 1]


async def test_heartbeats_that_are_missing_cost_the_connection(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        await server.heartbeat(3049)
        await server.heartbeat(3051)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "heartbeats 3050 to 3050 were lost" in feed.counters().last_error


async def test_silence_ends_the_connection(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC], silence_s=0.3)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "silent for" in feed.counters().last_error


async def test_a_refusal_is_told(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        await server.send({"type": "error", "message": "authentication failure"})
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "refused a request (authentication failure)" in feed.counters().last_error


async def test_an_empty_price_of_a_level_costs_the_book_and_no_other(started) -> None:
    async with CoinbaseServer() as server:
        feed, heard = await started("coinbase", server, [BTC])
        await heard.until(heard.has_book)
        await server.move(price="")
        await heard.until(lambda: EMPTY in heard.books(), 1.0)
        await heard.until(heard.has_book, 1.0)
        assert feed.counters().reconnects == 0
        assert "price ''" in feed.counters().last_error


async def test_a_product_without_data_is_told_and_costs_the_others_nothing(started) -> None:
    async with CoinbaseServer() as server:
        wrong = Instrument(Symbol("BTC-USX"), Decimal("0.01"), Decimal("0.00001"))
        feed, heard = await started("coinbase", server, [BTC, wrong])
        await heard.until(heard.has_book)
        await server.until(lambda: "no book of BTC-USX" in feed.counters().last_error)
        assert feed.counters().reconnects == 0
        assert heard.book() == BEST
