"""The engine as its viewers see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import psutil

from core.api.notice_log import NoticeLog
from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandResult
from core.domain.enums import VenueState
from core.domain.snapshot import FeedView, RunMeta, Telemetry, VenueView
from core.kernel.state import KernelState
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine
from core.runtime.pages import Pages
from core.venues.port import Venue, VenueCounters

_MEMORY_EVERY_S = 2.0
_RATE_EVERY_S = 1.0


class LiveHost:
    """Implements `EngineHost` for a running engine."""

    def __init__(
        self,
        meta: RunMeta,
        engine: Engine,
        desk: CommandDesk,
        notices: NoticeLog,
        venue: Venue,
        pages: Pages,
        *,
        dropped_logs: Callable[[], int],
        stale_after_s: Callable[[], float],
        city_feeds: Callable[[], tuple[FeedView, ...]] = tuple,
    ) -> None:
        self._meta = meta
        self._engine = engine
        self._desk = desk
        self._notices = notices
        self._venue = venue
        self._pages = pages
        self._dropped_logs = dropped_logs
        self._stale_after_s = stale_after_s
        self._city_feeds = city_feeds
        self._process = psutil.Process()
        self._started_s = time.monotonic()
        self._rss_mb = 0.0
        self._rss_due_s = 0.0
        self._rate = 0.0
        self._rate_events = 0
        self._rate_since_s = self._started_s
        self.farewell = ""
        self.note = ""
        """What the engine is busy with before it trades; empty when it does."""

    @property
    def meta(self) -> RunMeta:
        """What does not change during the run."""
        return self._meta

    @property
    def state(self) -> KernelState:
        """The kernel's arrays."""
        return self._engine.state

    @property
    def notices(self) -> NoticeLog:
        """What happened."""
        return self._notices

    def submit(self, command: Command) -> CommandResult:
        """Do a command or refuse it."""
        if self.note:
            return CommandResult(
                command.request_id, accepted=False, text=f"not yet: the engine is {self.note}"
            )
        return self._desk.submit(command)

    def answer(self, topic: Topic, args: Mapping[str, str]) -> Answer:
        """
        Make a page.

        Raises:
            ConfigurationError: If an argument cannot be used.
        """
        return self._pages.answer(topic, args)

    def telemetry(self) -> Telemetry:
        """Measure what is cheap now, and what is not at most every second or two."""
        now_s = time.monotonic()
        self._measure_rate(now_s)
        if now_s >= self._rss_due_s:
            self._rss_due_s = now_s + _MEMORY_EVERY_S
            self._rss_mb = self._process.memory_info().rss / 1e6
        engine, counters, journal = self._engine, self._venue.counters(), self._engine.journal
        venues = counters.each(self._venue.name)
        return Telemetry(
            uptime_s=now_s - self._started_s,
            events=engine.seq,
            events_per_second=self._rate,
            wire_to_order_us=engine.wire_latency.view(),
            step_us=engine.step_latency.view(),
            feeds=(
                *(self._market_feed(name, one, now_s) for name, one in venues),
                *self._city_feeds(),
            ),
            venues=tuple(_view(name, one) for name, one in venues),
            reconnects=counters.reconnects,
            gaps=counters.gaps,
            merged_books=engine.merged_books,
            refused_messages=counters.refused,
            dropped_logs=self._dropped_logs(),
            journal_rows=journal.rows,
            journal_bytes=journal.bytes,
            journal_lag_ms=journal.lag_ms,
            rss_mb=self._rss_mb,
            trials=self._desk.trials.views(),
            note=self.note,
        )

    def _market_feed(self, name: str, counters: VenueCounters, now_s: float) -> FeedView:
        heard_s = counters.last_message_monotonic_s
        age_s = now_s - heard_s if heard_s else 0.0
        if counters.state is VenueState.DOWN:
            state = "DOWN"
        elif counters.state is not VenueState.SYNCED:
            state = "CONNECTING"
        else:
            state = "STALE" if age_s > self._stale_after_s() else "LIVE"
        return FeedView(name, age_s, state)

    def _measure_rate(self, now_s: float) -> None:
        elapsed_s = now_s - self._rate_since_s
        if elapsed_s >= _RATE_EVERY_S:
            # A replay that went back has applied none.
            self._rate = max(0, self._engine.seq - self._rate_events) / elapsed_s
            self._rate_events = self._engine.seq
            self._rate_since_s = now_s


def _view(name: str, counters: VenueCounters) -> VenueView:
    offset_ns = counters.clock_offset_ns
    return VenueView(
        name=name,
        last_error=counters.last_error,
        clock_offset_ms=None if offset_ns is None else offset_ns / 1e6,
        requests=counters.requests,
        requests_waiting=counters.requests_waiting,
    )
