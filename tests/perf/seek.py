"""How long it takes to be somewhere else in a replay of an hour of data."""

from __future__ import annotations

import asyncio
import math
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core import jit
from core.api.notice_log import NoticeLog
from core.assembly.replay_engine import RecordedEngine, recorded_engine
from core.data.dataset import DataSet
from core.domain.layout import layout_hash
from core.domain.records import PARAMS
from core.journal.beginning import Beginning, records_hash
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.kernel.state import to_bytes
from core.runtime.engine import Journal
from core.runtime.frames import BUDGET_BYTES, Frames
from core.runtime.playback import Playback
from core.runtime.replay_journal import NoJournal
from core.runtime.run_index import Indexer
from core.runtime.run_playback import RunPlayback
from core.runtime.verify import first_state, read_beginning
from core.settings.loader import load_settings
from core.settings.model import Settings
from core.settings.parameters import params_row
from tests.perf.market import random_market
from tests.perf.row import Row, Target, percentile

SEEKS = 50
MOST_MS = 200
RUN_ID = "20261120T140327-practice-4f1c"


def measure() -> list[Row]:
    """Measure both kinds of replay."""
    data, settings = random_market(), load_settings("practice").settings
    with tempfile.TemporaryDirectory() as folder:
        in_data, in_run = asyncio.run(_measure(data, settings, Path(folder) / RUN_ID))
    share = _share_of_an_hour(data)
    note = (
        f"{SEEKS} random places of {data.length:,} books of {len(data.instruments)} products, "
        f"with the moments that these {share:.0%} of an hour have of an hour's 64 MB"
    )
    return [
        Row("seek in recorded data p99", in_data, "ms", Target(MOST_MS), note=note),
        Row("seek in a run p99", in_run, "ms", Target(MOST_MS)),
    ]


def _share_of_an_hour(data: DataSet) -> float:
    return (data.last_ts_ns - data.first_ts_ns) / 3_600e9


async def _measure(data: DataSet, settings: Settings, folder: Path) -> tuple[float, float]:
    budget = int(BUDGET_BYTES * _share_of_an_hour(data))
    in_data = await _seek_in_data(_engine(data, settings, NoJournal()), budget)
    await _record(data, settings, folder)
    return in_data, await _seek_in_run(folder, budget)


def _engine(data: DataSet, settings: Settings, journal: Journal) -> RecordedEngine:
    return recorded_engine(data, settings, None, journal, stop=lambda _: None, log=lambda _: None)


async def _seek_in_data(played: RecordedEngine, budget_bytes: int) -> float:
    played.past._budget_bytes = budget_bytes
    playback = Playback(played.past, math.inf, lambda _: None)
    tasks = [
        asyncio.create_task(played.venue.run(played.engine)),
        asyncio.create_task(playback.run()),
    ]
    while not playback.is_done:
        await asyncio.sleep(0.01)
    playback.set_speed(0.0)
    taken = await _seeks(playback.seek, lambda: playback.position, playback.length)
    await _end(tasks)
    return taken


async def _record(data: DataSet, settings: Settings, folder: Path) -> None:
    """Trade it once more, with a journal: a run like those of a live engine."""
    params = params_row(settings)
    beginning = Beginning(
        run_id=RUN_ID,
        kernel_hash=jit.kernel_hash(),
        layout=layout_hash(),
        records=records_hash(),
        instruments=data.instruments,
        parameters={name: float(params[name][0]) for name in PARAMS.names or ()},
        capital_nanos=settings.account.capital_nanos,
        adopts_orphans=False,
        bars_kept=0,
        quotes_kept=0,
        signal="",
        signal_hash="",
    )
    journal = JournalWriter.open(folder / JOURNAL, beginning.to_meta())
    played = _engine(data, settings, journal)
    tasks = [asyncio.create_task(played.venue.run(played.engine))]
    await asyncio.sleep(0)
    while played.rows.position < played.rows.length:
        played.rows.play_next()
    await _end(tasks)
    journal.close()


async def _seek_in_run(folder: Path, budget_bytes: int) -> float:
    beginning = read_beginning(folder)
    with JournalReader(folder / JOURNAL) as journal:
        state = first_state(folder, beginning, None)
        indexer = Indexer(journal, beginning, state)
        indexer._frames = Frames(to_bytes(state), budget_bytes=budget_bytes)
        for _ in indexer.run():
            pass
        shown, scratch = (first_state(folder, beginning, None) for _ in range(2))
        index = indexer.index
        playback = RunPlayback(journal, index, shown, scratch, NoticeLog(), 0.0, lambda _: None)
        tasks = [asyncio.create_task(playback.run())]
        taken = await _seeks(playback.seek, lambda: playback.position, index.length)
        await _end(tasks)
        return taken


async def _seeks(seek: Callable[[str], str], position: Callable[[], int], length: int) -> float:
    """Milliseconds that the slowest but one in a hundred takes until viewers see the place."""
    places = random.Random(7)
    taken = []
    for _ in range(SEEKS):
        target = places.randrange(length)
        started_s = time.perf_counter()
        seek(f"seq {target}")
        while position() != target:
            await asyncio.sleep(0)
        taken.append((time.perf_counter() - started_s) * 1e3)
    return percentile(taken, 99)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
