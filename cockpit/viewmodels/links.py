"""Where data comes from and orders go to: sources, venue, journal, viewers, how fast it is."""

from __future__ import annotations

import textwrap
from math import isfinite
from typing import TypeAlias

from cockpit.viewmodels.cells import Line, Segment, Tone, plain, wrap
from cockpit.viewmodels.numbers import NOTHING, compact, duration, micros, number
from cockpit.viewmodels.status import FEED_DOTS
from cockpit.viewmodels.tables import Column, Table
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import BOOK_WORDS
from core.domain.enums import BookState, VenueState
from core.domain.snapshot import VENUES_BETWEEN, AccountView, EngineSnapshot, LatencyView, Telemetry

VENUE_WORDS: dict[VenueState, tuple[str, Tone]] = {
    VenueState.DOWN: ("no connection", "alarm"),
    VenueState.CONNECTING: ("connecting", "warn"),
    VenueState.CONNECTED: ("connected, orders and positions not yet told", "warn"),
    VenueState.SYNCED: ("connected, orders and positions agree", "up"),
}

_FEEDS = (
    Column("source", 16),
    Column("state", 12),
    Column("newest", 10, is_right=True),
    Column("from", 0),
)
_BOOKS = (
    Column("book", 18),
    Column("state", 14),
    Column("newest", 10, is_right=True),
    Column("limit", 8, is_right=True),
    Column("spread", 9, is_right=True, least_width=74),
)
NAME = 24
MANY_WAITING = 3
"""Requests in line beyond which the budget is what holds the engine up."""

Row: TypeAlias = tuple[str, list[Segment]]


def feeds_lines(view: View, width: int) -> list[Line]:
    """Every source with its age, then every book with its own."""
    snapshot = view.snapshot
    if snapshot is None:
        return [((" waiting for the engine", "dim"),)]
    feeds = Table(_FEEDS, width - 2)
    lines: list[Line] = [feeds.head()]
    for feed in snapshot.telemetry.feeds:
        dot, tone = FEED_DOTS.get(feed.state, ("?", "warn"))
        lines.append(
            feeds.row(
                [
                    (plain(feed.name), "text"),
                    (f"{dot} {feed.state.lower()}", tone),
                    (f"{duration(feed.age_s)} ago" if isfinite(feed.age_s) else NOTHING, "dim"),
                    (plain(feed.source), "dim"),
                ]
            )
        )
    for feed in snapshot.telemetry.feeds:
        lines += [((row, "warn"),) for row in wrap(plain(feed.note), width - 2) if feed.note]
    lines += [(), *_books(view, snapshot, width - 2)]
    named = dict.fromkeys(plain(feed.credit) for feed in snapshot.telemetry.feeds if feed.credit)
    if named:
        lines += [(), *(((row, "dim"),) for row in wrap("; ".join(named), width - 2))]
    return _indented(lines)


def _books(view: View, snapshot: EngineSnapshot, width: int) -> list[Line]:
    books = Table(_BOOKS, width)
    limit_ms = view.parameter("risk.stale_book_ms")
    lines: list[Line] = [books.head()]
    for instrument in snapshot.instruments:
        age_s = (snapshot.ts_ns - instrument.book_ts_ns) / 1e9 if instrument.book_ts_ns else None
        is_old = age_s is not None and limit_ms is not None and age_s * 1e3 > limit_ms
        words = BOOK_WORDS[instrument.book_state] or ("too old" if is_old else "fresh")
        is_good = instrument.book_state is BookState.OK and not is_old
        spread = number(
            instrument.ask - instrument.bid, view.describe(instrument.index).price_decimals
        )
        lines.append(
            books.row(
                [
                    (plain(instrument.symbol), "text"),
                    (words, "up" if is_good else "warn"),
                    ("-" if age_s is None else f"{duration(age_s)} ago", "dim"),
                    ("-" if limit_ms is None else duration(limit_ms / 1e3), "dim"),
                    (spread, "dim"),
                ]
            )
        )
    return lines


def venue_lines(view: View, width: int) -> list[Line]:
    """The account's connection, what it may still send, what was lost, and how fast all is."""
    snapshot, meta = view.snapshot, view.meta
    if snapshot is None or meta is None:
        return [((" waiting for the engine", "dim"),)]
    account, telemetry = snapshot.account, snapshot.telemetry
    rows: list[Row] = [
        *_connections(plain(meta.venue), account),
        *_complaints(telemetry, width - NAME - 2),
        *_clocks(telemetry),
        *_requests(telemetry),
        ("may still send", [_said(account.request_budget, "requests now"), (", ", "dim"),
                            _said(account.order_budget, "orders")]),
        ("connected anew", [_count(telemetry.reconnects, "times")]),
        ("messages lost", [_count(telemetry.gaps, "gaps, each filled by asking again")]),
        ("not understood", [_count(telemetry.refused_messages, "messages, none believed")]),
        ("books overtaken", [(number(telemetry.merged_books, 0), "text"),
                             (" by newer ones before they were looked at", "dim")]),
        ("without an answer", [_count(account.unknown_orders, "orders")]),
        ("corrected by venue", [_count(account.corrections, "positions")]),
        ("held elsewhere", [_count(account.foreign_orders, "orders"), (", ", "dim"),
                            _count(account.foreign_positions, "positions in other products")]),
        ("fees without rate", [_count(account.unpriced_fees, "fills")]),
        ("", []),
        ("wire to order", _latency(telemetry.wire_to_order_us)),
        ("decision", _latency(telemetry.step_us)),
        ("events", [(number(telemetry.events, 0), "text"),
                    (f", {number(telemetry.events_per_second, 0)} a second", "dim")]),
        ("journal", [(number(telemetry.journal_rows, 0), "text"), (" events, ", "dim"),
                     (f"{compact(telemetry.journal_bytes)} bytes", "text"),
                     (f", {telemetry.journal_lag_ms:.0f} ms behind", "dim")]),
        ("log lines lost", [_count(telemetry.dropped_logs, "")]),
        ("viewers", [(number(telemetry.viewers, 0), "text"), (", ", "dim"),
                     (f"{number(telemetry.dropped_snapshots, 0)} pictures skipped", "dim")]),
        ("memory", [(f"{telemetry.rss_mb:.0f} MB", "text")]),
        ("up", [(duration(telemetry.uptime_s), "text")]),
    ]  # fmt: skip
    return _indented([((f"{name:<{NAME}}", "dim"), *segments) for name, segments in rows])


def _connections(names: str, account: AccountView) -> list[Row]:
    """The venue, or each of several in a row of its own."""
    each = names.split(VENUES_BETWEEN)
    states = account.venue_states if len(each) > 1 else (account.venue_state,)
    width = max(map(len, each))
    return [
        ("venue" if number == 0 else "", [
            (f"{name:<{width}}", "strong"), ("  ", "text"), VENUE_WORDS[state],
        ])
        for number, (name, state) in enumerate(zip(each, states, strict=False))
    ]  # fmt: skip


def _complaints(telemetry: Telemetry, width: int) -> list[Row]:
    """What went wrong last, whole, of every venue where something did."""
    synced = {feed.name for feed in telemetry.feeds if feed.state in ("LIVE", "STALE")}
    said: list[Segment] = []
    for venue in telemetry.venues:
        tone: Tone = "dim" if venue.name in synced else "warn"
        lines = textwrap.wrap(plain(venue.last_error), max(20, width))
        said += [(line, tone) for line in lines]
    return [("" if rank else "said last", [line]) for rank, line in enumerate(said)]


def _clocks(telemetry: Telemetry) -> list[Row]:
    known = [
        (plain(venue.name), venue.clock_offset_ms)
        for venue in telemetry.venues
        if venue.clock_offset_ms is not None
    ]
    width = max((len(name) for name, _ in known), default=0)
    return [
        ("" if rank else "venue's clock", [
            (f"{name:<{width}}  " if len(telemetry.venues) > 1 else "", "dim"),
            (f"{number(abs(offset_ms), 0)} ms ", "text"),
            ("ahead of ours" if offset_ms > 0 else "behind ours", "dim"),
        ])
        for rank, (name, offset_ms) in enumerate(known)
    ]  # fmt: skip


def _requests(telemetry: Telemetry) -> list[Row]:
    counting = [venue for venue in telemetry.venues if venue.requests or venue.requests_waiting]
    return [
        ("" if rank else "requests", [
            (f"{plain(venue.name)}  " if len(telemetry.venues) > 1 else "", "dim"),
            (number(venue.requests, 0), "text"), (" sent, ", "dim"),
            (f"{number(venue.requests_waiting, 0)} waiting",
             "warn" if venue.requests_waiting > MANY_WAITING else "dim"),
        ])
        for rank, venue in enumerate(counting)
    ]  # fmt: skip


def _said(value: float, what: str) -> Segment:
    return (f"{number(value, 0)} {what}", "text" if value >= 1 else "warn")


def _count(count: int, what: str) -> Segment:
    """A count that should be nothing: one that is not stands out."""
    return (f"{number(count, 0)} {what}".rstrip(), "warn" if count else "dim")


def _latency(latency: LatencyView) -> list[Segment]:
    return [
        (f"p50 {micros(latency.p50)}", "text"),
        (f"   p99 {micros(latency.p99)}", "text"),
        (f"   worst {micros(latency.max)}", "dim"),
    ]


def _indented(lines: list[Line]) -> list[Line]:
    return [((" ", "text"), *line) if line else line for line in lines]
