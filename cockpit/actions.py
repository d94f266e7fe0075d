"""
Everything the cockpit can be asked to do: one registry for keys, footer and help.

A key is never code: it names an action, and the action says what command it becomes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from core.api.words import REARM_WORD
from core.domain.commands import Command, CommandName
from core.domain.enums import TradingState


class Confirm(Enum):
    """What has to happen between the key and the command."""

    NONE = "none"
    CONFIRM = "confirm"
    TYPE_THE_WORD = "type the word"


class Kind(StrEnum):
    """What an action touches; also the headings of the help screen."""

    STOPPING = "Stop"
    TRADING = "Trade"
    SCREEN = "Look"
    REPLAY = "Replay"


@dataclass(frozen=True, slots=True)
class Request:
    """What a command needs to know beside its name."""

    source: str
    request_id: int
    args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for."""

    label: str
    """A sentence for the help screen and the question of a dialog."""
    short: str
    """One or two words for the footer; empty keeps it out of there."""
    kind: Kind
    command: Callable[[Request], Command] | None = None
    """None where the cockpit itself does it."""
    confirm: Confirm = Confirm.NONE
    word: str = ""
    """To be typed, where the level says so."""
    detail: str = ""
    """A second sentence for the question, where the label may be taken for something else."""
    is_locked: bool = False
    """Asks for new risk: only while trading keys are armed."""
    replays: str = ""
    """What of it only a replay has, in a word or two; empty where it works always."""

    @property
    def is_allowed_read_only(self) -> bool:
        """A read-only viewer may look, and nothing else."""
        return self.command is None


def _named(name: CommandName) -> Callable[[Request], Command]:
    return lambda request: Command(name, request.source, request.request_id, dict(request.args))


def _rearm(request: Request) -> Command:
    """Say the word that the dialog has asked for: the engine wants to hear it too."""
    args = {**request.args, "word": REARM_WORD}
    return Command(CommandName.RESUME, request.source, request.request_id, args)


def _replay(label: str, short: str, name: CommandName | None, what: str) -> Action:
    """Make an action that only a replay has, with the `what` of it."""
    command = _named(name) if name else None
    return Action(label, short, Kind.REPLAY, command, replays=what)


TOGGLE_PAUSE = "toggle-pause"

ACTIONS: dict[str, Action] = {
    # Stopping never waits for a dialog.
    "halt": Action(
        label="Safe mode: cancel every order, only reductions from here on",
        short="safe mode",
        kind=Kind.STOPPING,
        command=_named(CommandName.HALT),
    ),
    "pause": Action(
        label="Pause entries: positions may only shrink",
        short="pause",
        kind=Kind.STOPPING,
        command=_named(CommandName.PAUSE),
    ),
    "cancel-all": Action(
        label="Cancel every order of this engine",
        short="cancel-all",
        kind=Kind.STOPPING,
        command=_named(CommandName.CANCEL_ALL),
    ),
    "cancel-everything": Action(
        label="Cancel every order of the account, of any program",
        short="",
        kind=Kind.STOPPING,
        command=_named(CommandName.CANCEL_EVERYTHING),
        confirm=Confirm.CONFIRM,
        detail="x cancels this engine's only; this reaches other programs too.",
    ),
    "cancel": Action(
        label="Cancel the chosen order",
        short="",
        kind=Kind.STOPPING,
        command=_named(CommandName.CANCEL),
    ),
    "stop-engine": Action(
        label="Stop the engine: cancel every order and end it",
        short="",
        kind=Kind.STOPPING,
        command=_named(CommandName.STOP),
    ),
    "resume": Action(
        label="Resume: entries are allowed again",
        short="resume",
        kind=Kind.TRADING,
        command=_named(CommandName.RESUME),
        confirm=Confirm.CONFIRM,
    ),
    "rearm": Action(
        label="Leave safe mode and trade again",
        short="resume",
        kind=Kind.TRADING,
        command=_rearm,
        confirm=Confirm.TYPE_THE_WORD,
        word=REARM_WORD,
    ),
    "flatten": Action(
        label="Close every position at the market",
        short="flatten",
        kind=Kind.TRADING,
        command=_named(CommandName.FLATTEN),
        confirm=Confirm.TYPE_THE_WORD,
        word="flatten",
    ),
    "flatten-one": Action(
        label="Close the position of the chosen instrument at the market",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.FLATTEN),
        confirm=Confirm.CONFIRM,
        detail="Its orders and stops are canceled, whoever sent them.",
    ),
    "protect-position": Action("Stop and target for what is held by hand", "", Kind.TRADING),
    "protect": Action(
        label="Set or take away stops and targets",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.PROTECT),
    ),
    "oco": Action(
        label="Link two orders: one cancels the other",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.OCO),
    ),
    "amend": Action(
        label="Change the price or size of an order",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.AMEND),
        is_locked=True,
    ),
    "arm": Action("Arm the trading keys; pressed again, lock them", "", Kind.TRADING),
    "buy-ticket": Action("Buy: fill in a ticket", "buy", Kind.TRADING, is_locked=True),
    "sell-ticket": Action("Sell: fill in a ticket", "sell", Kind.TRADING, is_locked=True),
    "buy": Action(
        label="Buy",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.BUY),
        is_locked=True,
    ),
    "sell": Action(
        label="Sell",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.SELL),
        is_locked=True,
    ),
    "set": Action(
        label="Change a parameter while trading",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.SET),
    ),
    "keep": Action(
        label="Keep a parameter that is on trial",
        short="",
        kind=Kind.TRADING,
        command=_named(CommandName.KEEP),
    ),
    "undo": Action("Undo the last change of a parameter made here", "", Kind.TRADING),
    "tune-down": Action(
        "Chosen parameter (t, *) one step down, for 60 s", "", Kind.TRADING, is_locked=True
    ),
    "tune-up": Action(
        "Chosen parameter (t, *) one step up, for 60 s", "", Kind.TRADING, is_locked=True
    ),
    TOGGLE_PAUSE: Action(
        label="Pause entries; pressed again, resume them",
        short="pause",
        kind=Kind.STOPPING,
    ),
    "hold": _replay("Hold, and go on", "hold", CommandName.SPEED, "a speed"),
    "faster": _replay("Twice as fast", "", CommandName.SPEED, "a speed"),
    "slower": _replay("Half as fast", "", CommandName.SPEED, "a speed"),
    "step-forward": _replay("Hold, and let one event happen", "", CommandName.STEP, "steps"),
    "step-back": _replay("Hold, and take one event back", "", CommandName.STEP, "steps"),
    "next-fill": _replay("Go to the next fill", "", CommandName.SEEK, "other places"),
    "previous-fill": _replay("Go to the fill before", "", CommandName.SEEK, "other places"),
    "go-to": _replay("Go to a time, fill, order, alert or note", "go to", None, "other places"),
    "what-if": _replay("What if: the rest with another parameter", "what if", None, "a what-if"),
    "compare": _replay("Choose a parameter and a value to compare", "", None, "a what-if"),
    "speed": _replay("Change the speed", "", CommandName.SPEED, "a speed"),
    "step": _replay("Go some events forward or back", "", CommandName.STEP, "steps"),
    "seek": _replay("Go to another place", "", CommandName.SEEK, "other places"),
    "whatif": _replay("Compare with another parameter", "", CommandName.WHATIF, "a what-if"),
    "parameters": Action("Parameters: see and change them", "params", Kind.SCREEN),
    "orders": Action("Orders: working, done, stops; cancel, amend, link", "orders", Kind.SCREEN),
    "next-instrument": Action("Next instrument", "", Kind.SCREEN),
    "previous-instrument": Action("Previous instrument", "", Kind.SCREEN),
    "outcomes": Action("Why not: reasons not to trade, with examples", "", Kind.SCREEN),
    "statistics": Action("Statistics: PnL by regime, instrument and origin", "", Kind.SCREEN),
    "fair-value": Action("Fair values, baskets and pairs", "", Kind.SCREEN),
    "settlement": Action("Event: what products will settle at, and why", "", Kind.SCREEN),
    "models": Action("Research: which signals have an edge where", "", Kind.SCREEN),
    "feeds": Action("Feeds: how fresh every source and book is", "", Kind.SCREEN),
    "venue": Action("Venue and engine: link, budgets, losses, latency", "", Kind.SCREEN),
    "log": Action("Log of the engine", "", Kind.SCREEN),
    "notes": Action("Journal notes: settings, switches, corrections", "", Kind.SCREEN),
    "about": Action("About: versions, places, settings", "", Kind.SCREEN),
    "alerts": Action("Alerts: what has called, why, and what to do", "", Kind.SCREEN),
    "why": Action("Why: the decision of the instrument, explained", "why", Kind.SCREEN),
    "next-pane": Action("Choose the next pane", "", Kind.SCREEN),
    "previous-pane": Action("Choose the pane before", "", Kind.SCREEN),
    "zoom": Action("Zoom the chosen pane to the whole screen; esc leads back", "zoom", Kind.SCREEN),
    "unzoom": Action("Back to all panes", "", Kind.SCREEN),
    "heatmap": Action("Signals: correlation, values, or ticks they add", "signals", Kind.SCREEN),
    "start-engine": Action("Start the engine again after it ended", "", Kind.SCREEN),
    "palette": Action("Palette: find anything, or type a command", "all", Kind.SCREEN),
    "help": Action("This help", "help", Kind.SCREEN),
    "suspend": Action("Suspend: back to the shell, until fg", "", Kind.SCREEN),
    "quit": Action("Leave: detach or stop the engine", "quit", Kind.SCREEN),
    **{
        f"instrument-{number}": Action(f"Look at instrument {number}", "", Kind.SCREEN)
        for number in range(1, 9)
    },
}


REPLAY_ARGS: dict[str, dict[str, str]] = {
    "step-forward": {"events": "1"},
    "step-back": {"events": "-1"},
    "next-fill": {"where": "fill"},
    "previous-fill": {"where": "-fill"},
}
"""What a key of a replay asks for, by its action."""

SPEED_KEYS = ("hold", "faster", "slower")

SLOWEST, FASTEST = 0.125, 1024.0
"""Recorded seconds a second that keys can ask for."""


def replay_speed(name: str, now: float, before_hold: float) -> float:
    """Say how fast a replay shall run after `faster`, `slower` or `hold`; 0 holds it."""
    if name == "hold":
        return 0.0 if now else before_hold
    factor = 2.0 if name == "faster" else 0.5
    return min(max((now or before_hold) * factor, SLOWEST), FASTEST)


def resolve(name: str, state: TradingState | None) -> str:
    """
    Say which action a key means now.

    Pausing is immediate, resuming is not: leaving safe mode takes a typed word.
    """
    if name != TOGGLE_PAUSE:
        return name
    if state is TradingState.HALTED:
        return "rearm"
    return "resume" if state is TradingState.REDUCING else "pause"
