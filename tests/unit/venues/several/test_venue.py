"""Several venues as one: whose event it is, and where an order goes."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.domain import events
from core.domain.enums import EventKind, IntentKind, OrderStatus, VenueState
from core.domain.errors import VenueError
from core.domain.events import NO_INSTRUMENT, load
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.venues.port import VenueAbilities, VenueCounters
from core.venues.several.venue import SeveralVenues

FIRST = [Instrument(Symbol("BTCUSDT"), Decimal("0.01"))]
SECOND = [
    Instrument(Symbol("BTC/USD"), Decimal("0.1")),
    Instrument(Symbol("ETH/USD"), Decimal("0.01")),
]
ETH = 2
"""Index of the second instrument of the second venue in the engine."""


class Part:
    """An adapter that does as it is told, and keeps what it is asked."""

    def __init__(self, name, **abilities):
        self.name = name
        self.abilities = VenueAbilities(
            **{"amends_orders": True, "has_market_orders": False, **abilities}
        )
        self.state = VenueState.DOWN
        self.last_error = ""
        self.asked = []
        self.fed = 0
        self.failure = None
        self.closed = asyncio.Event()

    async def run(self, sink):
        self.sink = sink
        if self.failure is not None:
            raise self.failure
        await self.closed.wait()

    def submit(self, intents, count):
        self.asked += [
            dict(zip(INTENT.names, row, strict=True)) for row in intents[:count].tolist()
        ]

    def keep_alive(self):
        self.fed += 1

    def counters(self):
        return VenueCounters(
            self.state, f"session of {self.name}", 3, 1, 2, 0, 0, 0, 7.0, self.last_error
        )

    async def close(self):
        self.closed.set()


class Listener:
    def __init__(self):
        self.rows = []
        self.flushed = []

    def put(self, row):
        self.rows.append(bytes(row))

    def flush(self, received_ns=0):
        self.flushed.append(received_ns)

    @property
    def last(self):
        return load(self.rows)[-1]


@pytest.fixture
async def world():
    """The two parts, both of them together, and who listens."""
    one, two, sink = Part("binance"), Part("kraken", has_market_orders=True), Listener()
    both = SeveralVenues([(one, FIRST), (two, SECOND)])
    task = asyncio.create_task(both.run(sink))
    await asyncio.sleep(0.01)
    yield one, two, both, sink
    await both.close()
    await task


def intent(kind, instrument, order_id=1, lots=4):
    row = allocate(INTENT, 1)
    row["kind"], row["instrument"], row["order_id"], row["lots"] = kind, instrument, order_id, lots
    return row


async def test_an_event_gets_the_numbers_of_the_engine(world) -> None:
    _, two, _, sink = world
    two.sink.put(events.book(1, [(100, 3)], [(102, 5)]))
    assert (sink.last["instrument"], sink.last["bid_ticks"][0]) == (ETH, 100)
    two.sink.put(events.venue_state(VenueState.SYNCED, foreign_orders=2))
    assert (sink.last["code"], sink.last["status"], sink.last["lots"]) == (1, VenueState.SYNCED, 2)
    two.sink.put(events.timer())
    assert sink.last["instrument"] == NO_INSTRUMENT


async def test_a_chunk_ends_for_all_when_it_ends_for_one(world) -> None:
    one, _, _, sink = world
    one.sink.flush(77)
    assert sink.flushed == [77]


async def test_an_order_goes_to_the_venue_of_its_instrument(world) -> None:
    one, two, both, _ = world
    both.submit(intent(IntentKind.PLACE, ETH, order_id=9), 1)
    assert one.asked == []
    assert [(row["instrument"], row["order_id"], row["lots"]) for row in two.asked] == [(1, 9, 4)]


async def test_what_is_about_no_instrument_goes_to_all(world) -> None:
    one, two, both, _ = world
    both.submit(intent(IntentKind.RECONCILE, NO_INSTRUMENT), 1)
    assert [len(part.asked) for part in (one, two)] == [1, 1]
    assert one.asked[0]["instrument"] == NO_INSTRUMENT


async def test_what_the_engine_keeps_is_not_changed(world) -> None:
    *_, both, _ = world
    wanted = intent(IntentKind.PLACE, ETH)
    both.submit(wanted, 1)
    assert wanted["instrument"][0] == ETH


async def test_two_foreign_orders_of_one_number_are_told_apart(world) -> None:
    one, two, both, sink = world
    told = []
    for part in (one, two, one):
        part.sink.put(events.order_report(0, -5, OrderStatus.OPEN, side=1, price_ticks=1, lots=1))
        told.append(int(sink.last["order_id"]))
    assert told[0] != told[1]
    assert told[2] == told[0]
    both.submit(intent(IntentKind.CANCEL, 1, order_id=told[1]), 1)
    assert [row["order_id"] for row in two.asked] == [-5]


async def test_our_own_numbers_stay(world) -> None:
    _, two, _, sink = world
    two.sink.put(events.fill(0, 6, 11, -1, 100, 2))
    assert (sink.last["order_id"], sink.last["kind"]) == (6, EventKind.FILL)


async def test_it_can_do_what_each_of_them_can(world) -> None:
    *_, both, _ = world
    assert both.name == "binance + kraken"
    assert both.abilities == VenueAbilities(amends_orders=True, has_market_orders=False)
    both.keep_alive()
    assert [part.fed for part in world[:2]] == [1, 1]


async def test_counters_are_sums_and_a_complaint_names_its_venue(world) -> None:
    one, two, both, _ = world
    two.state, two.last_error = VenueState.SYNCED, "checksum differs"
    counters = both.counters()
    assert (counters.state, counters.messages, counters.gaps) == (VenueState.SYNCED, 6, 4)
    assert counters.last_error == "kraken: checksum differs"
    assert counters.exchange_session == "session of binance session of kraken"
    assert [(name, part.state) for name, part in counters.each("both")] == [
        ("binance", one.state),
        ("kraken", VenueState.SYNCED),
    ]
    assert one.last_error == ""


async def test_a_venue_that_gives_up_ends_all_of_them() -> None:
    one, two = Part("binance"), Part("kraken")
    two.failure = VenueError("kraken", "login refused")
    with pytest.raises(VenueError, match="login refused"):
        await SeveralVenues([(one, FIRST), (two, SECOND)]).run(Listener())


def test_none_and_too_many_are_refused() -> None:
    for count in (0, 9):
        with pytest.raises(ValueError, match="from 1 to 8"):
            SeveralVenues([(Part("x"), FIRST)] * count)
