"""Targets of the public market data: every venue's session, and captured streams."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.binance.market.codec import decode_snapshot
from core.venues.market.capture import parse_line
from core.venues.market.feeds import profile_of
from core.venues.market.fetching import Answer, Fetch
from core.venues.market.session import MarketSession
from core.venues.market.side import MAX_LEVELS
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing
from tests.fuzz.mutate import JSON_TOKENS, Mutator, text_template, tree_templates
from tests.fuzz.target import Function, Plain, Target
from tests.venues import fixtures

NOW_NS = 1_779_271_200_000_000_000
_NAMES = {
    "binance": "BTCUSDT",
    "kraken": "BTC/USD",
    "coinbase": "BTC-USD",
    "bybit": "BTCUSDT",
    "hyperliquid": "BTC",
}
_CACHED = 1 << 16


class FeedSubject(Plain):
    """A session with a book, made anew whenever it has given its connection up."""

    def __init__(self, venue: str, opening: list[bytes]) -> None:
        self._venue = venue
        self._opening = opening
        self._tally = Tally()
        self._now_s = 1.0
        self._session = self._connected()

    def take(self, data: bytes) -> bool:
        refused = self._tally.refused
        session = self._session
        self._now_s += 0.001
        rows = session.receive(data, self._now_s, NOW_NS)
        rows += session.tick(self._now_s, NOW_NS)
        assert len(rows) <= 64, "one message became too many events"
        assert len(session.take_outbox()) <= 16, "one message asks for too much"
        assert len(session.take_fetches()) <= 4, "one message fetches too much"
        if session.complaint or self._tally.messages % 50 == 0:
            session.disconnected()
            self._session = self._connected()
        return self._tally.refused == refused

    def check(self) -> None:
        self._session = self._connected()
        market = self._session.markets[0]
        assert market.has_book, "a good message is not understood any more"
        assert len(self._tally.last_error) <= 600, "an error repeats too much"
        assert self._tally.last_error.isprintable(), "an error writes to the terminal"
        for side in (market.bids, market.asks):
            assert len(side) <= MAX_LEVELS, "a book grows"
            assert len(side._known) <= _CACHED, "a cache grows"
        assert len(self._tally.recent_trades._known) <= 4_096, "ids pile up"

    def _connected(self) -> MarketSession:
        instrument = Instrument(Symbol(_NAMES[self._venue]), Decimal("0.01"), Decimal("0.00001"))
        make = profile_of(self._venue).make_session
        session = make([instrument], self._tally, Timing())
        session.connected(self._now_s)
        for data in self._opening:
            session.receive(data, self._now_s, NOW_NS)
        if self._venue == "binance":
            answer = Answer(200, fixtures.text("binance", "depth_snapshot_rest"))
            session.answered(Fetch(0, ""), answer, self._now_s)
        return session


def _compact(data: bytes) -> bytes:
    """A sample on one line, its numbers as they are written."""
    return re.sub(rb"\n\s*", b"", data)


def _feed(venue: str, *opening: str) -> Target:
    samples = [_compact(data) for data in fixtures.all_texts(venue)]
    first = [_compact(fixtures.text(venue, name)) for name in opening]
    return Target(
        Mutator([text_template(data) for data in samples], JSON_TOKENS),
        lambda: FeedSubject(venue, first),
        per_cent=25.0,
    )


def binance_feed() -> Target:
    """Streams, refusals and shutdowns."""
    return _feed("binance")


def kraken_feed() -> Target:
    """Books with their checksums, trades and answers."""
    return _feed("kraken", "book_snapshot")


def coinbase_feed() -> Target:
    """Numbered messages of all channels."""
    return _feed("coinbase", "l2_snapshot")


def bybit_feed() -> Target:
    """Topics and answers."""
    return _feed("bybit", "orderbook_snapshot")


def hyperliquid_feed() -> Target:
    """Whole books and trades."""
    return _feed("hyperliquid", "l2book")


def binance_snapshot() -> Target:
    """A book by REST."""
    tree = fixtures.sample("binance", "depth_snapshot_rest")
    shapes = list(tree_templates(tree, msgspec.json.encode))
    return _plain(Mutator(shapes[:1], JSON_TOKENS, misshapen=shapes[1:]), decode_snapshot)


def capture() -> Target:
    """Lines of a recording."""
    lines = [
        b'1723161253937085768 {"stream":"btcusdt@trade","data":{}}',
        b'2026-05-20T10:00:00.5: {"channel":"pong"}',
        b'10:00:00.25: {"channel":"pong"}',
        b'1779271200.125: {"channel":"pong"}',
    ]
    tokens = (*JSON_TOKENS, b":", b" ", b"2026-13-40T99:00:00", b"1e30", b"+", b"24:00:00")

    def take(data: bytes) -> None:
        found = parse_line(data)
        assert found is None or found[0] >= 0, "a time before 1970"

    return _plain(Mutator([text_template(line) for line in lines], tokens), take)


def _plain(source: Mutator, function: Callable[[bytes], object]) -> Target:
    return Target(source, lambda: Function(function))
