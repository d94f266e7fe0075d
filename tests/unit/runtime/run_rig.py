"""A run that traded, written down as the engine writes: what a replay of a run plays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

from core.api.notice_log import NoticeLog
from core.domain import events
from core.domain.commands import Command, CommandName
from core.domain.memory import Rows
from core.domain.records import PARAMS
from core.domain.snapshot import Notice
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.kernel.batch import TIMER_NS
from core.kernel.state import make_state, to_bytes
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine
from core.runtime.frames import Frames
from core.runtime.reporter import Reporter
from core.runtime.run_index import Indexer, RunIndex
from core.runtime.verify import first_state, read_beginning
from core.settings.loader import load_settings
from core.venues.simulated.venue import SimulatedVenue
from tests.unit.kernel.kernel_rig import (
    CAPITAL,
    EISBACH,
    ETF,
    NANOS,
    make_params,
    starting_models,
)
from tests.unit.kernel.test_batch import START_NS, SWING, wave
from tests.unit.runtime.test_verify import make_beginning

RUN_ID = "20261120T140327-practice-4f1c"
STEP_NS = 100_000_000


class Recorded:
    """A run on disk, and what it was like while it was live."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / JOURNAL
        self.states: dict[int, bytes] = {}
        """State after each event, as it was live."""
        self.notices: list[Notice] = []


async def record(folder: Path, count: int = 240, *, saves: bool = True) -> Recorded:
    """
    Trade a swinging market for a while.

    A person sets a parameter at a third of it, pauses at a half and resumes at two thirds.
    """
    run = Recorded(folder)
    params = make_params(bar_ms=100)
    state = make_state([EISBACH, ETF], params, CAPITAL * NANOS)
    beginning = make_beginning(
        run_id=RUN_ID, parameters={name: float(params[name][0]) for name in PARAMS.names or ()}
    )
    meta = beginning.to_meta() | {
        "settings": load_settings("prosperity").settings.model_dump_json(),
        "settings_hash": "5e77",
    }
    journal = JournalWriter.open(folder / JOURNAL, meta)
    now_ns = START_NS
    venue = SimulatedVenue([EISBACH, ETF], lambda: now_ns)
    reporter = Reporter(NoticeLog(), state, [EISBACH, ETF], run.notices.append)

    class Watcher:
        def on_applied(self, row, intents) -> None:
            run.states[int.from_bytes(row[:8], "little")] = to_bytes(state)
            reporter.on_applied(row, intents)

    engine = Engine(state, journal, venue.submit, Watcher(), now_ns=lambda: now_ns)
    desk = CommandDesk(
        engine, reporter, [EISBACH, ETF], load_settings().settings, stop=lambda _: None
    )
    connected = asyncio.create_task(venue.run(engine))
    for row in starting_models(SWING):
        engine.put(row)
    engine.flush()
    await asyncio.sleep(0)
    ask = partial(_ask, desk)
    next_timer_ns = START_NS
    for number, rows in enumerate(_each(wave(count))):
        now_ns = START_NS + number * STEP_NS
        if now_ns >= next_timer_ns:
            engine.put(events.timer())
            engine.flush()
            next_timer_ns += TIMER_NS
        assert venue.feed(rows, number)
        if number == count // 3:
            ask(CommandName.SET, key="strategy.min_signal", value="0.2")
        elif number == count // 2:
            ask(CommandName.PAUSE)
        elif number == count * 2 // 3:
            ask(CommandName.RESUME)
        if saves and number % 100 == 99:
            engine.checkpoint()
    connected.cancel()
    with suppress(asyncio.CancelledError):
        await connected
    journal.close()
    return run


def _each(rows: Rows) -> list[Rows]:
    return [rows] * len(rows)


def _ask(desk: CommandDesk, name: CommandName, **args: str) -> None:
    answer = desk.submit(Command(name, "cockpit:7", 1, args))
    assert answer.accepted, answer.text


def index_of(folder: Path, *, spacing: int | None = None) -> RunIndex:
    """Go through a run, with states kept as often as wanted."""
    beginning = read_beginning(folder)
    with JournalReader(folder / JOURNAL) as journal:
        state = first_state(folder, beginning, None)
        indexer = Indexer(journal, beginning, state)
        if spacing is not None:
            indexer._frames = Frames(to_bytes(state), spacing=spacing)
        for _ in indexer.run():
            pass
        return indexer.index
