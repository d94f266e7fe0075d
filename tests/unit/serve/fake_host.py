"""An engine without trading: state that a test fills in, commands that it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.api.notice_log import NoticeLog
from core.api.topics import Answer, LogLine, LogLines, Topic
from core.domain.commands import Command, CommandResult
from core.domain.enums import Mode
from core.domain.errors import ConfigurationError, JournalError
from core.domain.layout import layout
from core.domain.parameters import ParameterSpec
from core.domain.snapshot import (
    FeedView,
    InstrumentMeta,
    LatencyView,
    Notice,
    RunMeta,
    Telemetry,
    VenueView,
)

META = RunMeta(
    protocol=1,
    version="0.1.0",
    run_id="20261120T140327-practice-4f1c",
    profile="practice",
    mode=Mode.PAPER,
    venue="wsx",
    pid=4711,
    started_ts_ns=1_763_647_407_000_000_000,
    capital=100_000.0,
    currency="EUR",
    settings_hash="5e77",
    instruments=(
        InstrumentMeta("1_Eisbach", 0.1, 1.0, 1, 0, 0.1, 120.0),
        InstrumentMeta("7_ETF", 0.5, 2.0, 1, 0, 1.0, 0.0),
        InstrumentMeta("BTCUSDT", 0.01, 0.001, 2, 3, 0.00001, 0.0),
    ),
    parameters=(
        ParameterSpec("risk.max_exposure_pct", 1, "%", 80.0, 1.0, 100.0, "More at stake."),
        ParameterSpec("strategy.min_signal", 9, "", 0.2, 0.0, 1.0, "Trades less often."),
    ),
)
"""Three instruments with three different scales, two parameters out of order and gap."""

TELEMETRY = Telemetry(
    uptime_s=63.5,
    events=12_345,
    events_per_second=204.5,
    wire_to_order_us=LatencyView(76.0, 211.0, 900.0),
    step_us=LatencyView(1.5, 2.5, 30.0),
    feeds=(
        FeedView("wsx", 0.25, "LIVE"),
        FeedView("river", 7_300.0, "DOWN", "gkd", "hnd: HTTP 503"),
    ),
    venues=(
        VenueView("wsx", clock_offset_ms=-12.5),
        VenueView("cmi", "HTTP 429", requests=31, requests_waiting=2),
    ),
    reconnects=2,
    gaps=1,
    journal_rows=12_346,
    journal_bytes=987_654,
    journal_lag_ms=1.25,
    rss_mb=143.5,
)


class FakeHost:
    """Implements `EngineHost`. Every event is one `advance`."""

    def __init__(self, meta: RunMeta = META) -> None:
        self.meta = meta
        self.notices = NoticeLog()
        self.farewell = ""
        self.commands: list[Command] = []
        sections = layout(len(meta.instruments))
        self.arrays = {section.name: np.zeros(section.rows, section.dtype) for section in sections}
        self.fails = False

    @property
    def state(self):
        return tuple(self.arrays.values())

    def telemetry(self) -> Telemetry:
        return replace(TELEMETRY, events=int(self.arrays["account"]["seq"][0]))

    def submit(self, command: Command) -> CommandResult:
        self.commands.append(command)
        if self.fails:
            raise JournalError("disk full")
        return CommandResult(command.request_id, accepted=True, text=f"{command.name} done")

    def answer(self, topic: Topic, args: Mapping[str, str]) -> Answer:
        if topic is not Topic.LOG:
            raise ConfigurationError(f"no {topic} here")
        line = LogLine(7, 1_763_647_407_000_000_000, "WARNING", "core.venue", f"asked with {args}")
        return LogLines((line,), dropped=3)

    def advance(self, events: int = 1) -> None:
        """Pretend that events were applied."""
        self.arrays["account"]["seq"] += events
        self.arrays["account"]["ts_ns"] += 1_000_000 * events

    def sample(self, equity_nanos: int) -> None:
        """Pretend that a second has passed and a sample was taken."""
        head = int(self.arrays["account"]["history_head"][0])
        history = self.arrays["history"]
        history["equity_nanos"][head % len(history)] = equity_nanos
        self.arrays["account"]["history_head"] = head + 1
        self.advance()

    def note(self, text: str, kind: str = "fill") -> Notice:
        """Pretend that something happened."""
        return self.notices.append(
            Notice(0, int(self.arrays["account"]["ts_ns"][0]), kind, "info", text)
        )
