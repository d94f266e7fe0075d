"""Says how the engine stands: its switch, its readiness, its connection, its flatten."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.api.flat import what_is_left
from core.domain.enums import (
    EventKind,
    FlattenState,
    Outcome,
    Readiness,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.instrument import Instrument
from core.kernel.state import KernelState

Say = Callable[[str, str, str], None]
"""Kind, severity and text of a notice."""

STATE_REASONS = {
    StateReason.NONE: "",
    StateReason.OPERATOR: "by the operator",
    StateReason.DRAWDOWN_HALT: "the drawdown reached its limit",
    StateReason.RUNAWAY: "orders ran away",
    StateReason.JOURNAL_FAILED: "the journal cannot be written",
    StateReason.NUMERIC_FAILURE: "a deciding number is not one",
    StateReason.RESTORED: "carried over from the last run",
    StateReason.STOPPING: "the engine is stopping",
    StateReason.POSITION_MISMATCH: "the venue holds another position",
    StateReason.IDENTITY_BROKEN: "fills, positions, cash and equity do not add up",
    StateReason.LEASE_LOST: "another engine, or kill, has taken the account over",
    StateReason.INTERNAL_ERROR: "an event could not be applied",
    StateReason.STRATEGY_FAILED: "your own strategy failed",
}
"""Why the trading state is what it is; a test holds it complete."""

_RESTART = "only a restart trades again"
_BEFORE_RESTART = {
    StateReason.JOURNAL_FAILED: _RESTART,
    StateReason.LEASE_LOST: "nothing is sent; restart this engine to take the account back",
    StateReason.INTERNAL_ERROR: f"what it would have changed is not known; {_RESTART}",
}
"""What to do about HALTED, where it cannot be left in this run."""


def _advice(reason: StateReason, *, is_of_last_run: bool) -> str:
    if reason in _BEFORE_RESTART and not is_of_last_run:
        return _BEFORE_RESTART[reason]
    if reason is StateReason.IDENTITY_BROKEN:
        return "compare fills and positions with the venue; resume re-arms"
    if reason is StateReason.STRATEGY_FAILED and not is_of_last_run:
        return "nothing rests and nothing decides; mend it and restart"
    return "nothing rests; resume re-arms"


class Standing:
    """Compares what the account says with what was said of it last."""

    MEMORY = ("_has_begun", "_was_synced", "_venues", "_foreign", "_flatten", "_left")
    """What changes while it watches."""

    def __init__(self, state: KernelState, instruments: Sequence[Instrument], say: Say) -> None:
        self._account = state.account
        self._params = state.params
        self._rows = state.instruments
        self._instruments = instruments
        self._say = say
        self._has_begun = False
        self._was_synced = False
        self._venues: dict[int, VenueState] = {}
        self._foreign = (0, 0)
        self._flatten = FlattenState.NONE
        self._left = ""

    def say_trading_state(self, kind: int, index: int) -> None:
        """
        Say the state with its reason, and what to do next.

        Args:
            kind: Of the event that changed it.
            index: Its instrument; negative for none.
        """
        state = TradingState(self._value("trading_state"))
        reason = StateReason(self._value("state_reason"))
        why = STATE_REASONS[reason]
        # A kill leaves its word outside of the journal: that halt comes as a command.
        is_killed = reason is StateReason.LEASE_LOST and not self._has_begun
        is_of_last_run = kind == EventKind.RESTORED or is_killed
        if is_of_last_run and reason is not StateReason.RESTORED:
            why += ", in the last run"
        elif reason is StateReason.RUNAWAY:
            why = self._runaway(kind, index)
        advice = {
            TradingState.ACTIVE: "may open and close",
            TradingState.REDUCING: "only shrinks positions",
            TradingState.HALTED: _advice(reason, is_of_last_run=is_of_last_run),
        }[state]
        severity = "info" if state is TradingState.ACTIVE else "alarm"
        self._say("state", severity, f"{state.name} {why}: {advice}".replace("  ", " "))

    def say_readiness(self) -> None:
        """Say what keeps the engine from opening anything, and when that is over."""
        readiness = Readiness(self._value("readiness"))
        if readiness is Readiness.STALE:
            self._say("risk", "alarm", "STALE: no book has come in time; nothing new is opened")
        elif readiness is Readiness.READY:
            self._say("engine", "info", "READY")
        elif (
            readiness is Readiness.RECONCILING and self._was_synced and not self._value("stopping")
        ):
            self._say(
                "venue",
                "warning",
                "RECONCILING: asking the venue for orders and positions; "
                "nothing new is opened until it has answered",
            )

    def say_venue(self, status: VenueState, venue: int) -> None:
        """
        Say that a connection is up or lost, and what else the account holds.

        Args:
            status: What the connection is now.
            venue: Which of the engine's venues; where there are several, its products say it.
        """
        self._has_begun = True
        before, self._venues[venue] = self._venues.get(venue, VenueState.DOWN), status
        which = self._which(venue)
        if status is VenueState.SYNCED:
            self._was_synced = True
            self._say("venue", "info", f"connected{which}; orders and positions agree")
            self._say_foreign()
        elif (
            status is VenueState.DOWN
            and before >= VenueState.CONNECTED
            and not self._value("stopping")
        ):
            text = f"connection lost{which}; nothing new is opened until it is back"
            self._say("venue", "alarm", text)

    def _which(self, venue: int) -> str:
        """Products of a venue, where it is not the only one."""
        own = [item.symbol for item in self._instruments if item.venue == venue]
        if len(own) == len(self._instruments):
            return ""
        return f" ({', '.join(own[:3])}{', ...' if len(own) > 3 else ''})"

    def say_flatten(self) -> None:
        """Say how far a flatten has come, once for each step of it."""
        flatten = FlattenState(self._value("flatten_state"))
        if flatten is self._flatten and flatten is not FlattenState.NOT_FLAT:
            return
        left = self._what_is_left()
        is_news = flatten is FlattenState.NOT_FLAT and left != self._left
        if flatten is self._flatten and not is_news:
            return
        before, self._flatten, self._left = self._flatten, flatten, left
        if flatten is FlattenState.WORKING:
            self._say("state", "warning", f"flattening: {left}")
        elif flatten is FlattenState.VERIFYING:
            self._say("state", "info", "nothing is left here; asking the venue whether it is so")
        elif flatten is FlattenState.FLAT:
            self._say("state", "info", "FLAT: the venue shows no order and no position")
        elif flatten is FlattenState.NOT_FLAT:
            self._say("state", "alarm", f"NOT FLAT: {left}; close it at the venue or flatten again")
        elif before in (FlattenState.WORKING, FlattenState.VERIFYING):
            self._say("state", "warning", f"flattening was ended: {left}")

    def _what_is_left(self) -> str:
        lots = self._rows["position_lots"].tolist()
        positions = (
            (instrument.symbol, float(instrument.to_quantity(held)))
            for instrument, held in zip(self._instruments, lots, strict=True)
        )
        elsewhere = sum(self._foreign_now())
        return what_is_left(self._value("open_orders"), positions, elsewhere)

    def _say_foreign(self) -> None:
        foreign = self._foreign_now()
        if foreign != self._foreign and any(foreign):
            orders, positions = foreign
            self._say(
                "venue",
                "warning",
                f"the account also has {orders} orders and {positions} positions "
                "in products that are not traded here",
            )
        self._foreign = foreign

    def _runaway(self, kind: int, index: int) -> str:
        """Which of the three kinds it was."""
        rejects = self._value("rejects_in_row")
        if rejects >= self._params["max_rejects_in_row"][0]:
            return f"{rejects} refusals in a row"
        if kind == EventKind.FILL:
            return f"fills of {self._instruments[index].symbol} that get nowhere and lose money"
        repeating = np.flatnonzero(self._rows["outcome"] == Outcome.RUNAWAY).tolist()
        if repeating:
            times = int(self._rows["repeated_orders"][repeating[0]])
            symbol = self._instruments[repeating[0]].symbol
            return f"the same order of {symbol} {times} times without a fill"
        return STATE_REASONS[StateReason.RUNAWAY]

    def _foreign_now(self) -> tuple[int, int]:
        """Orders and positions in products that are not traded here, at all venues."""
        account = self._account
        return int(account["foreign_orders"].sum()), int(account["foreign_positions"].sum())

    def _value(self, name: str) -> int:
        return int(self._account[name][0])
