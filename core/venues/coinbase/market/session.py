"""
Coinbase Advanced Trade's public market data: full books and their changes, and trades.

Source: https://docs.cdp.coinbase.com/advanced-trade/docs/ws-channels. `sequence_num` counts
every message of the connection, so a hole in it costs all books and the connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain.errors import DecodeError
from core.venues.coinbase.market.codec import (
    VENUE,
    BookEvent,
    Message,
    Trade,
    decode,
    decode_books,
    decode_heartbeat,
    decode_subscriptions,
    decode_trades,
    request,
)
from core.venues.common.wire import Frame
from core.venues.market.book import Market
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.side import TextLevel
from core.venues.market.times import iso_ns
from core.venues.market.timing import Timing

_HEARTBEATS, _BOOK, _TRADES = "heartbeats", "level2", "market_trades"

_NO_NAME = re.compile(r"[^A-Za-z0-9-]+")

# Coinbase tells the side of the order that rested, so the other side attacked.
_AGGRESSORS = {"BUY": -1, "SELL": 1}


class CoinbaseSession(MarketSession):
    """One connection to Coinbase's public channels; see `MarketSession`."""

    venue = VENUE

    def begin(self) -> None:
        """Know nothing yet of what this connection will tell."""
        self._sequence: int | None = None
        self._beat: int | None = None
        self._unknown: set[str] = set()

    def greet(self) -> None:
        """Ask for every channel; within five seconds of connecting, or it hangs up."""
        # Without heartbeats a channel on which nothing happens is closed.
        self.send(request("subscribe", _HEARTBEATS, []))
        self.expect(_HEARTBEATS)
        self._subscribe(self.markets)

    def resync(self, market: Market) -> None:
        """Subscribe to a book anew, which sends its snapshot."""
        self.send(request("unsubscribe", _BOOK, [market.symbol]))
        self.send(request("subscribe", _BOOK, [market.symbol]))

    def take(self, data: Frame) -> None:
        """Read one frame."""
        message = decode(data)
        if message.type == "error":
            self._on_refusal(message.message)
            return
        if not self._is_next(message.sequence_num):
            return
        exch_ts_ns = iso_ns(message.timestamp) if message.timestamp else 0
        if exch_ts_ns:
            self.tally.clock.heard(exch_ts_ns, self.wall_ns)
        match message.channel:
            case "l2_data":
                for event in decode_books(message):
                    self._on_book(event, exch_ts_ns)
            case "market_trades":
                self._on_trades(message)
            case "heartbeats":
                self._on_heartbeat(message)
            case "subscriptions":
                for channel in decode_subscriptions(message):
                    self.confirmed(channel)

    def _subscribe(self, markets: Sequence[Market]) -> None:
        for channel in (_BOOK, _TRADES):
            self.send(request("subscribe", channel, [market.symbol for market in markets]))
            self.expect(channel)

    def _on_refusal(self, reason: str) -> None:
        """Go on without a product that was refused by name; otherwise give up."""
        words = set(_NO_NAME.split(reason))
        bad = [market for market in self.markets if market.symbol in words - self._unknown]
        if not bad and words & self._unknown:
            # Books and trades were asked for in two requests, and both are refused.
            self.tally.refused += 1
            return
        if not bad:
            self.give_up(f"it refused a request ({reason[:200]})")
            return
        self._unknown.update(market.symbol for market in bad)
        for market in bad:
            self.unknown(market, reason, "BTC-USD")
        # The request was refused as a whole.
        rest = [market for market in self.markets if market.symbol not in self._unknown]
        if rest:
            self._subscribe(rest)
        else:
            self.confirmed(_BOOK)
            self.confirmed(_TRADES)

    def _is_next(self, number: int | None) -> bool:
        last = self._sequence
        if number is None:
            return True
        if last is None or number == last + 1:
            self._sequence = number
            return True
        if number <= last:
            if not (self.is_recorded and number == 0):
                self.tally.duplicates += 1
                return False
            # A recording goes on after a new connection.
            self._sequence = number
            self._beat = None
            return True
        self.tally.gaps += 1
        self._sequence = number
        self.give_up(f"messages {last + 1} to {number - 1} of the connection were lost")
        return self.is_recorded

    def _on_heartbeat(self, message: Message) -> None:
        self.confirmed(_HEARTBEATS)
        counter, last = decode_heartbeat(message), self._beat
        self._beat = counter
        if counter is not None and last is not None and counter > last + 1:
            self.tally.gaps += 1
            self.give_up(f"heartbeats {last + 1} to {counter - 1} were lost")

    def _on_book(self, event: BookEvent, exch_ts_ns: int) -> None:
        market = self.by_symbol.get(event.product_id)
        if market is None:
            return
        bids: list[TextLevel] = []
        asks: list[TextLevel] = []
        for update in event.updates:
            side = bids if update.side == "bid" else asks
            side.append((update.price_level, update.new_quantity))
        market.heard_s = self.now_s
        try:
            if event.type == "snapshot":
                market.reset(bids, asks)
                self.synced(market, exch_ts_ns)
            elif market.has_book and market.apply(bids, asks):
                self.changed(market, exch_ts_ns)
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)

    def _on_trades(self, message: Message) -> None:
        for event in decode_trades(message):
            for trade in reversed(event.trades):
                market = self.by_symbol.get(trade.product_id)
                if market is None or not self.is_new_trade(f"{trade.product_id} {trade.trade_id}"):
                    continue
                # The snapshot tells of trades from before we came.
                if event.type != "snapshot":
                    self._tell_trade(market, trade)

    def _tell_trade(self, market: Market, trade: Trade) -> None:
        try:
            exch_ts_ns = iso_ns(trade.time) if trade.time else 0
        except DecodeError as error:
            self.refuse(f"{market.symbol}: {error.reason}; a trade was left out")
            return
        side = _AGGRESSORS.get(trade.side, 0)
        self.traded(market, trade.price, trade.size, side, exch_ts_ns)


PROFILE = VenueProfile(
    name=VENUE,
    url="wss://advanced-trade-ws.coinbase.com",
    make_session=CoinbaseSession,
    # A snapshot is the whole book: several megabytes.
    max_message_bytes=64 << 20,
    compression="deflate",
    # Heartbeats come every second.
    timing=Timing(silence_s=5.0, first_data_s=20.0),
)
