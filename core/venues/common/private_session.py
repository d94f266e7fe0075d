"""What a session with an account has in common at every venue: bytes in, events and bytes out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from core.domain import events
from core.domain.enums import IntentKind, VenueState
from core.domain.events import EventRow
from core.domain.redaction import redact

_PLACE = IntentKind.PLACE.value
_CANCEL = IntentKind.CANCEL.value
_REPLACE = IntentKind.REPLACE.value
_EVERYTHING = IntentKind.CANCEL_EVERYTHING.value
_QUERY = IntentKind.QUERY.value


class PrivateSession(ABC):
    """
    A venue's protocol for one account. No socket, and no clock of its own.

    Its client calls `connecting`, `connected`, `receive_data` and `disconnected`, hands the
    rows on, and writes what `data_to_send` returns. Requests return the rows that follow at
    once, such as refusals that need no venue.

    Args:
        secrets: Forms of the key that never stand in a sentence.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)
        self._last_error = ""
        self.state = VenueState.DOWN
        self.exchange_session = ""
        """Names the life of the exchange; see `VenueCounters`."""
        self.messages = 0
        self.gaps = 0
        self.refused = 0

    @property
    @abstractmethod
    def duplicates(self) -> int:
        """Reports that came again."""

    @property
    def last_error(self) -> str:
        """What went wrong last, without any secret; empty for nothing."""
        return self._last_error

    @property
    def clock_offset_ns(self) -> int | None:
        """The venue's clock minus ours; None where the protocol does not tell."""
        return None

    @property
    def is_done(self) -> bool:
        """Whether all that was to be said before the end is said and answered."""
        return True

    def fail(self, reason: str) -> None:
        """Note why something did not work."""
        self._last_error = redact(reason, self._secrets)

    def refuse(self, reason: str) -> None:
        """Count something that could not be understood or believed."""
        self.refused += 1
        self.fail(reason)

    def connecting(self) -> list[EventRow]:
        """Announce an attempt to connect."""
        self.state = VenueState.CONNECTING
        return [events.venue_state(VenueState.CONNECTING)]

    @abstractmethod
    def connected(self) -> list[EventRow]:
        """Start a connection."""

    def disconnected(self) -> list[EventRow]:
        """End a connection: what was not answered stays unknown."""
        was_down = self.state is VenueState.DOWN
        self.state = VenueState.DOWN
        rows = self.forget()
        return rows if was_down else [*rows, events.venue_state(VenueState.DOWN)]

    @abstractmethod
    def forget(self) -> list[EventRow]:
        """Drop what belongs to a connection that is gone."""

    @abstractmethod
    def receive_data(self, data: bytes | bytearray | memoryview) -> list[EventRow]:
        """
        Read one frame. What cannot be understood is counted and costs nothing else.

        Raises:
            VenueError: If the venue refuses the account or its products: trying again
                without a change is pointless.
        """

    @abstractmethod
    def data_to_send(self) -> list[bytes]:
        """Take what must be written to the socket now."""

    @abstractmethod
    def complaint(self, silence_s: float) -> str:
        """
        Why this connection is of no use any more; empty while it is.

        Args:
            silence_s: How long nothing has come.
        """

    def carry_out(self, wanted: Iterable[Sequence[int]]) -> list[EventRow]:
        """
        Put requests into the outbox, in order.

        Args:
            wanted: INTENT rows as plain numbers.

        Returns:
            Events that follow at once.
        """
        rows: list[EventRow] = []
        for kind, instrument, order_id, side, price_ticks, lots, terms, _origin in wanted:
            if kind == _PLACE:
                rows += self.place(instrument, order_id, side, price_ticks, lots, terms)
            elif kind == _CANCEL:
                rows += self.cancel(instrument, order_id)
            elif kind == _REPLACE:
                rows += self.replace(instrument, order_id, price_ticks, lots)
            elif kind == _QUERY:
                rows += self.query(instrument, order_id)
            elif kind == _EVERYTHING:
                rows += self.cancel_everything()
            else:
                rows += self.reconcile()
        return rows

    @abstractmethod
    def place(
        self, instrument: int, order_id: int, side: int, price_ticks: int, lots: int, flags: int
    ) -> Sequence[EventRow]:
        """Ask for an order. `flags`: POST_ONLY, IOC and MARKET of `core.domain.events`."""

    @abstractmethod
    def cancel(self, instrument: int, order_id: int) -> Sequence[EventRow]:
        """Ask to cancel an order of ours, or with a negative number somebody else's."""

    @abstractmethod
    def replace(
        self, instrument: int, order_id: int, price_ticks: int, lots: int
    ) -> Sequence[EventRow]:
        """
        Ask for a new price and a new size of the whole order, executed part included.

        The order is numbered as in `cancel`.
        """

    @abstractmethod
    def query(self, instrument: int, order_id: int) -> Sequence[EventRow]:
        """Ask what became of an order, numbered as in `cancel`."""

    @abstractmethod
    def cancel_everything(self) -> Sequence[EventRow]:
        """Ask to cancel every order of the account, whoever placed it."""

    @abstractmethod
    def reconcile(self) -> Sequence[EventRow]:
        """
        Ask for the whole account again.

        Returns:
            The rows that begin it; the answer brings those that follow. None before the
            login is answered: the account is told then anyway.
        """

    def keep_alive(self) -> bool:
        """
        Do what is due from time to time, such as feeding a dead-man timer.

        Returns:
            Whether there was anything to do.
        """
        return False

    def say_goodbye(self) -> None:  # noqa: B027  most have nothing to say
        """Put what has to be said before an orderly end into the outbox."""
