"""Recorded data that is traded anew, as the program puts it together, without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from core.api.notice_log import NoticeLog
from core.backtest.terms import simulated_desk
from core.data.dataset import DataSet
from core.domain.commands import Command, CommandName
from core.domain.snapshot import Notice
from core.kernel.state import make_state, to_bytes
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine
from core.runtime.observers import Observers
from core.runtime.playback import Playback
from core.runtime.replay_desk import RecordedDesk
from core.runtime.replay_marks import ShownNotices
from core.runtime.replay_memory import remember
from core.runtime.replay_past import Past
from core.runtime.replay_rows import RecordedClock, RecordedRows
from core.runtime.replay_world import World
from core.runtime.reporter import Reporter
from core.runtime.session_ledger import SessionLedger
from core.settings.loader import load_settings
from core.settings.simulation import SimulationSettings
from core.venues.simulated.venue import SimulatedVenue
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params, starting_models
from tests.unit.kernel.test_batch import SWING, wave
from tests.unit.runtime.engine_rig import MemoryJournal


def wanted(**changes) -> SimulationSettings:
    """Terms of the simulated venue, the shipped ones but for these."""
    defaults = load_settings().settings.simulation.model_dump()
    return SimulationSettings.model_validate(defaults | changes)


def market(count: int) -> DataSet:
    """Two products that swing, a book every tenth of a second."""
    return DataSet((EISBACH, ETF), "", wave(count), ())


class DataRig:
    """A replay of recorded data, and what its viewers are told."""

    def __init__(
        self, data: DataSet, simulation: SimulationSettings, speed: float, spacing: int, budget: int
    ) -> None:
        clock = RecordedClock(data.first_ts_ns)
        self.venue = SimulatedVenue(data.instruments, clock, simulated_desk(data, simulation))
        params, capital = make_params(bar_ms=100), CAPITAL * NANOS
        self.state = make_state(data.instruments, params, capital)
        self.notices = NoticeLog()
        self.logged: list[Notice] = []
        self.stopped: list[str] = []
        self.ends: list[bool] = []
        self.past = Past(
            ShownNotices(self.notices, self.logged.append), spacing=spacing, budget_bytes=budget
        )
        reporter = Reporter(NoticeLog(1), self.state, data.instruments, self.past.hear)
        ledger = SessionLedger(self.state, data.instruments, reporter.reason_of)
        self.engine = Engine(
            self.state,
            MemoryJournal(),
            self.venue.submit,
            Observers(reporter, ledger, self.past),
            now_ns=clock,
        )
        desk = CommandDesk(
            self.engine,
            reporter,
            data.instruments,
            load_settings().settings,
            stop=self.stopped.append,
        )
        rows = RecordedRows(data, self.venue, clock, self.engine, on_timer=desk.trials.check)
        self.minds = (reporter, ledger, desk.trials, rows)
        shown = make_state(data.instruments, params, capital)
        world = World(self.engine, self.venue, rows, shown, reporter, ledger, desk.trials)
        self.past.attach(rows, world, desk.submit)
        self.playback = Playback(self.past, speed, self.ends.append)
        self.desk = RecordedDesk(self.playback, self.stopped.append)
        for row in starting_models(SWING):
            self.engine.put(row)
        self.engine.flush()

    def ask(self, name: CommandName, **args: str) -> str:
        """Have a command done; its answer."""
        answer = self.desk.submit(Command(name, "test:1", 5, args))
        assert answer.accepted, answer.text
        return answer.text

    def refused(self, name: CommandName, **args: str) -> str:
        """Have a command refused; why."""
        answer = self.desk.submit(Command(name, "test:1", 5, args))
        assert not answer.accepted
        return answer.text

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something."""
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0)

    async def arrive(self) -> None:
        """Wait until it is where it was sent."""
        await self.until(lambda: self.playback._target is None)

    async def go(self, where: str) -> str:
        """Seek, and wait until it is there; what was answered."""
        answer = self.ask(CommandName.SEEK, where=where)
        await self.arrive()
        return answer

    def picture(self) -> tuple[object, ...]:
        """All that can be seen of where it is, and all that what comes next depends on."""
        said = self.notices.since(self.notices.before_first).notices
        return (
            to_bytes(self.state), self.venue.to_bytes(), self.engine.seq, tuple(self.engine.notes),
            said, *(repr(remember(mind).values) for mind in self.minds),
        )  # fmt: skip


@asynccontextmanager
async def replaying(
    data: DataSet,
    simulation: SimulationSettings | None = None,
    *,
    speed: float = 0.0,
    spacing: int = 32,
    budget: int = 64_000_000,
) -> AsyncIterator[DataRig]:
    """Replay a data set while somebody looks at it."""
    rig = DataRig(data, simulation or wanted(), speed, spacing, budget)
    tasks = [
        asyncio.create_task(rig.venue.run(rig.engine)), asyncio.create_task(rig.playback.run())
    ]  # fmt: skip
    await asyncio.sleep(0)
    try:
        yield rig
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
