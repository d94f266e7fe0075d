"""A recording as a live venue: what reaches the sink, and in which order."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason, VenueState
from core.domain.events import ACCOUNT_STATE, HEADER_BYTES, book, load, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.venues.simulated.venue import SimulatedVenue

INSTRUMENTS = [
    Instrument(Symbol("1_Eisbach"), Decimal(1)),
    Instrument(Symbol("7_ETF"), Decimal("0.1")),
]
ETF = 1


class Listener:
    """A sink that keeps every event."""

    def __init__(self):
        self.rows = []
        self.flushes = 0

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        self.flushes += 1

    def take(self):
        rows, self.rows = load(self.rows), []
        return rows


@pytest.fixture
async def connected():
    """A connected venue, its listener, and the task that runs it."""
    venue, sink = SimulatedVenue(INSTRUMENTS, lambda: 5_000), Listener()
    task = asyncio.create_task(venue.run(sink))
    while venue.counters().state is not VenueState.SYNCED:
        await asyncio.sleep(0)
    yield venue, sink
    await venue.close()
    await task


def recorded(row, ts_ns=5_000):
    stamp(row, 0, ts_ns)
    return load([row])


def order(order_id, side, ticks, lots, kind=IntentKind.PLACE, instrument=ETF):
    intents = allocate(INTENT, 1)
    for name, value in {
        "kind": kind,
        "instrument": instrument,
        "order_id": order_id,
        "side": side,
        "price_ticks": ticks,
        "lots": lots,
    }.items():
        intents[0][name] = value
    return intents


async def test_a_connection_tells_its_states_and_that_we_are_flat(connected):
    _, sink = connected
    rows = sink.take()
    told = [(EventKind(int(row["kind"])), int(row["instrument"])) for row in rows]
    state, position = EventKind.VENUE_STATE, EventKind.POSITION_REPORT
    assert told == [(state, -1), (state, -1), (position, 0), (position, ETF), (state, -1)]
    assert [int(row["status"]) for row in rows if row["kind"] == state] == [
        VenueState.CONNECTING,
        VenueState.CONNECTED,
        VenueState.SYNCED,
    ]


async def test_a_recorded_book_arrives_whole_and_a_trade_without_one(connected):
    venue, sink = connected
    sink.take()
    assert venue.feed(recorded(book(ETF, [(497, 6)], [(503, 2)])), 0)
    assert venue.feed(recorded(trade(ETF, 503, 1, 1)), 0)
    assert len(sink.rows[1]) == HEADER_BYTES
    rows = sink.take()
    assert rows["kind"].tolist() == [EventKind.BOOK, EventKind.TRADE]
    assert (rows[0]["bid_ticks"][0], rows[0]["ask_lots"][0]) == (497, 2)


async def test_an_order_is_answered_and_filled_by_the_recording(connected):
    """The fill is told before the trade that caused it, as a backtest applies them."""
    venue, sink = connected
    venue.feed(recorded(book(ETF, [(497, 6)], [(503, 2)], exch_ts_ns=4_000)), 0)
    sink.take()
    venue.submit(order(7, 1, 498, 3), 1)
    answer = sink.take()[0]
    assert (answer["status"], answer["leaves_lots"]) == (OrderStatus.OPEN, 3)
    assert answer["exch_ts_ns"] == 4_000
    venue.feed(recorded(trade(ETF, 498, 2, -1, exch_ts_ns=4_500)), 0)
    fill, public = sink.take()
    assert (fill["kind"], fill["order_id"], fill["lots"], fill["leaves_lots"]) == (
        EventKind.FILL, 7, 2, 1,
    )  # fmt: skip
    assert (fill["exch_ts_ns"], public["kind"]) == (4_500, EventKind.TRADE)


async def test_submit_does_not_flush_and_feed_does(connected):
    venue, sink = connected
    before = sink.flushes
    venue.submit(order(7, 1, 498, 3), 1)
    assert sink.flushes == before
    venue.feed(recorded(book(ETF, [(497, 6)], [])), 0)
    assert sink.flushes == before + 1


async def test_orders_match_the_latest_book_though_the_recording_moves_on(connected):
    venue, sink = connected
    events = recorded(book(ETF, [(497, 6)], [(503, 2)]))
    venue.feed(events, 0)
    events["ask_ticks"][:] = 1
    sink.take()
    venue.submit(order(7, 1, 503, 2), 1)
    assert [int(row["price_ticks"]) for row in sink.take() if row["kind"] == EventKind.FILL] == [
        503
    ]


async def test_an_unknown_instrument_is_refused_and_counted(connected):
    venue, sink = connected
    sink.take()
    assert not venue.feed(recorded(book(2, [(497, 6)], [])), 0)
    venue.submit(order(7, 1, 498, 3, instrument=5), 1)
    assert sink.take()["code"].tolist() == [RejectReason.UNKNOWN_INSTRUMENT]
    assert venue.counters().refused == 1


async def test_after_close_places_are_refused_and_cancels_counted():
    venue, sink = SimulatedVenue(INSTRUMENTS, lambda: 5_000), Listener()
    assert not venue.feed(recorded(book(ETF, [(497, 6)], [])), 0)
    venue.submit(order(6, 1, 498, 3), 1)
    await venue.close()
    await venue.run(sink)
    assert sink.take()[-1]["status"] == VenueState.DOWN
    venue.submit(order(7, 1, 498, 3), 1)
    venue.submit(order(7, 1, 498, 3, IntentKind.CANCEL), 1)
    answer = sink.take()
    assert answer["status"].tolist() == [OrderStatus.REJECTED]
    assert answer["code"].tolist() == [RejectReason.MARKET_CLOSED]
    counters = venue.counters()
    assert (counters.state, counters.unsent) == (VenueState.DOWN, 2)
    assert venue.name == "simulated"


def asked(kind, order_id=0, instrument=-1):
    return order(order_id, 0, 0, 0, kind, instrument)


async def test_a_reconciliation_tells_orders_with_their_whole_size_and_positions(connected):
    venue, sink = connected
    venue.feed(recorded(book(ETF, [(497, 6)], [(503, 2)], exch_ts_ns=4_000)), 0)
    venue.submit(order(7, 1, 503, 5), 1)
    venue.submit(order(8, -1, 510, 4), 1)
    sink.take()
    flushes = sink.flushes
    venue.submit(asked(IntentKind.RECONCILE), 1)
    rows = sink.take()
    state, report, position = (
        EventKind.VENUE_STATE, EventKind.ORDER_REPORT, EventKind.POSITION_REPORT,
    )  # fmt: skip
    assert rows["kind"].tolist() == [state, report, report, position, position, state]
    assert rows["status"][[0, 5]].tolist() == [VenueState.CONNECTED, VenueState.SYNCED]
    told = [
        tuple(int(row[name]) for name in ("order_id", "side", "price_ticks", "lots", "leaves_lots"))
        for row in rows[1:3]
    ]
    assert told == [(7, 1, 503, 5, 3), (8, -1, 510, 4, 4)]
    assert rows["key"][1:3].tolist() == [ACCOUNT_STATE] * 2
    assert rows["lots"][3:5].tolist() == [0, 2]
    assert sink.flushes == flushes


async def test_a_question_is_answered_with_what_the_order_is(connected):
    venue, sink = connected
    venue.submit(order(7, -1, 503, 5), 1)
    sink.take()
    venue.submit(asked(IntentKind.QUERY, 7, ETF), 1)
    venue.submit(asked(IntentKind.QUERY, 6, ETF), 1)
    standing, unknown = sink.take()
    assert (standing["status"], standing["side"]) == (OrderStatus.OPEN, -1)
    assert (standing["lots"], standing["leaves_lots"], standing["key"]) == (5, 5, 0)
    assert (unknown["order_id"], unknown["status"]) == (6, OrderStatus.CANCELED)
    assert unknown["code"] == RejectReason.UNKNOWN_ORDER


async def test_everything_can_be_canceled_at_once(connected):
    venue, sink = connected
    venue.submit(order(7, -1, 503, 5), 1)
    venue.submit(order(8, 1, 3391, 2, instrument=0), 1)
    sink.take()
    venue.submit(asked(IntentKind.CANCEL_EVERYTHING), 1)
    rows = sink.take()
    assert [(int(row["order_id"]), int(row["status"])) for row in rows] == [
        (7, OrderStatus.CANCELED),
        (8, OrderStatus.CANCELED),
    ]
    venue.submit(asked(IntentKind.RECONCILE), 1)
    assert EventKind.ORDER_REPORT not in sink.take()["kind"]


async def test_there_is_no_timer_to_feed(connected):
    venue, sink = connected
    sink.take()
    venue.keep_alive()
    assert sink.rows == []


async def test_without_a_connection_requests_about_the_account_are_counted():
    venue = SimulatedVenue(INSTRUMENTS, lambda: 5_000)
    for kind in (IntentKind.RECONCILE, IntentKind.QUERY, IntentKind.CANCEL_EVERYTHING):
        venue.submit(asked(kind), 1)
    assert venue.counters().unsent == 3


def test_bytes_of_another_kind_of_venue_are_refused() -> None:
    names = (Symbol("1_Eisbach"), Symbol("7_ETF"))
    products = [Instrument(name, Decimal(1)) for name in names]
    one, two = (SimulatedVenue(traded, lambda: 1) for traded in (products[:1], products))
    with pytest.raises(ValueError, match="are not those of this venue"):
        two.from_bytes(one.to_bytes())
    with pytest.raises(ValueError, match="are not those of this venue"):
        one.from_bytes(one.to_bytes() + bytes(8))
