"""Where every command enters, whoever sends it: checked, journaled, applied, answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.api.words import REARM_WORD
from core.domain import events
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.enums import CommandKind, FlattenState, StateReason, TradingState
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.runtime.engine import Engine
from core.runtime.live_parameters import LiveParameters
from core.runtime.order_desk import OrderDesk
from core.runtime.refusals import CommandRefused, read_number
from core.runtime.reporter import Reporter
from core.runtime.trials import Trials
from core.settings.model import Settings
from core.venues.port import LIMIT_ORDERS_ONLY, VenueAbilities


class CommandDesk:
    """
    Turns commands into events and their effect into an answer.

    Runs on the engine's loop, between two events, so a command never races a decision.
    """

    def __init__(
        self,
        engine: Engine,
        reporter: Reporter,
        instruments: Sequence[Instrument],
        settings: Settings,
        *,
        stop: Callable[[str], None],
        abilities: VenueAbilities = LIMIT_ORDERS_ONLY,
    ) -> None:
        self._engine = engine
        self._reporter = reporter
        self._orders = OrderDesk(engine.state, instruments, abilities, self._apply)
        self._parameters = LiveParameters(engine, settings)
        self.trials = Trials(engine, reporter, self._parameters)
        self._stop = stop
        self._began_ts_ns = 0

    def begin(self) -> None:
        """Mark the end of what is carried over: a halt from before it may be re-armed."""
        self._began_ts_ns = int(self._engine.state.account["ts_ns"][0])

    def submit(self, command: Command) -> CommandResult:
        """Do what a command asks, or say why not. Never raises."""
        # Every viewer is shown what was asked: an escape sequence would reach their terminals.
        args = {name: _printable(value) for name, value in command.args.items()}
        command = replace(command, args=args, source=_printable(command.source))
        try:
            text = self._do(command)
        except CommandRefused as refusal:
            self._reporter.say(
                "command",
                "warning",
                f"{self._label(command)} refused: {refusal} ({command.source})",
            )
            return CommandResult(command.request_id, accepted=False, text=str(refusal))
        # A change says itself who made it.
        who = "" if command.name is CommandName.SET else f" ({command.source})"
        self._reporter.say("command", "info", text + who)
        return CommandResult(command.request_id, accepted=True, text=text)

    @staticmethod
    def _label(command: Command) -> str:
        args = (value for name, value in command.args.items() if name != "word")
        return " ".join([command.name.value, *args])

    def _do(self, command: Command) -> str:
        name = command.name
        if name in _SWITCHES:
            return self._switch(command)
        if name in _MOVES:
            raise CommandRefused(_MOVES[name])
        return {
            CommandName.RESUME: self._resume,
            CommandName.SET: self._set,
            CommandName.KEEP: self._keep,
            CommandName.BUY: self._orders.trade,
            CommandName.SELL: self._orders.trade,
            CommandName.CANCEL: self._orders.cancel,
            CommandName.AMEND: self._orders.amend,
            CommandName.PROTECT: self._orders.protect,
            CommandName.OCO: self._orders.link,
            CommandName.FLATTEN: self._flatten,
            CommandName.STOP: self._end,
        }[name](command)

    def _end(self, command: Command) -> str:
        self._stop(f"asked by {command.source}")
        return "stopping: orders are being canceled"

    def _apply(self, command: Command, row: EventRow) -> None:
        """Send one event through the loop, and write down who asked for it."""
        self._engine.put(row)
        self._engine.flush()
        self._engine.note(
            {"command": command.name.value, "args": command.args, "source": command.source}
        )

    def _switch(self, command: Command) -> str:
        kind, text = _SWITCHES[command.name]
        if kind is CommandKind.PAUSE and self._trading_state is TradingState.HALTED:
            raise CommandRefused("HALTED is stricter than a pause; resume first")
        self._apply(command, events.command(kind))
        return text

    def _resume(self, command: Command) -> str:
        if self._engine.journal_failure:
            raise CommandRefused(
                f"{self._engine.journal_failure}; restart the engine to trade again"
            )
        state = self._trading_state
        if state is TradingState.ACTIVE:
            return "already ACTIVE"
        if state is TradingState.HALTED:
            self._check_rearm(command.args.get("word", ""))
        self._apply(command, events.command(CommandKind.RESUME))
        return "ACTIVE again; the drawdown is measured from here"

    def _check_rearm(self, word: str) -> None:
        """Leaving HALTED takes a reason that a person can answer for, and a typed word."""
        account = self._engine.state.account
        reason = StateReason(int(account["state_reason"][0]))
        is_of_this_run = int(account["state_since_ns"][0]) > self._began_ts_ns
        if reason in _ONLY_A_RESTART and is_of_this_run:
            raise CommandRefused(_ONLY_A_RESTART[reason])
        flatten = FlattenState(int(account["flatten_state"][0]))
        if flatten in (FlattenState.WORKING, FlattenState.VERIFYING):
            raise CommandRefused(
                "the engine is still flattening; FLAT or NOT FLAT is said within seconds"
            )
        if word != REARM_WORD:
            raise CommandRefused(f"leaving HALTED takes the typed word: resume --word {REARM_WORD}")

    @property
    def _trading_state(self) -> TradingState:
        return TradingState(int(self._engine.state.account["trading_state"][0]))

    def _flatten(self, command: Command) -> str:
        symbol = command.args.get("instrument", "")
        if not symbol:
            self._apply(command, events.command(CommandKind.FLATTEN))
            return "HALTED and flattening; FLAT is said when the venue shows it"
        index = self._orders.index(symbol)
        self._apply(command, events.command(CommandKind.FLATTEN, instrument=index))
        return f"closing the position in {symbol}"

    def _set(self, command: Command) -> str:
        spec = self._parameters.find(command.args.get("key", ""))
        value = read_number(command.args.get("value", ""), spec.key)
        length = command.args.get("revert_s", "")
        if not length:
            change = self._parameters.change(spec, value, command.source, {"args": command.args})
            self.trials.settle(spec.key)
            return f"{change}, by {command.source}"
        length_s = read_number(length, "revert_s")
        change = self.trials.begin(spec, value, length_s, command.source)
        return f"{change}, by {command.source}, for {length_s:g} s unless kept"

    def _keep(self, command: Command) -> str:
        return self.trials.keep(command.args.get("key", ""), command.source)


_SWITCHES = {
    CommandName.HALT: (CommandKind.HALT, "HALTED: every order is being canceled"),
    CommandName.PAUSE: (CommandKind.PAUSE, "REDUCING: only orders that shrink a position"),
    CommandName.CANCEL_ALL: (
        CommandKind.CANCEL_ALL,
        "every order of this engine is being canceled",
    ),
    CommandName.CANCEL_EVERYTHING: (
        CommandKind.CANCEL_EVERYTHING,
        "every order of the account is being canceled, those of other programs too",
    ),
}

_MOVES = {
    CommandName.SPEED: "only a replay has a speed",
    CommandName.STEP: "only a replay can step",
    CommandName.SEEK: "only a replay can seek",
    CommandName.WHATIF: "only a replay can whatif",
}
"""What has no meaning in an engine that trades now."""

_ONLY_A_RESTART = {
    StateReason.LEASE_LOST: (
        "another engine, or `kill`, has taken the account over; restart this engine to take it back"
    ),
    StateReason.INTERNAL_ERROR: (
        "an event could not be applied, so what this engine believes may be wrong; "
        "restart it: it asks the venue anew"
    ),
}
"""Why HALTED cannot be left, by its reason."""


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
