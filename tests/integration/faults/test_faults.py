"""The worst, over real sockets: nothing lost, nothing doubled, nothing opened blindly."""

from __future__ import annotations

import asyncio

import pytest

from core.domain.commands import CommandName
from core.domain.enums import Outcome, Readiness, StateReason, TradingState, VenueState

pytestmark = pytest.mark.integration


async def stays_without_orders(faulty, seconds: float = 0.7) -> None:
    """Nothing new is opened for a while, whatever the strategy wants."""
    before = int(faulty.account["orders"])
    await asyncio.sleep(seconds)
    assert faulty.account["orders"] == before


async def test_a_socket_that_stays_open_and_silent_is_stale_and_opens_nothing(faulty) -> None:
    await faulty.trade()
    await faulty.turn_on(exchange={"silent": True})
    await faulty.until(lambda: not faulty.ready(), "stale engine")
    assert faulty.account["readiness"] in (Readiness.STALE, Readiness.DISCONNECTED)
    await stays_without_orders(faulty)
    symbol = faulty.trading.reporter._instruments[0].symbol
    assert not faulty.ask(CommandName.BUY, instrument=symbol, quantity="1", price="2500")
    await faulty.settle()
    faulty.check_money()


async def test_a_frozen_book_is_stale_although_heartbeats_go_on(faulty) -> None:
    await faulty.turn_on(exchange={"freeze_books": True})
    await faulty.until(lambda: faulty.account["readiness"] == Readiness.STALE, "STALE engine")
    assert faulty.account["venue_state"] == VenueState.SYNCED
    await stays_without_orders(faulty)
    await faulty.settle()


async def test_requests_that_are_not_read_become_unknown_and_then_known(faulty) -> None:
    await faulty.turn_on(exchange={"half_open": True})
    await faulty.until(lambda: faulty.account["unknown_orders"] > 0, "UNKNOWN order")
    await faulty.settle()
    faulty.check_money()


async def test_lost_and_doubled_messages_cost_nothing_but_time(faulty) -> None:
    line = {"drop": 0.05, "duplicate": 0.1, "reorder": 0.1}
    await faulty.turn_on(to_client=line, to_exchange={"drop": 0.05, "duplicate": 0.1})
    await faulty.trade(6)
    assert faulty.venue.counters().gaps > 0
    await faulty.settle()
    faulty.check_money()


async def test_executions_told_twice_are_counted_once(faulty) -> None:
    await faulty.turn_on(exchange={"duplicate_fills": 1.0})
    await faulty.trade(8)
    assert faulty.venue.counters().duplicates > 0
    await faulty.settle()
    faulty.check_money()


async def test_acknowledgements_after_their_fills_bring_nothing_back(faulty) -> None:
    await faulty.turn_on(exchange={"fill_before_ack": 1.0})
    await faulty.trade(8)
    await faulty.settle()
    faulty.check_money()


async def test_lost_acknowledgements_are_noticed(faulty) -> None:
    await faulty.turn_on(exchange={"lose_ack": 0.5})
    await faulty.until(lambda: faulty.venue.counters().gaps > 0, "noticed gap")
    await faulty.settle()
    faulty.check_money()


async def test_a_storm_of_refusals_halts_as_runaway(faulty) -> None:
    await faulty.turn_on(exchange={"reject": 1.0})
    await faulty.until(lambda: faulty.account["trading_state"] == TradingState.HALTED, "halt")
    assert faulty.account["state_reason"] == StateReason.RUNAWAY
    await stays_without_orders(faulty, 0.3)


@pytest.mark.parametrize("fault", ["corrupt", "truncate"])
async def test_messages_that_cannot_be_read_are_counted_and_survived(faulty, fault) -> None:
    await faulty.turn_on(to_client={fault: 0.1})
    await faulty.until(lambda: faulty.venue.counters().refused > 3, "refused messages")
    await faulty.settle()
    faulty.check_money()


@pytest.mark.parametrize("fault", ["oversized", "nested", "absurd", "unknown"])
async def test_nonsense_is_counted_and_survived(faulty, fault) -> None:
    share = 0.02 if fault == "oversized" else 0.2
    await faulty.turn_on(exchange={fault: share})
    await faulty.until(lambda: faulty.venue.counters().refused > 1, "refused messages")
    await faulty.settle()
    faulty.check_money()


async def test_connections_cut_again_and_again_lose_nothing(faulty) -> None:
    await faulty.turn_on(exchange={"disconnect_every_s": 0.6})
    await faulty.until(lambda: faulty.venue.counters().reconnects >= 3, "reconnects")
    await faulty.settle()
    faulty.check_money()


async def test_a_clock_that_is_elsewhere_gets_no_new_risk(faulty) -> None:
    await faulty.turn_on(exchange={"clock_offset_ms": 60_000})
    await faulty.until(lambda: faulty.account["outcomes"][Outcome.CLOCK_SKEW] > 0, "CLOCK_SKEW")
    await faulty.until(lambda: not faulty.account["open_orders"], "order book without ours")
    await stays_without_orders(faulty, 0.5)
    await faulty.settle()
    faulty.check_money()


async def test_an_exchange_that_forgets_everything_is_believed(faulty) -> None:
    """Its positions are the truth: ours are corrected, and that is counted."""
    held = faulty.trading.state.instruments["position_lots"]
    await faulty.until(lambda: max(abs(held)) >= 5, "position")
    faulty.ask(CommandName.HALT)
    await faulty.until(lambda: not faulty.account["open_orders"], "rest from our orders")
    wrong = int((held != 0).sum())
    assert wrong
    await faulty.turn_on(exchange={"life": 1})
    await faulty.until(lambda: faulty.venue.counters().reconnects >= 1, "reconnect")
    await faulty.settle()
    assert faulty.account["corrections"] == wrong


async def test_a_slow_reader_does_not_lose_orders(faulty) -> None:
    await faulty.turn_on(exchange={"reads_per_s": 5})
    await asyncio.sleep(1.0)
    await faulty.settle()
    faulty.check_money()
