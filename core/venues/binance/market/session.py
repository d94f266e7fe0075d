"""
Binance's public market data: deltas that continue a book fetched by REST, and trades.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams. The
`@depth@100ms` and `@trade` streams of every instrument are asked for in one request, because
a connection may send five messages a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from urllib.parse import quote

from core.domain.errors import DecodeError
from core.domain.events import EventRow
from core.venues.binance.market.codec import (
    VENUE,
    Message,
    Payload,
    Snapshot,
    decode,
    decode_fault,
    decode_snapshot,
    request,
    time_ns,
)
from core.venues.binance.market.sync import DepthSync, Verdict
from core.venues.common.wire import Frame
from core.venues.market.book import Market
from core.venues.market.fetching import Answer
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.timing import Timing

_SUBSCRIBE = "the streams"
_REQUEST_ID = 1
_LATER_ID = 2

_FULL_DEPTH_MARKETS = 10
"""So many instruments get 5000 levels a side, more of them 1000: the weight is per address."""

_WEIGHT_PER_MINUTE = 5_000
"""Of the 6000 that an address has."""

_MAX_PAUSE_S = 30.0
_BAN_S = 120.0
_INVALID_SYMBOL = -1121
_TOO_MANY = (429, 418)


class BinanceSession(MarketSession):
    """One connection to Binance's public streams; see `MarketSession`."""

    venue = VENUE

    def begin(self) -> None:
        """Know nothing yet of what this connection will tell."""
        self._syncs = [DepthSync() for _ in self.markets]
        is_few = len(self.markets) <= _FULL_DEPTH_MARKETS
        self._limit, self._weight = (5000, 250) if is_few else (1000, 50)
        self._wanted: dict[int, float] = {}
        """When the snapshot of an instrument may be fetched."""
        self._failures = [0] * len(self.markets)
        self._barred_until_s = -inf
        self._fetched_s: deque[float] = deque(maxlen=_WEIGHT_PER_MINUTE // self._weight)

    def greet(self) -> None:
        """Ask for all streams at once."""
        streams = [name for market in self.markets for name in _streams(market)]
        self.send(request("SUBSCRIBE", streams, _REQUEST_ID))
        self.expect(_SUBSCRIBE)

    def resync(self, market: Market) -> None:
        """Fetch a snapshot."""
        self._want(market, 0.0)

    def fell_quiet(self, markets: Sequence[Market]) -> None:
        """Subscribe anew, in two messages for all of them, and fetch snapshots."""
        streams = [name for market in markets for name in _streams(market)]
        self.send(request("UNSUBSCRIBE", streams, _LATER_ID))
        self.send(request("SUBSCRIBE", streams, _LATER_ID))
        super().fell_quiet(markets)

    def tick(self, now_s: float, wall_ns: int) -> list[EventRow]:
        """See what is overdue, and fetch what had to wait."""
        rows = super().tick(now_s, wall_ns)
        self._fetch_wanted()
        return rows

    def take(self, data: Frame) -> None:
        """Read one frame."""
        message = decode(data)
        if message is None:
            return
        payload = message if message.data is None else message.data
        match payload.e:
            case "depthUpdate":
                self._on_depth(payload)
            case "trade":
                self._on_trade(payload)
            case "serverShutdown":
                self.wants_handover = True
                self.say("this server is about to restart; another connection takes over")
            case _ if payload.lastUpdateId:
                self._on_book(payload, message.stream)
            case _ if payload is message:
                self._on_reply(message)

    def take_answer(self, market: Market, answer: Answer) -> None:
        """Read a snapshot that was fetched."""
        if market.has_book:
            return
        if answer.status != 200:
            self._on_refusal(market, answer)
            return
        try:
            snapshot = decode_snapshot(answer.body)
        except DecodeError as error:
            self.tally.refused += 1
            self._retry(market, f"its snapshot could not be read: {error.reason}")
            return
        self._on_snapshot(market, snapshot)

    def _on_reply(self, message: Message) -> None:
        code = message.code or (message.error.code if message.error else 0)
        text = message.msg or (message.error.msg if message.error else "")
        if code:
            self.give_up(f"the request for streams was refused ({code} {text[:200]})")
        elif message.id == _REQUEST_ID:
            self.confirmed(_SUBSCRIBE)
            for market in self.markets:
                self._want(market, 0.0)

    def _on_depth(self, delta: Payload) -> None:
        market = self.by_symbol.get(delta.s)
        if market is None:
            return
        sync = self._syncs[market.index]
        exch_ts_ns = time_ns(delta.E)
        self.tally.clock.heard(exch_ts_ns, self.wall_ns)
        market.heard_s = self.now_s
        if not market.has_book:
            sync.wait(delta)
            return
        is_first = sync.is_first
        verdict = sync.judge(delta)
        if verdict is Verdict.APPLY:
            if self._apply(market, delta):
                self.changed(market, exch_ts_ns)
        elif verdict is Verdict.IGNORE:
            # Deltas that overlap the snapshot are no duplicates.
            self.tally.duplicates += not is_first
        else:
            missing = f"updates {sync.update_id + 1} to {delta.U - 1} are missing"
            sync.restart(delta)
            # A snapshot that does not reach the stream was too old: nothing got lost.
            self.tally.gaps -= is_first
            self.lost(market, missing)

    def _on_trade(self, trade: Payload) -> None:
        market = self.by_symbol.get(trade.s)
        if market is not None and self.is_next_trade(market, trade.t):
            # `m`: the buyer was the maker, so the seller attacked.
            side = -1 if trade.m else 1
            self.traded(market, trade.p, trade.q, side, time_ns(trade.T or trade.E))

    def _on_snapshot(self, market: Market, snapshot: Snapshot) -> None:
        sync = self._syncs[market.index]
        if sync.is_too_old(snapshot.lastUpdateId):
            self._retry(
                market,
                f"its snapshot {snapshot.lastUpdateId} is older than the stream's first update "
                f"{sync.first_waiting_id}",
            )
            return
        self._failures[market.index] = 0
        try:
            market.reset(snapshot.bids, snapshot.asks)
        except DecodeError as error:
            self._retry(market, error.reason)
            return
        exch_ts_ns = 0
        for delta in sync.start(snapshot.lastUpdateId):
            verdict = sync.judge(delta)
            if verdict is Verdict.GAP:
                sync.restart(delta)
                self.lost(market, f"updates before {delta.U} are missing")
                return
            if verdict is Verdict.APPLY:
                exch_ts_ns = time_ns(delta.E)
                if self._apply(market, delta) is None:
                    return
        self.synced(market, exch_ts_ns)

    def _on_book(self, book: Payload, stream: str) -> None:
        """Read a book that came on the stream: of few levels, or a recorded snapshot."""
        name, _, kind = stream.partition("@")
        market = self.by_symbol.get(name.upper()) if kind else self._awaiting(book.lastUpdateId)
        if market is None:
            return
        if not kind:
            self._on_snapshot(market, Snapshot(book.lastUpdateId, book.bids, book.asks))
            return
        try:
            market.reset(book.bids, book.asks)
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)
            return
        self._syncs[market.index].start(book.lastUpdateId)
        self.synced(market, 0)

    def _awaiting(self, snapshot_id: int) -> Market | None:
        """Whose snapshot this may be: it does not say."""
        if len(self.markets) == 1:
            return self.markets[0]
        nearest: tuple[int, Market] | None = None
        for market in self.markets:
            first = self._syncs[market.index].first_waiting_id
            if first is None or first > snapshot_id:
                continue
            if nearest is None or snapshot_id - first < nearest[0]:
                nearest = snapshot_id - first, market
        return nearest[1] if nearest else None

    def _apply(self, market: Market, delta: Payload) -> bool | None:
        """Change a book. Returns whether a level that is shown has changed; None: it is lost."""
        bids, asks = delta.b, delta.a
        if isinstance(bids, str) or isinstance(asks, str):
            self.lost(market, "an update without levels", is_gap=False)
            return None
        try:
            return market.apply(bids, asks)
        except DecodeError as error:
            self.lost(market, error.reason, is_gap=False)
            return None

    def _on_refusal(self, market: Market, answer: Answer) -> None:
        status = answer.status
        if status in _TOO_MANY:
            wait_s = answer.retry_after_s or (_BAN_S if status == 418 else 10.0)
            self._barred_until_s = self.now_s + wait_s
            what = "this address is banned" if status == 418 else "too many requests"
            self._wanted[market.index] = self._barred_until_s
            for each in self.markets:
                if not each.has_book:
                    each.due_s = max(each.due_s, self._due_after(wait_s))
            self.say(
                f"{what} (HTTP {status}); snapshots are asked for again in {wait_s:g} s. "
                "Other programs on this address share its limit"
            )
            return
        fault = decode_fault(answer.body)
        if fault.code == _INVALID_SYMBOL:
            self.unknown(market, fault.msg, "BTCUSDT")
            return
        reason = answer.failure or fault.msg or f"HTTP {status}"
        self._retry(market, f"its snapshot could not be fetched: {reason}")

    def _retry(self, market: Market, sentence: str) -> None:
        """Fetch again after a pause, longer each time."""
        failures = self._failures[market.index]
        self._failures[market.index] += 1
        pause_s = min(_MAX_PAUSE_S, self.timing.retry_s * 2 ** min(failures, 10))
        self.say(f"{market.symbol}: {sentence}; it is fetched again in {pause_s:.1f} s")
        market.due_s = max(market.due_s, self._due_after(pause_s))
        self._want(market, pause_s)

    def _due_after(self, pause_s: float) -> float:
        """When a book should have come that is only asked for after a pause."""
        return self.now_s + pause_s + self.timing.first_data_s

    def _want(self, market: Market, pause_s: float) -> None:
        self._wanted[market.index] = self.now_s + pause_s
        self._fetch_wanted()

    def _fetch_wanted(self) -> None:
        """Fetch what is due and within the limits."""
        if self.is_recorded or self.now_s < self._barred_until_s:
            return
        fetched = self._fetched_s
        while fetched and self.now_s - fetched[0] > 60.0:
            fetched.popleft()
        for index, due_s in list(self._wanted.items()):
            if self.now_s >= due_s and len(fetched) < (fetched.maxlen or 0):
                del self._wanted[index]
                fetched.append(self.now_s)
                market = self.markets[index]
                symbol = quote(market.symbol, safe="")
                self.fetch(market, f"/api/v3/depth?symbol={symbol}&limit={self._limit}")


def _streams(market: Market) -> tuple[str, str]:
    name = market.symbol.lower()
    return f"{name}@depth@100ms", f"{name}@trade"


PROFILE = VenueProfile(
    name=VENUE,
    url="wss://data-stream.binance.vision/stream",
    make_session=BinanceSession,
    max_message_bytes=4 << 20,
    # Cut after 24 h: another connection takes over before.
    timing=Timing(silence_s=30.0, quiet_s=120.0, handover_s=23.5 * 3600),
    http_urls={
        "data-stream.binance.vision": "https://data-api.binance.vision",
        "stream.binance.com": "https://api.binance.com",
        "stream.testnet.binance.vision": "https://testnet.binance.vision",
        "demo-stream.binance.com": "https://demo-api.binance.com",
    },
)
