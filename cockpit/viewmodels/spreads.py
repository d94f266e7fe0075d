"""Baskets and pairs: how far from their mean, how fast they return, whether they trade."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone, fit, line_width
from cockpit.viewmodels.numbers import NOTHING
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import SPREAD_KINDS, SPREAD_REASONS, SPREAD_STATES
from core.domain.decision import SpreadView
from core.domain.snapshot import EngineSnapshot
from core.domain.spreads import SpreadState

TONES: dict[SpreadState, Tone] = {
    SpreadState.WARMING: "dim",
    SpreadState.TRADING: "up",
    SpreadState.SUSPENDED: "warn",
}
LOUD_Z = 2.0
"""Deviations from which a spread asks for attention."""
ROOMY_WIDTH = 74
NAMED_LEGS = 2
NAME_COLUMNS = 28


def spreads_of(snapshot: EngineSnapshot, index: int) -> list[SpreadView]:
    """Spreads that an instrument is part of: those it is the target of, then those that trade."""
    mine = (spread for spread in snapshot.spreads if index in spread.instruments)
    return sorted(
        mine,
        key=lambda spread: (
            spread.instruments[0] != index,
            spread.state is not SpreadState.TRADING,
        ),
    )


def spread_name(view: View, spread: SpreadView) -> str:
    """Kind and legs: `pair A / B`, `basket A / 3 legs`."""
    target, *legs = (view.describe(index).symbol for index in spread.instruments)
    others = " + ".join(legs) if len(legs) < NAMED_LEGS else f"{len(legs)} legs"
    return f"{SPREAD_KINDS[spread.kind]} {target} / {others}"


def spread_line(view: View, spread: SpreadView, width: int) -> Line:
    """One spread: its name, z, half-life, and whether it trades or why not."""
    roomy = width >= ROOMY_WIDTH
    numbers: list[Segment] = [
        (" z ", "dim"),
        (f"{_z(spread.z):<6}", "strong" if abs(spread.z) >= LOUD_Z else "text"),
        ("half-life " if roomy else "t½ ", "dim"),
        (f"{_half_life(spread):<5}", "text"),
    ]
    state = _state(spread, roomy=roomy)
    room = width - line_width(numbers) - line_width(state)
    name = fit(spread_name(view, spread), min(NAME_COLUMNS, max(12, room)))
    return ((name, "text"), *numbers, *state)


def _state(spread: SpreadView, *, roomy: bool) -> list[Segment]:
    """Whether it trades; where room is short the reason stands for the state."""
    tone = TONES[spread.state]
    reason = SPREAD_REASONS[spread.reason]
    words: list[Segment] = [(SPREAD_STATES[spread.state], tone)]
    if reason:
        words = [*words, (f" {reason}", "text")] if roomy else [(reason, tone)]
    if not spread.is_complete:
        words.append((" a leg has no price" if roomy else " leg?", "warn"))
    return words


def _z(value: float) -> str:
    return f"{value:+.2f}" if math.isfinite(value) else NOTHING


def _half_life(spread: SpreadView) -> str:
    return f"{spread.half_life_bars:.0f}" if spread.half_life_bars > 0 else NOTHING
