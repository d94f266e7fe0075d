"""Where to go in a replay: places to choose from, and how others are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.viewmodels.cells import Line, fit, wrap
from cockpit.viewmodels.numbers import clock, number
from cockpit.viewmodels.view import View
from core.api.replay_words import read_place
from core.domain.commands import CommandName
from core.domain.errors import ConfigurationError

CURSOR = "▏"
HOW = "a time such as 14:03:27 (UTC) is, +30s, -5m, the number of an event, or one of the list"
HEAD_ROWS = 4
TROUBLE_ROWS = 2


@dataclass(frozen=True, slots=True)
class Place:
    """One place to go to."""

    where: str
    """As the engine reads it."""
    label: str


_FORWARD = (Place("+30s", "30 seconds on"), Place("+5m", "5 minutes on"))
_BACK = (Place("-30s", "30 seconds back"), Place("-5m", "5 minutes back"))
_MARKS = tuple(
    place
    for name in ("fill", "order", "alert", "note")
    for place in (Place(name, f"next {name}"), Place(f"-{name}", f"{name} before"))
)
_START, _END = Place("start", "start"), Place("end", "end")


PLACES = (*_MARKS, *_FORWARD, *_BACK, _START, _END)
"""What there is to choose from."""


def matching(found: Sequence[Place], typed: str) -> list[Place]:
    """Places with every word that was typed; all of them where nothing was."""
    words = typed.casefold().split()
    return [
        place for place in found if all(word in f"{place.label} {place.where}" for word in words)
    ]


def written(typed: str) -> str:
    """
    Read a place that was typed out; a number alone is that of an event.

    Raises:
        ConfigurationError: If it is written like none; says how places are written.
    """
    words = typed.split()
    if len(words) == 1 and words[0].isascii() and words[0].isdigit():
        words = ["seq", *words]
    try:
        return read_place(CommandName.SEEK, words)
    except ConfigurationError:
        raise ConfigurationError(f"{typed!r} is no place; {HOW}") from None


def place_lines(
    view: View,
    found: Sequence[Place],
    chosen: int,
    typed: str,
    trouble: str,
    width: int,
    height: int,
) -> list[Line]:
    """
    What was typed, what it finds, and what is wrong with it.

    Args:
        view: What is known.
        found: Places to choose from.
        chosen: Which of them is.
        typed: So far.
        trouble: Why the last place was none; empty for none.
        width: Columns.
        height: Rows.
    """
    rows = max(1, height - HEAD_ROWS - TROUBLE_ROWS)
    first = max(0, min(chosen - rows // 2, len(found) - rows))
    lines: list[Line] = [*_head(view), ((" to ", "key"), (typed, "strong"), (CURSOR, "accent")), ()]
    for number_, place in enumerate(found[first : first + rows], first):
        is_here = number_ == chosen
        lines.append(
            (
                (" ▸ " if is_here else "   ", "key"),
                (fit(place.label, 20), "strong" if is_here else "text"),
                (place.where, "dim"),
            )
        )
    lines += [()] * (height - TROUBLE_ROWS - len(lines))
    if trouble:
        return [
            *lines,
            *(((f" {row}", "warn"),) for row in wrap(trouble, width - 2)[:TROUBLE_ROWS]),
        ]
    return [
        *lines,
        ((" or type 14:03:27, +30s, -5m, or the number of an event", "dim"),),
        ((" enter", "key"), (" goes there  ", "dim"), ("↑↓", "key"), (" chooses  ", "dim"),
         ("esc", "key"), (" stays", "dim")),
    ]  # fmt: skip


def _head(view: View) -> list[Line]:
    """Where it is, and what there is to go through."""
    if view.snapshot is None:
        return [((" nothing is known of the recording yet", "dim"),), ()]
    told = view.snapshot.telemetry
    return [
        (
            (" now ", "dim"), (f"{clock(view.snapshot.ts_ns or told.replay_start_ns)}Z", "strong"),
            (f"  event {number(told.replay_position, 0)} of {number(told.replay_length, 0)}",
             "text"),
        ),
        ((f" recorded from {clock(told.replay_start_ns)} to {clock(told.replay_end_ns)} UTC",
          "dim"),),
    ]  # fmt: skip
