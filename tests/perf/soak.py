"""Many events through a whole engine, as fast as they go: `python -m tests.perf.soak EVENTS`."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

from core.api.notice_log import NoticeLog
from core.domain.snapshot import Notice
from core.journal.writer import JournalWriter
from core.kernel.state import make_state
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.runtime.engine import Engine
from core.runtime.replay_rows import RecordedClock
from core.runtime.reporter import Reporter
from core.settings.loader import load_settings
from core.settings.parameters import params_row
from core.venues.simulated.venue import SimulatedVenue
from tests.perf.market import BOOK_EVERY_NS, START_NS, random_market

WARM_UP_SHARE = 5
"""Growth counts after this part of the events: lists and caches have their size then."""

_CHUNK = 2_000


async def main(count: int, folder: Path) -> dict[str, float]:
    """Feed `count` books to an engine on a simulated venue, with a journal on disk."""
    data = random_market()
    settings = load_settings("practice").settings
    state = make_state(data.instruments, params_row(settings), settings.account.capital_nanos)
    journal = JournalWriter.open(folder / "journal.db", {})
    venue = SimulatedVenue(data.instruments)
    clock = RecordedClock(START_NS)
    log = NoticeLog(settings.publish.notices_kept)
    reporter = Reporter(log, state, data.instruments, _forget)
    engine = Engine(state, journal, venue.submit, reporter, now_ns=clock)
    for row in starting_models(settings, data.instruments, SpreadRows()):
        engine.put(row)
    engine.flush()
    running = asyncio.create_task(venue.run(engine))
    await asyncio.sleep(0)
    start_mb = 0.0
    started_s = time.perf_counter()
    for number in range(count):
        clock.now_ns += BOOK_EVERY_NS
        venue.feed(data.events, number % len(data.events))
        if number == count // WARM_UP_SHARE:
            start_mb = _rss_mb()
        if number % _CHUNK == 0:
            await asyncio.sleep(0)
    seconds = time.perf_counter() - started_s
    end_mb = _rss_mb()
    await venue.close()
    await running
    journal.close()
    return {
        "events": engine.seq,
        "orders": int(state.account[0]["orders"]),
        "events_per_s": engine.seq / seconds,
        "start_mb": start_mb,
        "end_mb": end_mb,
    }


def _forget(notice: Notice) -> None:
    """Lines go to a file that is rotated; here they go nowhere."""


def _rss_mb() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imc-bench-") as scratch:
        sys.stdout.write(json.dumps(asyncio.run(main(int(sys.argv[1]), Path(scratch)))) + "\n")
