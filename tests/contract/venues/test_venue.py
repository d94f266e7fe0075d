"""What every venue adapter promises the engine, tried against a loopback server."""

from __future__ import annotations

import asyncio

import pytest

from core.domain.enums import (
    EventKind,
    IntentKind,
    OrderStatus,
    RejectReason,
    Side,
    VenueState,
)
from core.domain.events import IOC, POST_ONLY

pytestmark = pytest.mark.integration

ETF = 1
PLACE, CANCEL, REPLACE = (
    kind.value for kind in (IntentKind.PLACE, IntentKind.CANCEL, IntentKind.REPLACE)
)


def is_synced(venue, connections: int = 1) -> bool:
    counters = venue.counters()
    return counters.state is VenueState.SYNCED and counters.reconnects == connections - 1


async def synced(harness, connect, **options):
    venue = harness.venue(**options)
    sink, _ = await connect(venue)
    await sink.until(lambda: is_synced(venue))
    return venue, sink


async def test_a_connection_tells_its_states_in_order(harness, connect) -> None:
    """Positions are told in between, flat ones included."""
    _, sink = await synced(harness, connect)
    states = sink.events(EventKind.VENUE_STATE)["status"].tolist()
    assert states == [VenueState.CONNECTING, VenueState.CONNECTED, VenueState.SYNCED]
    kinds = sink.events()["kind"].tolist()
    positions = sink.events(EventKind.POSITION_REPORT)
    assert positions["instrument"].tolist() == [0, 1]
    assert positions["lots"].tolist() == [0, 0]
    last_position = len(kinds) - 1 - kinds[::-1].index(EventKind.POSITION_REPORT)
    assert sink.events()["status"][last_position + 1] == VenueState.SYNCED


async def test_the_book_follows_the_market(harness, connect) -> None:
    _, sink = await synced(harness, connect)
    harness.counterparty("buy", "49.7", "6")
    await sink.until(lambda: len(sink.events(EventKind.BOOK, instrument=ETF)) >= 2)
    book = sink.events(EventKind.BOOK, instrument=ETF)[-1]
    assert (book["bid_ticks"][0], book["bid_lots"][0]) == (497, 6)


async def test_an_order_lives_through_its_reports(harness, connect, intents) -> None:
    """Accepted, moved, partly filled, canceled."""
    venue, sink = await synced(harness, connect)

    def reports():
        return sink.events(EventKind.ORDER_REPORT, order_id=12)

    venue.submit(*intents((PLACE, ETF, 12, Side.BUY.value, 495, 9, POST_ONLY)))
    await sink.until(lambda: len(reports()) == 1)
    venue.submit(*intents((REPLACE, ETF, 12, Side.BUY.value, 498, 7, 0)))
    await sink.until(lambda: len(reports()) == 2)
    harness.counterparty("sell", "49.8", "3")
    await sink.until(lambda: len(sink.events(EventKind.FILL)) == 1)
    venue.submit(*intents((CANCEL, ETF, 12, Side.BUY.value, 498, 0, 0)))
    await sink.until(lambda: len(reports()) == 3)

    assert reports()["status"].tolist() == [
        OrderStatus.OPEN,
        OrderStatus.OPEN,
        OrderStatus.CANCELED,
    ]
    assert reports()["price_ticks"].tolist()[:2] == [495, 498]
    assert reports()["leaves_lots"].tolist()[:2] == [9, 7]
    (fill,) = sink.events(EventKind.FILL)
    assert (fill["order_id"], fill["side"], fill["instrument"]) == (12, Side.BUY, ETF)
    assert (fill["price_ticks"], fill["lots"], fill["leaves_lots"]) == (498, 3, 4)
    assert fill["trade_id"] > 0


async def test_an_ioc_order_takes_what_is_there(harness, connect, intents) -> None:
    venue, sink = await synced(harness, connect)
    harness.counterparty("sell", "50.2", "4")
    venue.submit(*intents((PLACE, ETF, 3, Side.BUY.value, 502, 6, IOC)))
    await sink.until(lambda: len(sink.events(EventKind.ORDER_REPORT, order_id=3)) == 2)
    (fill,) = sink.events(EventKind.FILL)
    assert (fill["lots"], fill["leaves_lots"], fill["fee_nanos"]) == (4, 2, 100_400_000)
    last = sink.events(EventKind.ORDER_REPORT, order_id=3)[-1]
    assert last["status"] == OrderStatus.EXPIRED


async def test_a_refusal_comes_with_its_reason(harness, connect, intents) -> None:
    venue, sink = await synced(harness, connect)
    harness.counterparty("sell", "50.2", "4")
    venue.submit(
        *intents(
            (PLACE, ETF, 4, Side.BUY.value, 502, 1, POST_ONLY),
            (PLACE, ETF, 5, Side.BUY.value, 502, 201, 0),
            (CANCEL, ETF, 77, Side.BUY.value, 0, 0, 0),
        )
    )
    await sink.until(lambda: len(sink.events(EventKind.ORDER_REPORT)) == 3)
    rows = sink.events(EventKind.ORDER_REPORT)
    assert rows["order_id"].tolist() == [4, 5, 77]
    assert rows["instrument"].tolist() == [ETF] * 3
    assert rows["code"].tolist() == [
        RejectReason.WOULD_CROSS,
        RejectReason.POSITION_LIMIT,
        RejectReason.UNKNOWN_ORDER,
    ]
    assert rows["status"].tolist() == [
        OrderStatus.REJECTED,
        OrderStatus.REJECTED,
        OrderStatus.CANCELED,
    ]


async def test_an_order_leaves_in_the_callback_that_brought_its_cause(
    harness, connect, intents
) -> None:
    """Synchronous from bytes in to bytes out: no task switch in between."""
    venue, sink = await synced(harness, connect)
    sent_in = []

    def trade_on_the_first_ask() -> None:
        if not sent_in and sink.events(EventKind.BOOK, instrument=ETF)[-1]["ask_lots"][0] > 0:
            sent_in.append(sink.flushes)
            venue.submit(*intents((PLACE, ETF, 6, Side.BUY.value, 502, 2, IOC)))

    sink.on_flush = trade_on_the_first_ask
    harness.counterparty("sell", "50.2", "4")
    await sink.until(lambda: len(sink.events(EventKind.FILL)) == 1)
    assert len(sent_in) == 1


async def test_a_lost_connection_is_made_again_and_tells_all(harness, connect, intents) -> None:
    """Resting orders, positions, and the fill that happened while nobody listened."""
    venue, sink = await synced(harness, connect)
    venue.submit(
        *intents(
            (PLACE, ETF, 12, Side.BUY.value, 495, 9, 0),
            (PLACE, ETF, 13, Side.BUY.value, 490, 2, 0),
        )
    )
    await sink.until(lambda: len(sink.events(EventKind.ORDER_REPORT)) == 2)
    sink.rows.clear()
    harness.break_connections()
    harness.counterparty("sell", "49.5", "4")
    await sink.until(lambda: is_synced(venue, connections=2))

    rows = sink.events()
    states = sink.events(EventKind.VENUE_STATE)["status"].tolist()
    assert states[0] == VenueState.DOWN
    assert states[-2:] == [VenueState.CONNECTED, VenueState.SYNCED]
    (fill,) = sink.events(EventKind.FILL)
    assert (fill["order_id"], fill["lots"], fill["leaves_lots"]) == (12, 4, 5)
    reports = sink.events(EventKind.ORDER_REPORT)
    assert reports["order_id"].tolist() == [12, 13]
    assert reports["leaves_lots"].tolist() == [5, 2]
    assert sink.events(EventKind.POSITION_REPORT)["lots"].tolist() == [0, 4]
    kinds = rows["kind"].tolist()
    assert kinds.index(EventKind.FILL) < kinds.index(EventKind.POSITION_REPORT)


async def test_a_lost_connection_takes_its_books_away(harness, connect) -> None:
    venue, sink = await synced(harness, connect)
    harness.counterparty("buy", "49.7", "6")
    await sink.until(lambda: sink.events(EventKind.BOOK, instrument=ETF)[-1]["bid_lots"][0] == 6)
    sink.rows.clear()
    harness.break_connections()
    await sink.until(lambda: is_synced(venue, connections=2))
    assert sink.events(EventKind.BOOK, instrument=ETF)[0]["bid_lots"][0] == 0


async def test_a_restarted_venue_is_found_again(harness, connect) -> None:
    """Another session, no orders: the engine has to be told that, not to guess."""
    venue, sink = await synced(harness, connect)
    before = venue.counters().exchange_session
    await harness.stop()
    await harness.start()
    await sink.until(lambda: is_synced(venue, connections=2))
    assert venue.counters().exchange_session != before


async def test_orders_of_another_run_have_negative_numbers_and_can_be_canceled(
    harness, connect, intents
) -> None:
    """After a crash: the old run's orders are still there."""
    old, old_sink = await synced(harness, connect, run_id="run-0001")
    old.submit(*intents((PLACE, ETF, 12, Side.BUY.value, 495, 9, 0)))
    await old_sink.until(lambda: len(old_sink.events(EventKind.ORDER_REPORT)) == 1)
    venue, sink = await synced(harness, connect, run_id="run-0002")
    (orphan,) = sink.events(EventKind.ORDER_REPORT)
    assert orphan["order_id"] < 0
    assert (orphan["price_ticks"], orphan["leaves_lots"]) == (495, 9)
    venue.submit(*intents((CANCEL, ETF, int(orphan["order_id"]), Side.BUY.value, 495, 0, 0)))
    await sink.until(lambda: len(sink.events(EventKind.ORDER_REPORT)) == 2)
    canceled = sink.events(EventKind.ORDER_REPORT)[-1]
    assert (canceled["order_id"], canceled["status"]) == (orphan["order_id"], OrderStatus.CANCELED)


async def test_fills_since_a_crash_are_told_at_the_first_login(harness, connect, intents) -> None:
    """The engine died after its first fill; the second one happened to an order of the dead."""
    old = harness.venue(run_id="run-0001")
    old_sink, old_task = await connect(old)
    await old_sink.until(lambda: is_synced(old))
    old.submit(*intents((PLACE, ETF, 12, Side.BUY.value, 495, 9, 0)))
    await old_sink.until(lambda: len(old_sink.events(EventKind.ORDER_REPORT)) == 1)
    harness.counterparty("sell", "49.5", "2")
    await old_sink.until(lambda: len(old_sink.events(EventKind.FILL)) == 1)
    last_trade_id = int(old_sink.events(EventKind.FILL)["trade_id"][0])
    old_task.cancel()
    await asyncio.gather(old_task, return_exceptions=True)
    harness.counterparty("sell", "49.5", "3")

    _, sink = await synced(harness, connect, run_id="run-0002", executions_after=last_trade_id)
    (fill,) = sink.events(EventKind.FILL)
    (orphan,) = sink.events(EventKind.ORDER_REPORT)
    assert (fill["lots"], fill["order_id"]) == (3, orphan["order_id"])
    assert fill["trade_id"] > last_trade_id
    assert sink.events(EventKind.POSITION_REPORT)["lots"].tolist() == [0, 5]


async def test_without_a_connection_orders_are_refused_at_once(harness, connect, intents) -> None:
    """`submit` neither waits nor fails; a cancel is settled by the next connection."""
    venue, sink = await synced(harness, connect)
    await harness.stop()
    await sink.until(lambda: venue.counters().state is not VenueState.SYNCED)
    flushes = sink.flushes
    venue.submit(
        *intents(
            (PLACE, ETF, 8, Side.SELL.value, 505, 3, 0), (CANCEL, ETF, 7, Side.SELL.value, 0, 0, 0)
        )
    )
    (report,) = sink.events(EventKind.ORDER_REPORT)
    assert (report["order_id"], report["status"]) == (8, OrderStatus.REJECTED)
    assert report["code"] == RejectReason.MARKET_CLOSED
    assert venue.counters().unsent == 2
    assert sink.flushes == flushes
    await harness.start()


async def test_an_order_before_the_login_is_answered_is_refused(harness, connect, intents) -> None:
    """The account state could be on its way without it, and it would be taken for lost."""
    venue = harness.venue()
    sink, _ = await connect(venue)

    def place_at_once() -> None:
        if venue.counters().state is VenueState.CONNECTING and not venue.counters().unsent:
            venue.submit(*intents((PLACE, ETF, 8, Side.SELL.value, 505, 3, 0)))

    sink.on_flush = place_at_once
    await sink.until(lambda: is_synced(venue))
    (report,) = sink.events(EventKind.ORDER_REPORT)
    assert (report["order_id"], report["status"]) == (8, OrderStatus.REJECTED)


async def test_an_engine_that_fails_gets_its_own_error_back(harness, connect) -> None:
    """And the connection is gone: nobody trades for an engine that cannot journal."""
    venue = harness.venue()
    sink, task = await connect(venue)

    def fail() -> None:
        if sink.events(EventKind.VENUE_STATE, status=VenueState.SYNCED).size:
            raise ZeroDivisionError("no journal")

    sink.on_flush = fail
    with pytest.raises(ZeroDivisionError, match="no journal"):
        await task


async def test_close_ends_run_and_says_so(harness, connect) -> None:
    venue = harness.venue()
    sink, task = await connect(venue)
    await sink.until(lambda: is_synced(venue))
    await venue.close()
    await task
    assert sink.events(EventKind.VENUE_STATE)["status"][-1] == VenueState.DOWN
    assert venue.counters().state is VenueState.DOWN


async def test_close_ends_an_attempt_to_connect_too(harness, connect) -> None:
    venue = harness.venue()
    await harness.stop()
    sink, task = await connect(venue)
    await sink.until(lambda: sink.flushes >= 2)
    await venue.close()
    await task
    await harness.start()


async def test_cancellation_ends_run(harness, connect) -> None:
    venue = harness.venue()
    sink, task = await connect(venue)
    await sink.until(lambda: is_synced(venue))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert venue.counters().state is VenueState.DOWN
