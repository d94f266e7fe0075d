"""What people and programs may ask of a running engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class CommandName(StrEnum):
    """The words of `imc-cockpit send`, of the keys and of every other door."""

    HALT = "halt"
    RESUME = "resume"
    PAUSE = "pause"
    CANCEL_ALL = "cancel-all"
    """Every order of this engine."""
    CANCEL_EVERYTHING = "cancel-everything"
    """Every order of the account at the venue, also those of other programs."""
    FLATTEN = "flatten"
    SET = "set"
    KEEP = "keep"
    """Make parameters that are on trial stay."""
    BUY = "buy"
    SELL = "sell"
    CANCEL = "cancel"
    AMEND = "amend"
    """Give a live order another price or size; it is a person's from then on."""
    PROTECT = "protect"
    """A stop and a target around what is held by hand."""
    OCO = "oco"
    """Make two orders by hand cancel each other."""
    STOP = "stop"
    SPEED = "speed"
    """Replay only: recorded seconds per second; 0 pauses."""
    STEP = "step"
    """Replay only: pause, and go so many events forward, or back if negative."""
    SEEK = "seek"
    """Replay only: go to a time, an event, or the next or previous fill, order, alert or note."""
    WHATIF = "whatif"
    """Replay only: play the rest with another parameter and compare; `cancel` ends that."""


@dataclass(frozen=True, slots=True)
class Command:
    """
    A request. The engine answers each with a `CommandResult` of the same `request_id`.

    `args` by name: set KEY VALUE -> {"key", "value", "revert_s"?}; keep -> {"key"?}; buy/sell ->
    {"instrument", "quantity", "price"?, "post_only"?, "ioc"?, "market"?, "stop"?,
    "target"?};
    cancel -> {"order_id"};
    amend -> {"order_id", "quantity"?, "price"?}, where the quantity is the whole order's;
    protect -> {"instrument", "stop"?, "target"?}, where neither takes the brackets away;
    oco -> {"order_id", "other_id"}; flatten -> {"instrument"?}; speed -> {"value"};
    step -> {"events"}; seek -> {"where"};
    whatif KEY VALUE @ WHERE -> {"key", "value", "where"?} or {"cancel"}.
    """

    name: CommandName
    source: str
    """Who asks, for example `cockpit:7` or `cli`."""
    request_id: int = 0
    args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command: accepted means journaled and applied."""

    request_id: int
    accepted: bool
    text: str
    """One sentence for a person."""
