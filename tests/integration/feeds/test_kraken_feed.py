"""Kraken's feed against a server that speaks its protocol, well and badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import VenueState
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.venues.kraken_server import KrakenServer

pytestmark = pytest.mark.integration

BTC = Instrument(Symbol("BTC/USD"), Decimal("0.1"), Decimal("0.00001"))
EMPTY = ([], [])


async def test_tells_the_book_that_the_venue_has(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(lambda: VenueState.SYNCED in heard.states())
        bids, asks = heard.book()
        assert bids[:2] == [(642_101, 10_000), (642_091, 20_000)]
        assert asks[0] == (642_110, 1_000)
        assert feed.counters().last_error == ""


async def test_updates_prove_themselves_and_push_levels_out_of_scope(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        await server.move(asks=[("64210.5", "0.50000000")])
        # Brings back nothing that was pushed out: that level is told anew.
        await server.move(asks=[("64210.5", "0.00000000"), ("64220.0", "1.00000000")])
        await server.move(bids=[("64210.2", "0.00100000")])
        await heard.until(lambda: heard.book()[0][0] == (642_102, 100))
        assert len(heard.book()[1]) == 10
        assert feed.counters().gaps == 0
        assert EMPTY not in heard.books()


@pytest.mark.parametrize("fault", ["lost", "changed"])
async def test_a_wrong_checksum_empties_the_book_and_subscribes_anew(started, fault: str) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        if fault == "lost":
            await server.move(bids=[("64210.1", "3.00000000")], is_told=False)
        else:
            server.wrong_checksums = 1
        await server.move(bids=[("64209.1", "4.00000000")])
        await heard.until(lambda: EMPTY in heard.books(), 1.0)
        await heard.until(heard.has_book, 1.0)
        assert heard.book()[0][1] == (642_091, 400_000)
        assert feed.counters().gaps == 1
        assert feed.counters().reconnects == 0
        assert "its checksum is not" in feed.counters().last_error


async def test_a_venue_that_is_always_wrong_is_not_asked_without_pause(started) -> None:
    async with KrakenServer() as server:
        server.wrong_checksums = 1_000_000
        feed, heard = await started("kraken", server, [BTC], first_data_s=60.0, retry_s=0.5)
        await server.until(lambda: feed.counters().gaps == 3)
        assert server.subscriptions <= 4
        assert not heard.has_book()


async def test_a_number_with_an_exponent_is_the_number_it_says(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        # Not as Kraken writes it, so the checksum is that of the plain text.
        await server.move(bids=[("64210.2", "0.00025000")], is_told=False)
        frame = server.frame("BTC/USD", "update", {"6.42102E4": "2.5000E-4"}, {})
        await server.send(frame)
        await heard.until(lambda: heard.book()[0][0] == (642_102, 25))
        assert feed.counters().gaps == 0


async def test_an_unknown_pair_is_told_and_costs_the_others_nothing(started) -> None:
    async with KrakenServer() as server:
        wrong = Instrument(Symbol("XBT/USD"), Decimal("0.1"), Decimal("0.00001"))
        feed, heard = await started("kraken", server, [BTC, wrong])
        await heard.until(heard.has_book)
        await server.until(lambda: "it does not know XBT/USD" in feed.counters().last_error)
        assert feed.counters().reconnects == 0


async def test_a_subscription_that_nobody_answers_is_made_on_another_connection(started) -> None:
    async with KrakenServer() as server:
        server.is_deaf = True
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "no answer to the subscription of book of BTC/USD" in feed.counters().last_error
        server.is_deaf = False
        await heard.until(heard.has_book)


async def test_a_subscription_without_data_is_made_anew(started) -> None:
    async with KrakenServer() as server:
        server.is_asleep = True
        feed, heard = await started("kraken", server, [BTC])
        await server.until(lambda: "no book of BTC/USD" in feed.counters().last_error)
        server.is_asleep = False
        await heard.until(heard.has_book)


async def test_a_ping_that_is_not_answered_ends_the_connection(started) -> None:
    async with KrakenServer() as server:
        server.answers_pings = False
        feed, heard = await started("kraken", server, [BTC], ping_s=0.1)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "a ping was not answered" in feed.counters().last_error


async def test_pongs_tell_the_venues_clock(started) -> None:
    async with KrakenServer() as server:
        server.hours_ahead = 3
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        hour_ns = 3600 * 10**9
        await server.until(
            lambda: round((feed.counters().clock_offset_ns or 0) / hour_ns, 1) == 3.0
        )


async def test_silence_without_heartbeats_ends_the_connection(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC], silence_s=0.3)
        await heard.until(lambda: VenueState.DOWN in heard.states())
        assert "silent for" in feed.counters().last_error


async def test_trades_from_before_are_skipped_and_holes_told(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        await server.trade(50, kind="snapshot")
        await server.trade(50)
        await server.trade(51, "buy")
        await server.trade(53)
        await heard.until(lambda: len(heard.trades()) == 2)
        assert heard.trades() == [(0, 642_101, 200, 1), (0, 642_101, 200, -1)]
        assert "1 public trades before 53 were lost" in feed.counters().last_error


async def test_a_cut_connection_comes_back(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        server.cut()
        await heard.until(lambda: feed.counters().reconnects == 1)
        await heard.until(lambda: heard.states()[-1] is VenueState.SYNCED)
        assert EMPTY in heard.books()


async def test_a_web_page_within_the_stream_costs_every_book(started) -> None:
    async with KrakenServer() as server:
        feed, heard = await started("kraken", server, [BTC])
        await heard.until(heard.has_book)
        await server.send("<html>maintenance</html>")
        await heard.until(lambda: EMPTY in heard.books(), 1.0)
        assert "a web page came instead of JSON" in feed.counters().last_error
        await heard.until(heard.has_book)


async def test_a_level_off_the_grid_says_what_to_set(started) -> None:
    async with KrakenServer() as server:
        coarse = Instrument(Symbol("BTC/USD"), Decimal(1), Decimal("0.00001"))
        feed, heard = await started("kraken", server, [coarse])
        await server.until(lambda: "set its tick_size" in feed.counters().last_error)
        assert not heard.has_book()
