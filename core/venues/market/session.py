"""
What the market data sessions of all venues share: bytes in, events and bytes out.

No socket and no clock. A session lives as long as one connection. Its client calls
`connected`, `receive`, `tick` and `answered`, hands the rows on, writes what `take_outbox`
returns and fetches what `take_fetches` returns. `complaint` says why the connection is of no
use any more, `wants_handover` that the venue will cut it soon.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf

from core.domain import events
from core.domain.enums import VenueState
from core.domain.errors import DecodeError
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.venues.common.wire import Frame
from core.venues.market.book import Market
from core.venues.market.fetching import Answer, Fetch
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing

SYMBOLS_SHOWN = 5

SENTENCE_CHARS = 500

CALM_S = 30.0
"""A book that held for so long is asked for at once when it is lost."""


class MarketSession(ABC):
    """
    One connection to a venue's public market data.

    Args:
        instruments: In the order of the kernel's indexes, named as the venue names them.
        tally: Counts that go on over connections.
        timing: Deadlines.
        is_recorded: Whether what comes was recorded: nobody can be asked for anything then,
            and the recording may hold several connections.
    """

    venue = ""
    """Short name for screens, logs and sentences."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        tally: Tally,
        timing: Timing,
        *,
        is_recorded: bool = False,
    ) -> None:
        self.tally = tally
        self.timing = timing
        self.is_recorded = is_recorded
        self.markets = [Market(index, item) for index, item in enumerate(instruments)]
        self.by_symbol = {market.symbol: market for market in self.markets}
        self.state = VenueState.DOWN
        self.complaint = ""
        """Why the connection is of no use any more; empty while it is."""
        self.wants_handover = False
        """Whether another connection should take over before this one is cut."""
        self.is_hushed = False
        """Whether books and states are kept back: another connection tells them."""
        self.now_s = 0.0
        self.wall_ns = 0
        self._began_s = 0.0
        self._heard_s = 0.0
        self._ping_due_s = inf
        self._pinged_s = inf
        self._unconfirmed: dict[str, float] = {}
        self._outbox: list[bytes] = []
        self._fetches: list[Fetch] = []
        self._rows: list[EventRow] = []
        self.begin()

    def connected(self, now_s: float) -> list[EventRow]:
        """Begin to talk over a connection that has just been made."""
        self.now_s = self._began_s = self._heard_s = now_s
        self._ping_due_s = now_s + self.timing.ping_s
        self._enter(VenueState.CONNECTED)
        for market in self.markets:
            market.due_s = now_s + self.timing.first_data_s
            # Nobody knows what a recording holds.
            market.is_settled = self.is_recorded
        self.greet()
        return self._take_rows()

    def receive(self, data: Frame, now_s: float, wall_ns: int) -> list[EventRow]:
        """
        Read one message.

        What cannot be read costs every book of the connection: it may have been any update.
        """
        self.tally.messages += 1
        self.now_s = self._heard_s = now_s
        self.wall_ns = wall_ns
        try:
            self.take(data)
        except DecodeError as error:
            self.tally.refused += 1
            self.give_up(error.reason)
        return self._take_rows()

    def tick(self, now_s: float, wall_ns: int) -> list[EventRow]:
        """See what is overdue; called several times a second."""
        self.now_s, self.wall_ns = now_s, wall_ns
        timing = self.timing
        if now_s - self._heard_s >= timing.silence_s:
            self.give_up(f"silent for {now_s - self._heard_s:.1f} s")
        if now_s - self._pinged_s >= timing.pong_s:
            self.give_up(f"a ping was not answered for {now_s - self._pinged_s:.1f} s")
        late = [what for what, due_s in self._unconfirmed.items() if now_s >= due_s]
        if late:
            self.give_up(f"no answer to the subscription of {_listed(late)}")
        if now_s >= self._ping_due_s:
            self._ping_due_s = now_s + timing.ping_s
            self._pinged_s = min(self._pinged_s, now_s)
            self.ping()
        if now_s - self._began_s >= timing.handover_s:
            self.wants_handover = True
        self._look_at_books()
        return self._take_rows()

    def answered(self, fetch: Fetch, answer: Answer, now_s: float) -> list[EventRow]:
        """Read the answer to something that was wanted by HTTP."""
        self.now_s = now_s
        self.take_answer(self.markets[fetch.instrument], answer)
        return self._take_rows()

    def disconnected(self) -> list[EventRow]:
        """Tell that the connection is gone: no book holds any more."""
        for market in self.markets:
            self._drop(market)
        self._enter(VenueState.DOWN)
        return self._take_rows()

    def speak(self, *, with_state: bool) -> list[EventRow]:
        """
        Tell everything from now on, and first what was kept back.

        Args:
            with_state: Whether the state of the connection is news to the listener.
        """
        self.is_hushed = False
        if with_state:
            self._rows.append(events.venue_state(VenueState.CONNECTED))
        for market in self.markets:
            if market.has_book:
                self._show(market, 0)
            else:
                self._rows.append(events.book(market.index, (), ()))
        if with_state and self.state is VenueState.SYNCED:
            self._rows.append(events.venue_state(VenueState.SYNCED))
        return self._take_rows()

    def covers(self, other: MarketSession) -> bool:
        """Whether it has every book that another connection to the same venue has."""
        pairs = zip(self.markets, other.markets, strict=True)
        return self.state is not VenueState.DOWN and all(
            ours.has_book or not theirs.has_book for ours, theirs in pairs
        )

    def take_outbox(self) -> list[bytes]:
        """Frames to send now."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def take_fetches(self) -> list[Fetch]:
        """What to fetch by HTTP now."""
        fetches, self._fetches = self._fetches, []
        return fetches

    # What a venue's own session says.

    def begin(self) -> None:  # noqa: B027  some keep nothing
        """Set up what only this venue's protocol needs to remember."""

    @abstractmethod
    def greet(self) -> None:
        """Subscribe to everything."""

    @abstractmethod
    def take(self, data: Frame) -> None:
        """
        Read one message.

        Raises:
            DecodeError: If it cannot be told which instrument it concerns.
        """

    @abstractmethod
    def resync(self, market: Market) -> None:
        """Ask for a new book, after the old one was dropped or never came."""

    def take_answer(self, market: Market, answer: Answer) -> None:
        """Read what came by HTTP; for venues with books of that kind."""
        self.refuse(f"{market.symbol}: an answer {answer.status} came that nobody asked for")

    def fell_quiet(self, markets: Sequence[Market]) -> None:
        """Mend subscriptions that may have died without a word."""
        for market in markets:
            self.lost(
                market,
                f"nothing was heard of it for {self.now_s - market.heard_s:.1f} s",
                is_gap=False,
            )

    def ping(self) -> None:
        """Send a ping; for venues that ask for them, others await no answer."""
        self.ponged()

    # What it has at hand for that.

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        self._outbox.append(frame)

    def fetch(self, market: Market, path: str) -> None:
        """Ask for something by HTTP."""
        self._fetches.append(Fetch(market.index, path))

    def expect(self, what: str) -> None:
        """Have the venue confirm something within its time."""
        self._unconfirmed[what] = self.now_s + self.timing.ack_s

    def confirmed(self, what: str) -> None:
        """Note that it did."""
        self._unconfirmed.pop(what, None)

    def ping_soon(self) -> None:
        """Send the first ping at the next tick."""
        self._ping_due_s = self.now_s

    def ponged(self) -> None:
        """Note the answer to a ping."""
        self._pinged_s = inf

    def say(self, sentence: str) -> None:
        """Make this the newest complaint; what a venue wrote may be part of it."""
        shown = sentence if sentence.isprintable() else _printable(sentence)
        self.tally.last_error = f"{self.venue}: {shown[:SENTENCE_CHARS]}"

    def unknown(self, market: Market, reason: str, example: str) -> None:
        """Stop asking for an instrument that the venue does not have."""
        market.due_s = inf
        self.tally.refused += 1
        self._settled(market)
        self.say(
            f"it does not know {market.symbol} ({reason[:200]}); use its own name, such as "
            f"{example}. The other instruments go on"
        )

    def refuse(self, sentence: str) -> None:
        """Count a message that could not be understood or believed."""
        self.tally.refused += 1
        self.say(sentence)

    def give_up(self, sentence: str) -> None:
        """Have the connection replaced; its books are gone at once."""
        if self.complaint:
            return
        self.complaint = sentence
        for market in self.markets:
            self._drop(market)
        self.say(f"{sentence}; connecting again")

    def lost(self, market: Market, sentence: str, *, is_gap: bool = True) -> None:
        """Drop a book that cannot be trusted any more, and ask for a new one."""
        self.tally.gaps += is_gap
        self.tally.refused += not is_gap
        self._drop(market)
        market.due_s = self.now_s + self.timing.first_data_s
        self.say(f"{market.symbol}: {sentence}; its book was dropped and asked for anew")
        # At once the first time; a venue that is wrong each time is not asked without pause.
        if self.now_s - market.resynced_s > CALM_S:
            market.resyncs = 0
        pause_s = self.timing.retry_s * (2 ** min(market.resyncs, 6) - 1)
        market.resync_due_s = max(self.now_s, market.resynced_s + pause_s)
        self._resync_due(market)

    def synced(self, market: Market, exch_ts_ns: int) -> None:
        """Show a book that has just been made from a snapshot."""
        market.has_book = True
        market.due_s = inf
        market.heard_s = self.now_s
        market.attempts = 0
        self._show(market, exch_ts_ns)
        self._settled(market)

    def changed(self, market: Market, exch_ts_ns: int) -> None:
        """Show a book of which a level that is shown has changed."""
        self._show(market, exch_ts_ns)

    def traded(self, market: Market, price: str, size: str, side: int, exch_ts_ns: int) -> None:
        """
        Tell of a public trade.

        Args:
            market: Where.
            price: The venue's text.
            size: The venue's text; less than a lot is not told.
            side: Of the aggressor.
            exch_ts_ns: When.
        """
        try:
            ticks, lots = market.units.ticks(price), market.units.lots(size)
        except DecodeError as error:
            self.refuse(f"{error}; a trade was left out")
            return
        if lots:
            self._rows.append(events.trade(market.index, ticks, lots, side, exch_ts_ns))

    def is_new_trade(self, trade_id: str) -> bool:
        """Whether a trade of no particular order has not been told yet."""
        is_new = self.tally.recent_trades.add(trade_id)
        self.tally.duplicates += not is_new
        return is_new

    def skip_trades(self, market: Market, newest_id: int) -> None:
        """Pass over old trades that are told at the beginning."""
        known = self.tally.trade_ids.get(market.index, -1)
        self.tally.trade_ids[market.index] = max(known, newest_id)

    def is_next_trade(self, market: Market, trade_id: int) -> bool:
        """Whether a trade is newer than those told, where each has the next whole number."""
        tally, last = self.tally, market.trade_id
        if last is not None and trade_id > last + 1:
            tally.gaps += 1
            self.say(
                f"{market.symbol}: {trade_id - last - 1} public trades before {trade_id} were "
                "lost; its tape has a hole"
            )
        if last is None or trade_id > last:
            market.trade_id = trade_id
        if trade_id <= tally.trade_ids.get(market.index, -1):
            tally.duplicates += last is not None and trade_id <= last
            return False
        tally.trade_ids[market.index] = trade_id
        return True

    def _settled(self, market: Market) -> None:
        """Wait for a first book no longer: what never comes must not hold up the others."""
        market.is_settled = True
        if (
            self.state is VenueState.CONNECTED
            and all(each.is_settled for each in self.markets)
            and any(each.has_book for each in self.markets)
        ):
            self._enter(VenueState.SYNCED)

    def _resync_due(self, market: Market) -> None:
        if self.now_s >= market.resync_due_s:
            market.resync_due_s = inf
            market.resynced_s = self.now_s
            market.resyncs += 1
            self.resync(market)

    def _look_at_books(self) -> None:
        if self.complaint:
            return
        now_s = self.now_s
        for market in self.markets:
            self._resync_due(market)
        late = [market for market in self.markets if now_s >= market.due_s]
        is_blank = not any(market.has_book for market in self.markets)
        # The first time the venue may just be slow; the second time it is the connection.
        if late and is_blank and all(market.attempts for market in late):
            self.give_up(self._nothing_heard(late))
            return
        for market in late:
            market.attempts += 1
            # An unknown name is not asked for all the time.
            market.due_s = now_s + self.timing.first_data_s * min(8, 2**market.attempts)
            self.resync(market)
            self._settled(market)
        if late:
            self.say(self._nothing_heard(late))
        quiet = [
            market
            for market in self.markets
            if market.has_book and now_s - market.heard_s >= self.timing.quiet_s
        ]
        if quiet:
            self.fell_quiet(quiet)
        for market in self.markets:
            if now_s - market.crossed_s >= self.timing.crossed_s:
                market.crossed_s = inf
                self.lost(market, "its bids reach its asks", is_gap=False)

    def _nothing_heard(self, late: list[Market]) -> str:
        names = _listed([market.symbol for market in late])
        return f"no book of {names} has come; check that the venue trades it by this name"

    def _show(self, market: Market, exch_ts_ns: int) -> None:
        bids, asks = market.bids, market.asks
        if len(bids) and len(asks) and bids.best >= asks.best:
            if market.crossed_s == inf:
                market.crossed_s = self.now_s
            self._hide(market, exch_ts_ns)
            return
        market.crossed_s = inf
        if self.is_hushed:
            return
        try:
            shown = bids.show(), asks.show()
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)
            return
        self._rows.append(events.book(market.index, *shown, exch_ts_ns))
        market.is_shown = True

    def _drop(self, market: Market) -> None:
        market.bids.clear()
        market.asks.clear()
        market.has_book = False
        market.crossed_s = inf
        self._hide(market, 0)

    def _hide(self, market: Market, exch_ts_ns: int) -> None:
        if market.is_shown:
            market.is_shown = False
            self._rows.append(events.book(market.index, (), (), exch_ts_ns))

    def _enter(self, state: VenueState) -> None:
        self.state = state
        if not self.is_hushed:
            self._rows.append(events.venue_state(state))

    def _take_rows(self) -> list[EventRow]:
        rows, self._rows = self._rows, []
        return rows


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SYMBOLS_SHOWN])
    more = len(names) - SYMBOLS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
