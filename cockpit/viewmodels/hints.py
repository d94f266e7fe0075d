"""The bottom line: keys, or the last answer."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.viewmodels.cells import Line, Segment, cell_width, plain
from cockpit.viewmodels.view import View

URGENT = ("safe mode", "cancel-all", "pause", "resume", "flatten", "back", "quit", "help",
          "hold", "go to", "step", "fill", "speed", "what if", "params", "why")  # fmt: skip
"""What keeps its place when the terminal is narrow, whatever its key."""


def hint_line(hints: Sequence[tuple[str, str]], width: int, view: View) -> Line:
    """Keys with their words; the answer to the last key takes their place until the next."""
    if view.message:
        return ((" ", "text"), (plain(view.message), view.message_tone))
    line: list[Segment] = []
    for key, word in _fitting(hints, width - 1):
        line += [("  " if line else " ", "text"), (key, "key"), (f" {word}", "dim")]
    return tuple(line)


def _fitting(hints: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Leave out hints that do not fit; those that stop and leave come first."""
    left = width + 2
    kept: list[tuple[str, str]] = []
    for hint in sorted(hints, key=_urgency):
        columns = cell_width(hint[0]) + cell_width(hint[1]) + 3
        if columns <= left:
            kept.append(hint)
            left -= columns
    return [hint for hint in hints if hint in kept]


def _urgency(hint: tuple[str, str]) -> int:
    return URGENT.index(hint[1]) if hint[1] in URGENT else len(URGENT)
