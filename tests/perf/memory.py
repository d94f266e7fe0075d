"""What engine and cockpit hold after a minute, and what the engine gains with events."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import psutil

from tests.perf.cockpit_load import DEMO, FULL, Terminal
from tests.perf.row import Row, Target
from tests.perf.start import COLUMNS, LINES, _cockpit
from tests.perf.world import World

MINUTE_S = 60.0
SOAK_EVENTS = 1_000_000
_SOAK_TIMEOUT_S = 300.0
DAY_SNAPSHOTS_PER_S = 100
DAY_NOTICES = 12
"""With every snapshot."""
DAY_WARM_UP_S = 20.0
DAY_S = 75.0
_MEGA = 1e6


def measure() -> list[Row]:
    """Weigh a running pair, then an engine alone under many events."""
    return [*_after_a_minute(), *_soak(), _growth_of_the_cockpit()]


def _after_a_minute() -> list[Row]:
    with World() as world:
        terminal = Terminal(COLUMNS, LINES, [*_cockpit(), *world.arguments()])
        try:
            terminal.wait_for_paint()
            time.sleep(MINUTE_S)
            engine_mb = _rss_mb(world.engine_pid())
            cockpit_mb = _rss_mb(terminal.process.pid)
        finally:
            terminal.close()
    note = f"resident, {MINUTE_S:g} s after the start on the practice exchange"
    return [
        Row("memory, engine", engine_mb, "MB", Target(250), note=note),
        Row("memory, cockpit", cockpit_mb, "MB", Target(120)),
    ]


def _growth_of_the_cockpit() -> Row:
    """A day's lines of the log and hours of snapshots in a minute and a half."""
    speed = ("--fps", str(DAY_SNAPSHOTS_PER_S), "--notices", str(DAY_NOTICES))
    terminal = Terminal(COLUMNS, LINES, [sys.executable, "-m", DEMO, *FULL, *speed])
    try:
        terminal.wait_for_paint()
        time.sleep(DAY_WARM_UP_S)
        start_mb = _rss_mb(terminal.process.pid)
        time.sleep(DAY_S)
        end_mb = _rss_mb(terminal.process.pid)
    finally:
        terminal.close()
    snapshots = int(DAY_S * DAY_SNAPSHOTS_PER_S)
    note = (
        f"up to {snapshots:,} snapshots and {snapshots * DAY_NOTICES:,} lines of the log, as many "
        f"as in a day with one a second; resident {start_mb:.1f} to {end_mb:.1f} MB"
    )
    growth_mb = max(0.0, end_mb - start_mb)
    return Row("memory, growth of the cockpit", growth_mb, "MB", Target(5), note=note)


def _rss_mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / _MEGA


def _soak() -> list[Row]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.perf.soak", str(SOAK_EVENTS)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=_SOAK_TIMEOUT_S,
        check=True,
    )
    found = json.loads(done.stdout)
    note = (
        f"{found['events']:,} events through engine, journal and notices, {found['orders']:,} "
        f"orders; resident {found['start_mb']:.1f} MB after the first fifth, "
        f"{found['end_mb']:.1f} MB at the end"
    )
    growth_mb = max(0.0, found["end_mb"] - found["start_mb"])
    return [
        Row("memory, growth of the engine", growth_mb, "MB", Target(5), note=note),
        Row("engine, events in a row", found["events_per_s"], "events/s"),
    ]
