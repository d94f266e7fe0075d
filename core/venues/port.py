"""
What the engine needs of a venue, and what it promises in return.

An adapter moves bytes and turns them into events; it decides nothing. Everything here
runs on the engine's event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.domain.enums import VenueState
from core.domain.events import EventRow
from core.domain.memory import Rows


@dataclass(frozen=True, slots=True)
class VenueAbilities:
    """What a venue can do beyond limit orders; what it cannot is refused before it is asked."""

    amends_orders: bool
    """A live order may be given another price or size."""
    has_market_orders: bool
    """An order that takes what there is, up to a price that protects it."""


LIMIT_ORDERS_ONLY = VenueAbilities(amends_orders=True, has_market_orders=False)
"""The least that an engine can trade on: the strategy moves its orders too."""


class EventSink(Protocol):
    """Where a venue puts what it hears."""

    def put(self, row: EventRow) -> None:
        """Queue one event. Never processes it, so it may be called from within `submit`."""
        ...

    def flush(self, received_ns: int = 0) -> None:
        """
        Process what is queued, now, including what `submit` queues meanwhile.

        Called at the end of each chunk received, so that an order leaves in the same
        callback in which its cause arrived.

        Args:
            received_ns: `time.perf_counter_ns` when the chunk came off the socket; 0
                where no socket was involved.
        """
        ...


@dataclass(frozen=True, slots=True)
class VenueCounters:
    """How the connection is doing. Counts grow over the life of the adapter."""

    state: VenueState
    exchange_session: str
    """Names the life of the exchange; another one means that it was restarted."""
    messages: int
    reconnects: int
    """Connections that were established after the first one."""
    gaps: int
    """Sequences that skipped a number; of books, each cost a book and a request for a new one."""
    duplicates: int
    refused: int
    """Messages that could not be understood or believed."""
    unsent: int
    """Intents that found no connection."""
    last_message_monotonic_s: float
    """Of the adapter's monotonic clock: the newest message, or the connection before its
    first one; 0 before the first connection."""
    last_error: str
    """One sentence on the newest refusal or lost connection; empty while there was none."""
    requests: int = 0
    """Requests sent where the venue counts them, of every kind; 0 where it does not."""
    requests_waiting: int = 0
    """Requests that wait for their turn in such a venue's budget."""
    clock_offset_ns: int | None = None
    """The venue's clock minus ours; None where nothing tells."""
    parts: tuple[tuple[str, VenueCounters], ...] = ()
    """Of each venue by its name, where there are several."""

    def each(self, name: str) -> tuple[tuple[str, VenueCounters], ...]:
        """Counters of every single venue; `name` is that of an only one."""
        return self.parts or ((name, self),)


class Venue(Protocol):
    """
    A connection to one venue.

    Events of one connection come in this order: VENUE_STATE CONNECTING; then, once logged
    in, CONNECTED; executions missed while away; an ORDER_REPORT for each open order and a
    POSITION_REPORT for each instrument, flat ones included; SYNCED; and DOWN when the
    connection is lost. Where messages about our orders were lost, or on a RECONCILE, this
    starts again from CONNECTED on the same connection. A position that the venue leaves
    out is unknown, not flat: SYNCED then waits until it has been told.

    Books and trades come at any time after CONNECTED. A book that can no longer be trusted
    is replaced by an empty BOOK. A venue that tells of a newer lease on the account makes
    a COMMAND event: HALT with LEASE_LOST.
    """

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        ...

    @property
    def abilities(self) -> VenueAbilities:
        """What it can do. Does not change."""
        ...

    async def run(self, sink: EventSink) -> None:
        """
        Connect and stay connected, whatever happens to the connection, until `close`.

        Raises:
            VenueError: If the venue refuses the login or trades other products than
                configured: trying again without a change is pointless.
            Exception: What `sink.flush` raised, after the connection was dropped.
        """
        ...

    def submit(self, intents: Rows, count: int) -> None:
        """
        Encode and write the first `count` INTENT rows. Never blocks and never flushes.

        Before the login is answered (or when the peer takes no more bytes) nothing is sent: a
        PLACE is answered with a REJECTED report of reason MARKET_CLOSED, put into the
        sink; a CANCEL or REPLACE is counted as unsent, and the reports of the next
        connection tell what became of the order. Before `run` there is nobody to tell.

        For a REPLACE, `price_ticks` and `lots` are the new price and the new size of
        the whole order, executed part included. A QUERY is answered by an ORDER_REPORT:
        CANCELED with UNKNOWN_ORDER if the venue has no such order. A RECONCILE makes the
        events of a new connection come again, from CONNECTED to SYNCED.
        """
        ...

    def keep_alive(self) -> None:
        """
        Tell the venue that the engine still decides: it feeds the dead-man timer.

        Called once a timer event has been applied, so that a loop that is stuck stops it.
        Does nothing where the venue has no such timer or there is no connection.
        """
        ...

    def counters(self) -> VenueCounters:
        """Read the counters."""
        ...

    async def close(self) -> None:
        """End `run` after a proper goodbye. Orders at the venue are left alone."""
        ...
