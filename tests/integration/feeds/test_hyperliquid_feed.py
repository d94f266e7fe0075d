"""Hyperliquid's feed against a server that speaks its protocol, well and badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.venues.hyperliquid_server import HyperliquidServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTC"), Decimal(1), Decimal("0.00001"))
EMPTY = ([], [])


async def test_every_book_replaces_the_one_before(started) -> None:
    async with HyperliquidServer() as server:
        feed, heard = await started("hyperliquid", server, [BTC])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        assert heard.book() == ([(64_210, 97_139), (64_209, 120_000)], [(64_211, 4_396)])
        await server.book(size="2", price="64210.0")
        await heard.until(lambda: heard.book()[0][0] == (64_210, 200_000))
        assert feed.counters().last_error == ""


async def test_a_book_older_than_the_one_before_is_left_out(started) -> None:
    async with HyperliquidServer() as server:
        feed, heard = await started("hyperliquid", server, [BTC])
        await heard.until(heard.has_book)
        await server.book(size="7", later_ms=-100)
        await server.until(lambda: feed.counters().duplicates == 1)
        assert len(heard.books()) == 1
        assert "older than the one before" in feed.counters().last_error


async def test_a_coin_that_is_not_there_is_told_and_costs_the_others_nothing(started) -> None:
    async with HyperliquidServer() as server:
        wrong = Instrument(Symbol("BTCX"), Decimal(1), Decimal("0.00001"))
        feed, heard = await started("hyperliquid", server, [wrong, BTC])
        await heard.until(lambda: heard.has_book(1))
        await server.until(lambda: "it does not know BTCX" in feed.counters().last_error)
        assert feed.counters().reconnects == 0


async def test_a_ping_that_is_not_answered_ends_the_connection(started) -> None:
    async with HyperliquidServer() as server:
        server.answers_pings = False
        feed, heard = await started("hyperliquid", server, [BTC], ping_s=0.1)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "a ping was not answered" in feed.counters().last_error


async def test_a_subscription_that_fell_silent_is_made_anew(started) -> None:
    async with HyperliquidServer() as server:
        _, heard = await started("hyperliquid", server, [BTC], quiet_s=0.3, ping_s=0.1)
        await heard.until(heard.has_book)
        await heard.until(lambda: EMPTY in heard.books())
        await heard.until(heard.has_book, 1.0)


async def test_a_subscription_that_nobody_answers_is_made_on_another_connection(started) -> None:
    async with HyperliquidServer() as server:
        server.is_deaf = True
        feed, heard = await started("hyperliquid", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "no answer to the subscription of l2Book of BTC" in feed.counters().last_error
        server.is_deaf = False
        await heard.until(heard.has_book)


async def test_a_cut_connection_comes_back(started) -> None:
    async with HyperliquidServer() as server:
        feed, heard = await started("hyperliquid", server, [BTC])
        await heard.until(heard.has_book)
        server.cut()
        await heard.until(lambda: feed.counters().reconnects == 1)
        await heard.until(lambda: heard.states()[-1] is VenueState.SYNCED)
        assert EMPTY in heard.books()


async def test_trades_are_told_once(started) -> None:
    async with HyperliquidServer() as server:
        feed, heard = await started("hyperliquid", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade(98)
        await server.trade(98)
        await server.trade(12, "B")
        await heard.until(lambda: len(heard.trades()) == 2)
        assert heard.trades() == [(0, 64_210, 500, -1), (0, 64_210, 500, 1)]
        assert feed.counters().duplicates == 1
