"""
Stream or polls, what silence means, and the checks that can wait.

There is one stream per login, and the exchange closes the older one. Two programs that
both open it again would take it from each other for ever: after two orderly ends within a
minute this one polls instead and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from core.venues.cmi.codec import Depth, time_text
from core.venues.cmi.market import Market
from core.venues.cmi.requests import Budget, Kind, Request, Urgency

SILENCE_S = 30.0
"""Quiet books send nothing: only after so long it is asked why."""

CHECK_S = 60.0
"""Positions and status are compared so often."""

STOLEN_S = 60.0
"""Two orderly ends of the stream within this are no chance."""

RETRY_S = 300.0
"""A stream that was given up is tried again after so long."""

MAX_REFUSED = 3
"""Refusals of the stream in a row until the books are polled."""


class Watch:
    """
    How the books come, and whether they still do.

    Args:
        markets: Our instruments.
        budget: Where requests wait.
    """

    def __init__(self, markets: Sequence[Market], budget: Budget) -> None:
        self._markets = markets
        self._budget = budget
        self.is_polling = False
        self._is_streaming = False
        self._refused = 0
        self._ended_s: float | None = None
        self._retry_s = 0.0
        self._heard_s = 0.0
        self._checked_s = 0.0
        self._is_asking = False
        self._suspect: Market | None = None
        self._polled = 0

    def may_stream(self, now_s: float) -> bool:
        """Whether a stream may be opened: there is none, and nobody else seems to want it."""
        return now_s >= self._retry_s

    def stop(self) -> None:
        """The connection is lost."""
        self._is_streaming = self.is_polling = self._is_asking = False
        self._suspect = None

    def stream_opened(self, now_s: float) -> None:
        """Books come by themselves."""
        self._is_streaming, self.is_polling = True, False
        self._refused = 0
        self._heard_s = self._checked_s = now_s

    def stream_refused(self, now_s: float) -> bool:
        """Count a refusal; True if the books are polled because of it from now on."""
        self._refused += 1
        if self._refused < MAX_REFUSED or self.is_polling:
            self._retry_s = now_s + RETRY_S if self.is_polling else self._retry_s
            return False
        self._retry_s = now_s + RETRY_S
        self.poll(now_s)
        return True

    def stream_ended(self, *, is_orderly: bool, now_s: float) -> str:
        """Take in the end of a stream; returns what it means."""
        self._is_streaming = False
        if not is_orderly:
            return "the stream was cut"
        last_s, self._ended_s = self._ended_s, now_s
        if last_s is None or now_s - last_s > STOLEN_S:
            return (
                "the exchange closed the stream; if that comes again, the login is used elsewhere"
            )
        self._retry_s = now_s + RETRY_S
        return (
            "the exchange closed the stream twice within a minute: this login is used elsewhere, "
            "and has one stream; the books are polled here. Stop the other program"
        )

    def poll(self, now_s: float) -> None:
        """Ask for books, one after the other, as long as there is no stream."""
        self.is_polling = True
        self._checked_s = now_s

    def heard(self, now_s: float) -> None:
        """The stream has sent something."""
        self._heard_s = now_s
        self._suspect = None

    def answered(self, now_s: float) -> None:
        """A request was answered: where books are polled, that is a sign of life."""
        if self.is_polling:
            self._heard_s = now_s

    def tick(self, now_s: float, newest_fill_ns: int) -> None:
        """Ask what is due, if nothing of that kind waits already."""
        if self._budget.has(lambda request: request.urgency is Urgency.WATCH):
            return
        if now_s - self._checked_s >= CHECK_S:
            self._checked_s = now_s
            self._ask(Kind.POSITIONS, "/position/current-user", now_s)
        elif self.is_polling:
            self._poll_next(now_s, newest_fill_ns)
        elif self._is_streaming and not self._is_asking and now_s - self._heard_s >= SILENCE_S:
            self._is_asking = True
            self._ask(Kind.STATUS, "/status", now_s)
        else:
            missing = next((item for item in self._markets if item.depth is None), None)
            if missing is not None and now_s - self._heard_s >= 1.0:
                self._ask_for_book(missing, now_s)

    def on_status(self, *, is_open: bool) -> str:
        """Say what a silence means, if it was asked because of one; else whether orders pass."""
        if not self._is_asking:
            return "" if is_open else "the exchange takes no orders now (acceptingOrders = false)"
        self._is_asking = False
        if not is_open:
            return "the stream is silent because trading is closed (acceptingOrders = false)"
        traded = next((item for item in self._markets if _has_levels(item.depth)), None)
        if traded is None:
            return "the stream is silent because the books are empty"
        # Only a look at a book tells a quiet market from a dead stream.
        self._suspect = traded
        self._ask_for_book(traded, self._heard_s)
        return ""

    def is_deaf(self, market: Market, depth: Depth) -> bool:
        """Whether a book that was looked at shows that the stream has missed something."""
        is_asked = self._suspect is market
        self._suspect = None if is_asked else self._suspect
        return is_asked and self._is_streaming and market.depth != depth

    def _poll_next(self, now_s: float, newest_fill_ns: int) -> None:
        if self.may_stream(now_s):
            self._retry_s = now_s + RETRY_S
            self._ask(Kind.STREAM, "/market/stream", now_s)
            return
        turn = self._polled % (len(self._markets) + 1)
        self._polled += 1
        if turn == len(self._markets):
            since = quote(time_text(newest_fill_ns - 1_000_000)) if newest_fill_ns else ""
            self._ask(Kind.TRADES, f"/trade?from={since}" if since else "/trade", now_s)
        else:
            self._ask_for_book(self._markets[turn], now_s)

    def _ask_for_book(self, market: Market, now_s: float) -> None:
        path = f"/product/{quote(market.symbol, safe='')}/order-book/current-user"
        self._ask(Kind.BOOK, path, now_s, market.symbol)

    def _ask(self, kind: Kind, path: str, now_s: float, symbol: str = "") -> None:
        self._budget.add(Request(kind, Urgency.WATCH, "GET", path, symbol=symbol, since_s=now_s))


def _has_levels(depth: Depth | None) -> bool:
    return depth is not None and bool(depth.bids or depth.asks)
