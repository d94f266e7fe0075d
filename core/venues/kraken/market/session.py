"""
Kraken's public market data: books that prove themselves with a checksum, and trades.

Source: https://docs.kraken.com/api/docs/websocket-v2/book. There is no sequence number: a
lost or doubled update shows in the checksum, and the book is subscribed to anew.
"""

from __future__ import annotations

from core.domain.errors import DecodeError
from core.venues.common.wire import Frame
from core.venues.kraken.market.checksum import LEVELS, book_checksum
from core.venues.kraken.market.codec import (
    VENUE,
    Book,
    Message,
    Trade,
    decode,
    decode_books,
    decode_pairs,
    decode_result,
    decode_status,
    decode_trades,
    literal,
    ping,
    subscription,
    texts,
)
from core.venues.market.book import Market
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.times import iso_ns
from core.venues.market.timing import Timing

DEPTHS = (10, 25, 100, 500, 1000)
"""Levels a side that can be subscribed to."""

_SIDES = {"buy": 1, "sell": -1}
_ONLINE = "online"


class KrakenSession(MarketSession):
    """One connection to Kraken's public channels; see `MarketSession`."""

    venue = VENUE

    def begin(self) -> None:
        """Know nothing yet of what this connection will tell."""
        self._depths = [DEPTHS[0]] * len(self.markets)
        self._decimals = [(0, 0)] * len(self.markets)
        """Of price and quantity; only pads numbers that have lost their zeros."""
        self._requests = 0
        self._pinged_ns = 0

    def greet(self) -> None:
        """Ask for every book, all trades and the precisions, and for the time."""
        symbols = [market.symbol for market in self.markets]
        self._request("subscribe", "instrument", None)
        self._request("subscribe", "book", symbols)
        self._request("subscribe", "trade", symbols)
        for symbol in symbols:
            self.expect(f"book of {symbol}")
            self.expect(f"trade of {symbol}")
        self.ping_soon()

    def resync(self, market: Market) -> None:
        """Subscribe to a book anew, which sends its snapshot."""
        self._request("unsubscribe", "book", [market.symbol])
        self._request("subscribe", "book", [market.symbol])
        self.expect(f"book of {market.symbol}")

    def ping(self) -> None:
        """Ask for an answer, which tells the venue's time too."""
        self._requests += 1
        self._pinged_ns = self.wall_ns
        self.send(ping(self._requests))

    def take(self, data: Frame) -> None:
        """Read one frame."""
        message = decode(data)
        match message.channel:
            case "book":
                for book in decode_books(message):
                    self._on_book(book, is_snapshot=message.type == "snapshot")
            case "trade":
                self._on_trades(message)
            case "instrument":
                self._on_pairs(message)
            case "status":
                system = decode_status(message)
                if system and system != _ONLINE:
                    self.say(f"its trading system is in {system}; prices may stand still")
            case "":
                self._on_reply(message)

    def _on_reply(self, message: Message) -> None:
        if message.method == "pong":
            self.ponged()
            if message.time_in and self._pinged_ns:
                self.tally.clock.answered(self._pinged_ns, iso_ns(message.time_in), self.wall_ns)
            return
        if message.success is False or (message.error and message.method != "unsubscribe"):
            self._on_refusal(message)
        elif message.method == "subscribe":
            result = decode_result(message)
            self.confirmed(f"{result.channel} of {result.symbol}")
            market = self.by_symbol.get(result.symbol)
            if market is not None and result.channel == "book" and result.depth in DEPTHS:
                self._depths[market.index] = result.depth

    def _on_refusal(self, message: Message) -> None:
        error = message.error or "no reason given"
        market = self.by_symbol.get(message.symbol)
        if message.method == "unsubscribe":
            return
        if market is None:
            self.give_up(f"a request was refused ({error[:200]})")
            return
        self.confirmed(f"book of {market.symbol}")
        self.confirmed(f"trade of {market.symbol}")
        if not market.has_book:
            self.unknown(market, error, "BTC/USD")

    def _on_book(self, book: Book, *, is_snapshot: bool) -> None:
        market = self.by_symbol.get(book.symbol)
        if market is None or not (is_snapshot or market.has_book):
            return
        market.heard_s = self.now_s
        try:
            exch_ts_ns = iso_ns(book.timestamp) if book.timestamp else 0
            decimals = self._decimals[market.index]
            bids, asks = texts(book.bids, *decimals), texts(book.asks, *decimals)
            if is_snapshot:
                self._depths[market.index] = self._depth(market, max(len(bids), len(asks)))
                market.reset(bids, asks)
                is_seen = True
            else:
                is_seen = market.apply(bids, asks)
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)
            return
        if exch_ts_ns:
            self.tally.clock.heard(exch_ts_ns, self.wall_ns)
        depth = self._depths[market.index]
        market.bids.truncate(depth)
        market.asks.truncate(depth)
        if not self._is_proven(market, book.checksum):
            self.lost(market, f"its checksum is not {book.checksum}: an update was lost or changed")
        elif is_snapshot:
            self.synced(market, exch_ts_ns)
        elif is_seen:
            self.changed(market, exch_ts_ns)

    def _is_proven(self, market: Market, checksum: int | None) -> bool:
        if checksum is None:
            return True
        return checksum == book_checksum(market.asks.texts(LEVELS), market.bids.texts(LEVELS))

    def _depth(self, market: Market, levels: int) -> int:
        """Levels a side that are kept: those subscribed to, or a recording's."""
        known = self._depths[market.index]
        if levels <= known:
            return known
        return next((depth for depth in DEPTHS if depth >= levels), DEPTHS[-1])

    def _on_trades(self, message: Message) -> None:
        trades = sorted(decode_trades(message), key=_number)
        for trade in trades:
            market = self.by_symbol.get(trade.symbol)
            if market is None:
                continue
            if message.type == "snapshot":
                # The last 50, from before we came.
                self.skip_trades(market, trade.trade_id)
                market.trade_id = trade.trade_id
            elif self.is_next_trade(market, trade.trade_id):
                self._tell_trade(market, trade)

    def _tell_trade(self, market: Market, trade: Trade) -> None:
        try:
            price, size = literal(bytes(trade.price), 0), literal(bytes(trade.qty), 0)
            exch_ts_ns = iso_ns(trade.timestamp) if trade.timestamp else 0
        except DecodeError as error:
            self.refuse(f"{market.symbol}: {error.reason}; a trade was left out")
            return
        self.traded(market, price, size, _SIDES.get(trade.side, 0), exch_ts_ns)

    def _on_pairs(self, message: Message) -> None:
        for pair in decode_pairs(message):
            market = self.by_symbol.get(pair.symbol)
            if market is not None:
                price, size = pair.price_precision or 0, pair.qty_precision or 0
                self._decimals[market.index] = min(max(price, 0), 18), min(max(size, 0), 18)

    def _request(self, method: str, channel: str, symbols: list[str] | None) -> None:
        self._requests += 1
        params: dict[str, object] = {"channel": channel}
        if symbols is not None:
            params["symbol"] = symbols
        if channel == "book":
            params["depth"] = DEPTHS[0]
        if method == "subscribe":
            params["snapshot"] = True
        self.send(subscription(method, params, self._requests))


def _number(trade: Trade) -> int:
    return trade.trade_id


PROFILE = VenueProfile(
    name=VENUE,
    url="wss://ws.kraken.com/v2",
    make_session=KrakenSession,
    # The instrument channel tells of every pair in one message.
    max_message_bytes=8 << 20,
    # Heartbeats come every second.
    timing=Timing(silence_s=5.0, quiet_s=300.0, ping_s=30.0),
    # 150 connections in ten minutes.
    retry_ceiling_s=10.0,
)
