"""
A paper account on a live market: real books, and our orders simulated among them.

Public market data come from a `MarketFeed`, whose sink this is. Our orders queue behind
the volume that the book shows when they arrive; what trades or shrinks from then on moves
them forward, as `core.kernel.simulation` says. Nothing is ever sent to the venue.

An order takes effect `latency_s` after it was submitted, and what becomes of it is told
`latency_s` after it happened. Market data are told when they arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from core.domain import events
from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason, VenueState
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.refusals import refusals
from core.kernel.simulation import VENUE_TERMS
from core.venues.common.simulated_account import (
    SimulatedAccount,
    encoded,
    kind_and_instrument,
)
from core.venues.market.port import MarketFeed
from core.venues.paper.delay import Delay
from core.venues.port import EventSink, VenueAbilities, VenueCounters

ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=True)

_LEVELS_OFFSET = events.HEADER_BYTES
"""Where the levels of a BOOK begin: all zeros in an empty one."""

_BOOK, _TRADE, _STATE = (
    EventKind.BOOK.value,
    EventKind.TRADE.value,
    EventKind.VENUE_STATE.value,
)


class PaperVenue:
    """
    A `Venue` that fills orders against the books of a feed.

    Args:
        feed: Public market data; run and closed by this venue.
        instruments: In the order of the kernel's indexes.
        latency_s: One way between us and the venue.
        positions: Lots that an earlier run on this account left, by instrument.
        last_trade_id: Last execution in the books of that run.
    """

    def __init__(
        self,
        feed: MarketFeed,
        instruments: Sequence[Instrument],
        *,
        latency_s: float = 0.0,
        positions: Sequence[int] = (),
        last_trade_id: int = 0,
    ) -> None:
        self._feed = feed
        self._instruments = tuple(instruments)
        self._account = SimulatedAccount(instruments, positions, last_trade_id, _terms())
        self._trusted = [False] * len(self._instruments)
        """By instrument: whether its book may be traded on."""
        self._to_venue = Delay(latency_s, self._arrived)
        self._to_us = Delay(latency_s, self._arrived)
        self._state = VenueState.DOWN
        self._sink: EventSink | None = None
        self._failed: asyncio.Future[None] | None = None
        self._refused = 0
        self._unsent = 0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return f"paper {self._feed.name}"

    @property
    def abilities(self) -> VenueAbilities:
        """All of them: the simulation knows them."""
        return ABILITIES

    async def run(self, sink: EventSink) -> None:
        """Follow the feed until `close`; see `Venue.run`."""
        self._sink = sink
        self._failed = asyncio.get_running_loop().create_future()
        following = asyncio.ensure_future(self._feed.run(self))
        try:
            await asyncio.wait({following, self._failed}, return_when=asyncio.FIRST_COMPLETED)
            for ended in (self._failed, following):
                if ended.done():
                    ended.result()
        finally:
            following.cancel()
            self._failed.cancel()
            await asyncio.gather(following, return_exceptions=True)
            self._go_down()

    def put(self, row: EventRow) -> None:
        """Take an event of the feed; see `EventSink.put`."""
        assert self._sink is not None
        kind, index = kind_and_instrument(row)
        if kind == _STATE:
            self._follow(row)
        elif kind in (_BOOK, _TRADE) and self._account.knows(index):
            self._hear(row, kind, index)
        else:
            self._refused += 1

    def flush(self, received_ns: int = 0) -> None:
        """Let the engine decide on what came; see `EventSink.flush`."""
        assert self._sink is not None
        self._sink.flush(received_ns)

    def submit(self, intents: Rows, count: int) -> None:
        """Send the first `count` INTENT rows on their way; see `Venue.submit`."""
        # The caller uses its rows again.
        kept = intents[:count].copy()
        for number in range(count):
            if self._state is not VenueState.SYNCED:
                self._refuse(kept[number])
                continue
            if kept[number]["kind"] == IntentKind.RECONCILE:
                # From here on the engine must not count on what it knows.
                self._put_all([events.venue_state(VenueState.CONNECTED)])
            self._to_venue.send(partial(self._carry_out, kept, number))

    def keep_alive(self) -> None:
        """There is no timer to feed: orders end with this process."""

    def counters(self) -> VenueCounters:
        """Read the feed's counters, with what became of our intents."""
        told = self._feed.counters()
        return replace(
            told,
            state=self._state,
            refused=told.refused + self._refused,
            unsent=told.unsent + self._unsent,
        )

    async def close(self) -> None:
        """End `run`. Our orders end with it."""
        await self._feed.close()

    def _follow(self, row: EventRow) -> None:
        """Pass on what became of the feed, after all that was on its way before."""
        state = VenueState(int(events.load([row])[0]["status"]))
        was_synced, self._state = self._state is VenueState.SYNCED, state
        if state is VenueState.SYNCED and was_synced:
            return
        # What has not reached the venue by now does not reach it any more.
        self._to_venue.hurry()
        self._to_us.hurry()
        if state < VenueState.CONNECTED:
            self._trusted = [False] * len(self._instruments)
        if state is VenueState.SYNCED:
            self._put_all(self._account.tell())
        self._put_all([row])

    def _go_down(self) -> None:
        """End: what was on its way is lost, and what rested is gone."""
        assert self._sink is not None
        self._to_venue.drop()
        self._to_us.drop()
        if self._state is not VenueState.DOWN:
            self._state = VenueState.DOWN
            self._put_all([events.venue_state(VenueState.DOWN)])
            self._sink.flush()

    def _hear(self, row: EventRow, kind: int, index: int) -> None:
        assert self._sink is not None
        if kind == _BOOK:
            # An empty book is one that nobody knows. The simulation keeps the one before
            # it, and with it our places in the queues.
            self._trusted[index] = _has_levels(row)
        if self._trusted[index]:
            self._tell(self._account.hear(row))
        self._sink.put(row)

    def _carry_out(self, intents: Rows, number: int) -> None:
        """Do at the venue what has arrived there."""
        intent = intents[number]
        if self._state is not VenueState.SYNCED:
            self._refuse(intent)
            return
        kind = int(intent["kind"])
        if kind == IntentKind.RECONCILE:
            self._tell([*self._account.tell(), events.venue_state(VenueState.SYNCED)])
        elif kind == IntentKind.CANCEL_EVERYTHING:
            self._tell(self._account.cancel_everything())
        elif reason := self._reason_to_refuse(intent):
            self._tell([self._refused_request(intents, number, reason)])
        else:
            rows = self._account.carry_out(intents, number)
            self._tell([_as_a_venue_says(row, kind) for row in rows])

    def _reason_to_refuse(self, intent: Rows) -> RejectReason:
        """Why the venue would not take an order; NONE if it would."""
        index, kind = int(intent["instrument"]), intent["kind"]
        if kind not in (IntentKind.PLACE, IntentKind.REPLACE) or not self._account.knows(index):
            return RejectReason.NONE
        return RejectReason.NONE if self._trusted[index] else RejectReason.MARKET_CLOSED

    def _refused_request(self, intents: Rows, number: int, reason: RejectReason) -> EventRow:
        """A new order is rejected; one that should have changed stands as it was."""
        intent = intents[number]
        if intent["kind"] == IntentKind.PLACE:
            (told,) = refusals([intent.item()], reason)
            return told
        intent["kind"] = IntentKind.QUERY.value
        (row,) = self._account.carry_out(intents, number)
        told = events.load([row])[0]
        if told["status"] == OrderStatus.OPEN:
            told["code"] = reason.value
        return encoded(told, EventKind.ORDER_REPORT)

    def _refuse(self, intent: Rows) -> None:
        """Answer for a venue that cannot be reached; see `Venue.submit`."""
        self._unsent += 1
        if self._sink is not None:
            self._put_all(refusals([intent.item()], RejectReason.MARKET_CLOSED))

    def _tell(self, rows: list[EventRow]) -> None:
        if rows:
            self._to_us.send(partial(self._put_all, rows))

    def _put_all(self, rows: list[EventRow]) -> None:
        assert self._sink is not None
        for row in rows:
            self._sink.put(row)

    def _arrived(self) -> None:
        """Let the engine decide on what a timer has brought; its failure ends `run`."""
        assert self._sink is not None
        assert self._failed is not None
        try:
            self._sink.flush()
        except Exception as error:  # noqa: BLE001  whatever it is, `run` raises it again
            if not self._failed.done():
                self._failed.set_exception(error)


def _terms() -> Rows:
    """What our orders took stays taken: the venue does not know of them and shows it again."""
    terms = allocate(VENUE_TERMS, 1)
    terms["has_impact"] = 1
    return terms


def _has_levels(row: EventRow) -> bool:
    return any(row[_LEVELS_OFFSET:])


def _as_a_venue_says(row: EventRow, kind: int) -> EventRow:
    """
    Put the simulation's answer into the words of a venue.

    What an immediate-or-cancel order leaves expires, and an order that nobody knows is over.
    """
    told = events.load([row])[0]
    if told["kind"] != EventKind.ORDER_REPORT:
        return row
    if told["status"] == OrderStatus.REJECTED and told["code"] == RejectReason.UNKNOWN_ORDER:
        told["status"] = OrderStatus.CANCELED.value
    elif (
        kind == IntentKind.PLACE
        and told["status"] == OrderStatus.CANCELED
        and told["code"] == RejectReason.NONE
    ):
        told["status"] = OrderStatus.EXPIRED.value
    return encoded(told, EventKind.ORDER_REPORT)
