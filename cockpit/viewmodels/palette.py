"""The palette: everything that can be done or looked at, found by a few letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.viewmodels.cells import Line, fit

MAX_CHARACTERS = 80
CURSOR = "▏"
HELP = " enter does it, ↑↓ chooses; or a command: set KEY VALUE, buy 7_ETF 3 @ 50"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose."""

    name: str
    """Of the action; of the instrument where `index` is one."""
    label: str
    key: str
    index: int = -1
    """Place of an instrument; negative for an action."""


def found(entries: Sequence[Entry], needle: str) -> list[Entry]:
    """
    Entries that have every word of what is looked for, or its letters in order.

    Whole words come first, then letters; within both, the order of the entries.
    """
    words = needle.casefold().split()
    if not words:
        return list(entries)
    texts = [f"{entry.label} {entry.name}".casefold() for entry in entries]
    whole = [all(word in text for word in words) for text in texts]
    letters = needle.casefold().replace(" ", "")
    loose = [_has_in_order(text, letters) for text in texts]
    return [entry for entry, is_whole in zip(entries, whole, strict=True) if is_whole] + [
        entry
        for entry, is_whole, is_loose in zip(entries, whole, loose, strict=True)
        if is_loose and not is_whole
    ]


def palette_lines(
    matches: Sequence[Entry], place: int, text: str, trouble: str, width: int, height: int
) -> list[Line]:
    """What was typed, then what it finds; or what is wrong with a command that was typed."""
    rows = height - 2
    lines: list[Line] = [((" : ", "key"), (text, "strong"), (CURSOR, "accent"))]
    if trouble:
        lines.append(((f" {trouble}", "warn"),))
    else:
        help_text = (
            " enter: do it   ↑↓: choose   a command works too: set KEY VALUE, buy 7_ETF 3 @ 50"
        )
        lines.append(((help_text, "dim"),))
    first = max(0, min(place - rows // 2, len(matches) - rows))
    for number, entry in enumerate(matches[first : first + rows], first):
        is_here = number == place
        lines.append(
            (
                (" ▸ " if is_here else "   ", "key"),
                (fit(entry.label, max(10, width - 18)), "strong" if is_here else "text"),
                (f" {entry.key:>12}", "key"),
            )
        )
    return lines


def _has_in_order(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
