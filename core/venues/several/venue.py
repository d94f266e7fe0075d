"""
Several venues behind the port of one.

Every adapter counts its instruments from 0 and knows nothing of the others. What it puts
is told to the engine with the engine's numbers, and what the engine wants of an
instrument goes to the adapter that trades it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.enums import VenueState
from core.domain.events import EventRow, relocate
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT, MAX_INTENTS, MAX_VENUES
from core.domain.snapshot import VENUES_BETWEEN
from core.venues.common.together import run_together
from core.venues.port import EventSink, Venue, VenueAbilities, VenueCounters


class ForeignOrders:
    """
    Numbers for orders that are not ours.

    A venue numbers them as it likes; minus that number stands for such an order, and two
    venues may mean two orders by it.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}
        self._orders: list[tuple[int, int]] = []

    def number(self, venue: int, order_id: int) -> int:
        """Number in the engine, below 0, of an order that a venue calls `order_id`."""
        key = (venue, order_id)
        known = self._numbers.get(key)
        if known is None:
            self._orders.append(key)
            known = self._numbers[key] = -len(self._orders)
        return known

    def at_venue(self, number: int) -> int:
        """What the venue calls it; the number itself if it was never given out."""
        place = -number - 1
        return self._orders[place][1] if place < len(self._orders) else number


@dataclass(slots=True)
class _Part:
    """One adapter and its place among the engine's instruments."""

    venue: Venue
    number: int
    first: int
    end: int
    intents: Rows = field(default_factory=lambda: allocate(INTENT, MAX_INTENTS))
    count: int = 0


class _PartSink:
    """Where one adapter puts what it hears."""

    def __init__(self, part: _Part, sink: EventSink, foreign: ForeignOrders) -> None:
        self._part = part
        self._sink = sink
        self._foreign = foreign
        self.flush = sink.flush

    def put(self, row: EventRow) -> None:
        """Pass an event on with the engine's numbers."""
        relocate(
            row,
            first_instrument=self._part.first,
            venue=self._part.number,
            renumber=self._renumber,
        )
        self._sink.put(row)

    def _renumber(self, order_id: int) -> int:
        return self._foreign.number(self._part.number, order_id)


class SeveralVenues:
    """
    A `Venue` made of others.

    It can do what each of them can. Its events of one connection come in the order that
    `Venue` promises for each part, told apart by `events.venue_state`; parts do not wait
    for each other.

    Args:
        parts: Adapters with the instruments of each, in the engine's order.

    Raises:
        ValueError: If there are none, or more than the kernel knows.
    """

    def __init__(self, parts: Sequence[tuple[Venue, Sequence[Instrument]]]) -> None:
        if not 1 <= len(parts) <= MAX_VENUES:
            raise ValueError(f"{len(parts)} venues; from 1 to {MAX_VENUES} can be traded at once")
        self._parts: list[_Part] = []
        first = 0
        for number, (venue, instruments) in enumerate(parts):
            self._parts.append(_Part(venue, number, first, first + len(instruments)))
            first += len(instruments)
        self._foreign = ForeignOrders()

    @property
    def name(self) -> str:
        """The names of all."""
        return VENUES_BETWEEN.join(part.venue.name for part in self._parts)

    @property
    def abilities(self) -> VenueAbilities:
        """What each of them can do."""
        each = [part.venue.abilities for part in self._parts]
        return VenueAbilities(
            amends_orders=all(one.amends_orders for one in each),
            has_market_orders=all(one.has_market_orders for one in each),
        )

    async def run(self, sink: EventSink) -> None:
        """Keep every part connected; the first one that gives up ends all. See `Venue.run`."""
        await run_together(
            part.venue.run(_PartSink(part, sink, self._foreign)) for part in self._parts
        )

    def submit(self, intents: Rows, count: int) -> None:
        """Hand each intent to the part that trades its instrument, in the given order."""
        for part in self._parts:
            part.count = 0
        for row in range(count):
            intent = intents[row]
            index = int(intent["instrument"])
            for part in self._parts:
                # What is about no instrument is for all of them.
                if index < 0 or part.first <= index < part.end:
                    self._take(part, intent)
        for part in self._parts:
            if part.count:
                part.venue.submit(part.intents, part.count)

    def keep_alive(self) -> None:
        """Tell each of them that the engine decides."""
        for part in self._parts:
            part.venue.keep_alive()

    def counters(self) -> VenueCounters:
        """Sums and, of states, the best; complaints name their venues."""
        parts = tuple((part.venue.name, part.venue.counters()) for part in self._parts)
        each = [one for _, one in parts]
        complaints = [f"{name}: {one.last_error}" for name, one in parts if one.last_error]
        return VenueCounters(
            state=max((one.state for one in each), default=VenueState.DOWN),
            exchange_session=" ".join(one.exchange_session for one in each),
            messages=sum(one.messages for one in each),
            reconnects=sum(one.reconnects for one in each),
            gaps=sum(one.gaps for one in each),
            duplicates=sum(one.duplicates for one in each),
            refused=sum(one.refused for one in each),
            unsent=sum(one.unsent for one in each),
            last_message_monotonic_s=max(one.last_message_monotonic_s for one in each),
            last_error="; ".join(complaints),
            requests=sum(one.requests for one in each),
            requests_waiting=sum(one.requests_waiting for one in each),
            parts=parts,
        )

    async def close(self) -> None:
        """End all of them, none later than the slowest."""
        await asyncio.gather(*(part.venue.close() for part in self._parts))

    def _take(self, part: _Part, intent: Any) -> None:
        own = part.intents[part.count]
        part.intents[part.count] = intent
        if own["instrument"] >= 0:
            own["instrument"] -= part.first
        if own["order_id"] < 0:
            own["order_id"] = self._foreign.at_venue(int(own["order_id"]))
        part.count += 1
