"""
Bybit's public spot market data: a snapshot and the deltas that follow it, and trades.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook. One bad topic of
a request can leave its siblings silently dead, so every topic has a request of its own.
"""

from __future__ import annotations

from core.domain.errors import DecodeError
from core.venues.bybit.market.codec import (
    PING,
    VENUE,
    Book,
    Message,
    decode,
    decode_book,
    decode_trades,
    is_pong,
    request,
)
from core.venues.common.wire import Frame
from core.venues.market.book import Market
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.times import NS_PER_MS
from core.venues.market.timing import Timing

_BOOK, _TRADES = "orderbook.", "publicTrade."
_DEPTH = 50
_DEPTHS = ("1", "50", "200", "500", "1000")
_SIDES = {"Buy": 1, "Sell": -1}


class BybitSession(MarketSession):
    """One connection to Bybit's public spot topics; see `MarketSession`."""

    venue = VENUE
    checks_gaps = True
    """Whether update ids that do not rise by 1 cost the book. They do so in practice; the
    documents only promise that they rise."""

    def begin(self) -> None:
        """Know nothing yet of what this connection will tell."""
        self._update_ids = [0] * len(self.markets)
        self._depths = [0] * len(self.markets)
        """Depth of the topic that each book is taken from; a recording may hold several."""

    def greet(self) -> None:
        """Ask for every book and all trades, one request each."""
        for market in self.markets:
            self._subscribe(_book_topic(market))
            self._subscribe(_TRADES + market.symbol)

    def resync(self, market: Market) -> None:
        """Subscribe to a book anew, which sends its snapshot."""
        self.send(request("unsubscribe", _book_topic(market)))
        self._subscribe(_book_topic(market))

    def ping(self) -> None:
        """Tell that we are alive."""
        self.send(PING)

    def take(self, data: Frame) -> None:
        """Read one frame."""
        message = decode(data)
        if message.topic.startswith(_BOOK):
            self._on_book(message)
        elif message.topic.startswith(_TRADES):
            self._on_trades(message)
        elif is_pong(message):
            self.ponged()
        elif message.op == "subscribe":
            self._on_reply(message)

    def _on_reply(self, message: Message) -> None:
        topic = message.req_id or ""
        self.confirmed(topic)
        if message.success is not False:
            return
        reason = message.ret_msg or "no reason given"
        market = self.by_symbol.get(topic.rpartition(".")[2])
        if market is None or market.has_book:
            self.refuse(f"the subscription of {topic or 'a topic'} was refused ({reason[:200]})")
        else:
            self.confirmed(_TRADES + market.symbol)
            self.unknown(market, reason, "BTCUSDT")

    def _on_book(self, message: Message) -> None:
        market = self.by_symbol.get(message.topic.rpartition(".")[2])
        if market is None:
            return
        if not self._is_taken_from(market, message):
            return
        book = decode_book(message)
        market.heard_s = self.now_s
        exch_ts_ns = (message.cts or message.ts) * NS_PER_MS
        if message.ts:
            self.tally.clock.heard(message.ts * NS_PER_MS, self.wall_ns)
        try:
            # 1 begins anew after a restart of the service, whatever the message is called.
            if message.type == "snapshot" or book.u == 1:
                market.reset(book.b, book.a)
                self._update_ids[market.index] = book.u
                self.synced(market, exch_ts_ns)
            elif market.has_book:
                self._on_delta(market, book, exch_ts_ns)
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)

    def _is_taken_from(self, market: Market, message: Message) -> bool:
        """Whether the book comes from this topic: the deepest of which there is a snapshot."""
        depth = _depth_of(message.topic)
        if message.type == "snapshot" and depth > self._depths[market.index]:
            self._depths[market.index] = depth
        return depth == self._depths[market.index]

    def _on_delta(self, market: Market, book: Book, exch_ts_ns: int) -> None:
        last = self._update_ids[market.index]
        if book.u <= last:
            self.tally.duplicates += 1
            return
        if self.checks_gaps and book.u != last + 1:
            self.lost(market, f"updates {last + 1} to {book.u - 1} are missing")
            return
        self._update_ids[market.index] = book.u
        if market.apply(book.b, book.a):
            self.changed(market, exch_ts_ns)

    def _on_trades(self, message: Message) -> None:
        for trade in decode_trades(message):
            market = self.by_symbol.get(trade.s)
            if market is not None and self.is_new_trade(trade.i):
                side = _SIDES.get(trade.S, 0)
                self.traded(market, trade.p, trade.v, side, trade.T * NS_PER_MS)

    def _subscribe(self, topic: str) -> None:
        self.send(request("subscribe", topic))
        self.expect(topic)


def _depth_of(topic: str) -> int:
    text = topic.split(".", 2)[1]
    return int(text) if text in _DEPTHS else 0


def _book_topic(market: Market) -> str:
    return f"{_BOOK}{_DEPTH}.{market.symbol}"


class TrustingBybitSession(BybitSession):
    """One that believes a book whose update ids skip a number."""

    checks_gaps = False


def profile(*, checks_gaps: bool = True) -> VenueProfile:
    """Bybit, with or without the rule that update ids rise by 1."""
    return VenueProfile(
        name=VENUE,
        url="wss://stream.bybit.com/v5/public/spot",
        make_session=BybitSession if checks_gaps else TrustingBybitSession,
        max_message_bytes=4 << 20,
        timing=Timing(silence_s=30.0, quiet_s=60.0, ping_s=20.0),
    )


PROFILE = profile()
