"""An engine that trades recorded data anew, with all that talks to it and about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.api.notice_log import NoticeLog
from core.backtest.terms import simulated_desk
from core.data.dataset import DataSet
from core.domain.snapshot import Notice
from core.kernel.state import KernelState, make_state
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine, Journal
from core.runtime.observers import Observers
from core.runtime.replay_marks import ShownNotices
from core.runtime.replay_past import Past
from core.runtime.replay_rows import RecordedClock, RecordedRows
from core.runtime.replay_world import World
from core.runtime.reporter import Reporter
from core.runtime.session_ledger import SessionLedger
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.plugins import LoadedSignal, install
from core.venues.simulated.venue import SimulatedVenue


@dataclass(frozen=True, slots=True)
class RecordedEngine:
    """Its parts. No task, no socket, no file; nothing has happened but its models."""

    engine: Engine
    venue: SimulatedVenue
    rows: RecordedRows
    past: Past
    observers: Observers
    ledger: SessionLedger
    desk: CommandDesk
    notices: NoticeLog
    """What viewers read."""


def recorded_engine(
    data: DataSet,
    settings: Settings,
    own: LoadedSignal | None,
    journal: Journal,
    *,
    stop: Callable[[str], None],
    log: Callable[[Notice], None],
) -> RecordedEngine:
    """
    Put one together.

    Args:
        data: Recorded markets.
        settings: Of the replay.
        own: The user's own signal.
        journal: Told what is decided.
        stop: Ends the replay; called with who asked for it.
        log: Told of every notice as it is played.
    """
    clock = RecordedClock(data.first_ts_ns)
    venue = SimulatedVenue(data.instruments, clock, simulated_desk(data, settings.simulation))
    state = recorded_state(data, settings)
    install(state, own)
    notices = NoticeLog(settings.publish.notices_kept)
    past = Past(ShownNotices(notices, log))
    # What it says is the past's to show: of a place that is gone to again it was said before.
    reporter = Reporter(NoticeLog(1), state, data.instruments, past.hear)
    ledger = SessionLedger(state, data.instruments, reporter.reason_of)
    observers = Observers(reporter, ledger, past)
    engine = Engine(state, journal, venue.submit, observers, now_ns=clock)
    desk = CommandDesk(engine, reporter, data.instruments, settings, stop=stop)
    rows = RecordedRows(data, venue, clock, engine, on_timer=desk.trials.check)
    shown = recorded_state(data, settings)
    world = World(engine, venue, rows, shown, reporter, ledger, desk.trials)
    past.attach(rows, world, desk.submit)
    for row in starting_models(settings, data.instruments, SpreadRows()):
        engine.put(row)
    engine.flush()
    return RecordedEngine(engine, venue, rows, past, observers, ledger, desk, notices)


def recorded_state(data: DataSet, settings: Settings) -> KernelState:
    """Make a state of the kernel for recorded markets: flat, and with all of its capital."""
    return make_state(data.instruments, params_row(settings), settings.account.capital_nanos)
