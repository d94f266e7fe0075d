"""
Hyperliquid's public market data: whole books, each of which mends what came before it.

Source: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket
"""

from __future__ import annotations

from core.domain.errors import DecodeError
from core.venues.common.wire import Frame
from core.venues.hyperliquid.market.codec import (
    PING,
    VENUE,
    Message,
    decode,
    decode_book,
    decode_subscribed,
    decode_text,
    decode_trades,
    subscription,
    texts,
)
from core.venues.market.book import Market
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.times import NS_PER_MS
from core.venues.market.timing import Timing

_BOOK, _TRADES = "l2Book", "trades"
_SIDES = {"B": 1, "A": -1}


class HyperliquidSession(MarketSession):
    """One connection to Hyperliquid; see `MarketSession`."""

    venue = VENUE

    def begin(self) -> None:
        """Know nothing yet of what this connection will tell."""
        self._times_ms = [0] * len(self.markets)

    def greet(self) -> None:
        """Ask for every book and all trades, one request each."""
        for market in self.markets:
            for kind in (_BOOK, _TRADES):
                self.send(subscription("subscribe", kind, market.symbol))
                self.expect(f"{kind} of {market.symbol}")

    def resync(self, market: Market) -> None:
        """Subscribe to a book anew."""
        self.send(subscription("unsubscribe", _BOOK, market.symbol))
        self.send(subscription("subscribe", _BOOK, market.symbol))
        self.expect(f"{_BOOK} of {market.symbol}")

    def ping(self) -> None:
        """Have the server say something: it cuts connections on which it has been silent."""
        self.send(PING)

    def take(self, data: Frame) -> None:
        """Read one frame."""
        message = decode(data)
        match message.channel:
            case "l2Book":
                self._on_book(message)
            case "trades":
                self._on_trades(message)
            case "pong":
                self.ponged()
            case "subscriptionResponse":
                wanted = decode_subscribed(message)
                if wanted.method == "subscribe":
                    self.confirmed(f"{wanted.subscription.type} of {wanted.subscription.coin}")
            case "error":
                self._on_error(decode_text(message))

    def _on_book(self, message: Message) -> None:
        book = decode_book(message)
        market = self.by_symbol.get(book.coin)
        if market is None:
            return
        market.heard_s = self.now_s
        if book.time < self._times_ms[market.index]:
            self.tally.duplicates += 1
            self.say(f"{market.symbol}: a book older than the one before it was left out")
            return
        self._times_ms[market.index] = book.time
        exch_ts_ns = book.time * NS_PER_MS
        self.tally.clock.heard(exch_ts_ns, self.wall_ns)
        bids, asks = book.levels
        try:
            market.reset(texts(bids), texts(asks))
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)
            return
        self.synced(market, exch_ts_ns)

    def _on_trades(self, message: Message) -> None:
        for trade in decode_trades(message):
            market = self.by_symbol.get(trade.coin)
            if market is not None and self.is_new_trade(f"{trade.coin} {trade.tid}"):
                side = _SIDES.get(trade.side, 0)
                self.traded(market, trade.px, trade.sz, side, trade.time * NS_PER_MS)

    def _on_error(self, text: str) -> None:
        # It repeats the request, which is how one learns whose it was.
        plain = text.replace(" ", "").replace("\\", "")
        for market in self.markets:
            if f'"coin":"{market.symbol}"' in plain:
                self.confirmed(f"{_BOOK} of {market.symbol}")
                self.confirmed(f"{_TRADES} of {market.symbol}")
                if "Alreadysubscribed" not in plain and not market.has_book:
                    self.unknown(market, text, "BTC")
                return
        self.refuse(f"it says {text[:200]!r}")


PROFILE = VenueProfile(
    name=VENUE,
    url="wss://api.hyperliquid.xyz/ws",
    make_session=HyperliquidSession,
    max_message_bytes=4 << 20,
    # A book comes with every block that changes it, and twice a second at the least.
    timing=Timing(silence_s=20.0, quiet_s=30.0, ping_s=30.0),
    # 30 new connections a minute.
    retry_ceiling_s=8.0,
)
