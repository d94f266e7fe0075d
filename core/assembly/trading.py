"""What trades: an engine around a journal and a venue, with the last run carried over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.api.notice_log import NoticeLog
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.domain.records import QUOTES_KEPT
from core.domain.snapshot import Notice
from core.kernel.state import KernelState, make_state
from core.runtime.desk import CommandDesk
from core.runtime.engine import Engine, Journal
from core.runtime.observers import Observers
from core.runtime.recovery import BEGAN, LastRun, switch_of
from core.runtime.reporter import Reporter
from core.runtime.session_ledger import SessionLedger
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.plugins import LoadedSignal, install
from core.venues.port import LIMIT_ORDERS_ONLY, VenueAbilities


@dataclass(frozen=True, slots=True)
class Trading:
    """One engine and those that talk to it and about it. No task, no socket, no file."""

    engine: Engine
    desk: CommandDesk
    reporter: Reporter
    notices: NoticeLog
    ledger: SessionLedger
    observers: Observers
    """Of the engine: more may be added."""

    @property
    def state(self) -> KernelState:
        """What the engine decides on."""
        return self.engine.state

    def tell(self, rows: Sequence[EventRow]) -> None:
        """Apply events that do not come from the venue, such as models."""
        for row in rows:
            self.engine.put(row)
        self.engine.flush()

    def begin(self) -> None:
        """Mark the run as begun, once all that comes before anything of the venue is applied."""
        self.engine.note({BEGAN: True, **switch_of(self.state).note()})
        self.desk.begin()

    def carry_over(self, last: LastRun, *, keep_books: bool) -> None:
        """
        Begin where the last run ended.

        Args:
            last: The run before this one.
            keep_books: Carry positions and profit over too; see `LastRun.events`.
        """
        self.tell(last.events(keep_books=keep_books))
        self.engine.note(
            {"restored_from": last.run_id, "keep_books": keep_books, "damage": last.damage}
        )
        if last.damage:
            state = last.switch.state.name
            self.reporter.say(
                "engine",
                "alarm",
                f"run {last.run_id} is not continued whole: {last.damage}; {state}",
            )
        if last.brackets and (last.state is None or not keep_books):
            self.reporter.say(
                "engine",
                "alarm",
                f"{last.brackets} stops and targets of run {last.run_id} are lost and watched no "
                "more: look at what is held, and set them anew with protect",
            )
        if keep_books:
            self.reporter.say(
                "engine", "info", f"positions and profit carried over from {last.run_id}"
            )


def fresh_state(
    settings: Settings,
    instruments: Sequence[Instrument],
    signal: LoadedSignal | None = None,
    *,
    bars_kept: int = 0,
) -> KernelState:
    """
    Make the state of an engine that has seen nothing yet.

    Args:
        settings: Parameters and capital.
        instruments: In the order of the kernel's indexes.
        signal: The user's own.
        bars_kept: For later fits; 0 where there are none.
    """
    state = make_state(
        instruments,
        params_row(settings),
        settings.account.capital_nanos,
        bars_kept=bars_kept,
        quotes_kept=QUOTES_KEPT if bars_kept else 0,
        adopts_orphans=settings.venue.orphans == "adopt",
    )
    install(state, signal)
    return state


def build(
    settings: Settings,
    instruments: Sequence[Instrument],
    state: KernelState,
    journal: Journal,
    submit: Callable[[Rows, int], None],
    *,
    stop: Callable[[str], None],
    log: Callable[[Notice], None],
    abilities: VenueAbilities = LIMIT_ORDERS_ONLY,
    now_ns: Callable[[], int] | None = None,
) -> Trading:
    """
    Put an engine together.

    Args:
        settings: Of the run.
        instruments: In the order of the kernel's indexes.
        state: From `fresh_state`.
        journal: Written before an event counts.
        submit: Takes the intents; `Venue.submit`.
        stop: Ends the run in order; called with who asked for it.
        log: Told of every notice.
        abilities: Of the venue.
        now_ns: The clock that stamps events; None for the machine's, without its jumps.
    """
    notices = NoticeLog(settings.publish.notices_kept)
    reporter = Reporter(
        notices,
        state,
        instruments,
        log,
        lambda fields: engine.note(fields),  # noqa: PLW0108  the engine is made after it
    )
    ledger = SessionLedger(state, instruments, reporter.reason_of)
    observers = Observers(reporter, ledger)
    engine = Engine(state, journal, submit, observers, now_ns=now_ns)
    desk = CommandDesk(engine, reporter, instruments, settings, stop=stop, abilities=abilities)
    return Trading(engine, desk, reporter, notices, ledger, observers)
