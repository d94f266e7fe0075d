"""A replay as its viewers see it: of a run, or of recorded data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import psutil

from core.api.notice_log import NoticeLog
from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandResult
from core.domain.errors import ConfigurationError
from core.domain.snapshot import FeedView, RunMeta, Telemetry
from core.domain.whatif import WhatIfView
from core.kernel.state import KernelState
from core.runtime.host import LiveHost
from core.runtime.pages import Pages
from core.runtime.playback import Playback
from core.runtime.replay_desk import RecordedDesk, ReplayDesk
from core.runtime.replay_past import Past
from core.runtime.run_playback import RunPlayback
from core.runtime.whatif_runner import WhatIfRunner

FEED = "journal"
_NS_PER_S = 1e9
_MEMORY_EVERY_S = 2.0


class ReplayHost:
    """
    Implements `EngineHost` for a recorded run. There is no engine, and no venue.

    Until `open` is called it shows an empty state, and `note` says what is being done.
    """

    def __init__(self, meta: RunMeta, state: KernelState, notices: NoticeLog) -> None:
        self._meta = meta
        self._state = state
        self._notices = notices
        self._process = psutil.Process()
        self._rss_mb = 0.0
        self._rss_due_s = 0.0
        self._playback: RunPlayback | None = None
        self._whatif: WhatIfRunner | None = None
        self._desk: ReplayDesk | None = None
        self._pages: Pages | None = None
        self.farewell = ""
        self.note = ""
        """What is being done before the run can be played; empty when it can."""

    def open(
        self,
        playback: RunPlayback,
        whatif: WhatIfRunner,
        pages: Pages,
        stop: Callable[[str], None],
    ) -> None:
        """Show this playback, its comparisons and pages, and take their commands."""
        self._playback = playback
        self._pages = pages
        self._whatif = whatif
        self._desk = ReplayDesk(playback, whatif, stop)
        self.note = ""

    @property
    def meta(self) -> RunMeta:
        """What does not change during the replay."""
        return self._meta

    @property
    def state(self) -> KernelState:
        """The kernel's arrays, as they were at the position that is shown."""
        return self._state

    @property
    def notices(self) -> NoticeLog:
        """What had happened by then."""
        return self._notices

    def submit(self, command: Command) -> CommandResult:
        """Do a command of a replay or refuse it."""
        if self._desk is None:
            return CommandResult(command.request_id, accepted=False, text=f"not yet: {self.note}")
        return self._desk.submit(command)

    def answer(self, topic: Topic, args: Mapping[str, str]) -> Answer:
        """
        Make a page.

        Raises:
            ConfigurationError: If an argument cannot be used, and while the run is being read.
        """
        if self._pages is None:
            raise ConfigurationError(f"not yet: {self.note}")
        return self._pages.answer(topic, args)

    @property
    def whatif(self) -> WhatIfView | None:
        """The newest comparison with its whole curves, a point a second; None before one."""
        return None if self._whatif is None else self._whatif.view

    def telemetry(self) -> Telemetry:
        """Where the replay is, and what is cheap to measure."""
        now_s = time.monotonic()
        if now_s >= self._rss_due_s:
            self._rss_due_s = now_s + _MEMORY_EVERY_S
            self._rss_mb = self._process.memory_info().rss / 1e6
        playback = self._playback
        if playback is None:
            return Telemetry(
                feeds=(FeedView(FEED, 0.0, "CONNECTING"),), rss_mb=self._rss_mb, note=self.note
            )
        index, position = playback.index, playback.position
        start_ns, end_ns = index.ts_at(0), index.ts_at(index.length)
        return Telemetry(
            uptime_s=(index.ts_at(position) - start_ns) / _NS_PER_S,
            events=position,
            feeds=(FeedView(FEED, 0.0, "LIVE"),),
            journal_rows=position,
            rss_mb=self._rss_mb,
            replay_speed=playback.speed,
            replay_done=playback.is_done,
            replay_paused=playback.speed == 0,
            replay_position=position,
            replay_length=index.length,
            replay_start_ns=start_ns,
            replay_end_ns=end_ns,
            whatif=None if self._whatif is None else self._whatif.shown,
            note=self.note,
        )


class RecordedHost(LiveHost):
    """Implements `EngineHost` for recorded data that an engine trades anew."""

    def play(self, playback: Playback, past: Past, desk: RecordedDesk) -> None:
        """Show this playback and take its commands; before anybody looks."""
        self._playback = playback
        self._past = past
        self._replay_desk = desk

    @property
    def state(self) -> KernelState:
        """The kernel's arrays, as they were at the position that is shown."""
        return self._past.state

    def submit(self, command: Command) -> CommandResult:
        """Do a command of a replay, or one that trades, or refuse it."""
        return self._replay_desk.submit(command)

    def telemetry(self) -> Telemetry:
        """Measure what an engine measures, and say where the replay is."""
        events = int(self.state.account["seq"][0])
        return replace(super().telemetry(), events=events, **self._playback.telemetry())
