"""
What a panel draws: lines of toned text, and which columns of a line changed.

A tone is a role, not a color; `cockpit.styles.themes` gives it one.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Literal, TypeAlias

from rich.cells import cell_len

Tone: TypeAlias = Literal[
    "text",
    "strong",
    "dim",
    "faint",
    "border",
    "border_stale",
    "title",
    "accent",
    "up",
    "up_fill",
    "up_area",
    "down",
    "down_fill",
    "down_area",
    "warn",
    "alarm",
    "own",
    "trend",
    "revert",
    "volatile",
    "stamp_sim",
    "stamp_paper",
    "stamp_testnet",
    "stamp_replay",
    "stamp_live",
    "state_active",
    "state_reducing",
    "state_halted",
    "key",
    "selected",
    "heat-4",
    "heat-3",
    "heat-2",
    "heat-1",
    "heat0",
    "heat+1",
    "heat+2",
    "heat+3",
    "heat+4",
]
Segment: TypeAlias = tuple[str, Tone]
Line: TypeAlias = tuple[Segment, ...]
Span: TypeAlias = tuple[int, int]
"""First column, and how many."""

_QUALIFIED = re.compile(r"(\S+)(@\w\w)\w*")
_LEAST_QUALIFIED = 6

MERGE_GAP = 6
"""Moving the cursor costs as many bytes as writing this many unchanged cells."""


def cell_width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def plain(text: str) -> str:
    """
    Text from outside, made safe to draw: no control characters, no line breaks.

    A venue's reject message must not be able to move the cursor.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if unicodedata.category(character)[0] != "C" else " " for character in text
    )


def fit(text: str, width: int, *, right: bool = False) -> str:
    """
    Cut or pad to exactly `width` columns; what is cut shows as an ellipsis.

    A product that two venues have is called `BTCUSDT@bybit`: what tells them apart is kept.

    >>> fit("BTCUSDT@bybit", 10), fit("2_Eisbach_Call@cmi", 10)
    ('BTCUSDT@by', '2_Eisb…@cm')
    """
    missing = width - cell_width(text)
    if missing < 0 and width >= _LEAST_QUALIFIED and (name := _QUALIFIED.fullmatch(text)):
        product, venue = name.groups()
        return fit(product, width - len(venue)).rstrip() + venue
    if missing >= 0:
        return " " * missing + text if right else text + " " * missing
    if width <= 0:
        return ""
    kept = ""
    used = 0
    for character in text:
        columns = cell_width(character)
        if used + columns > width - 1:
            break
        kept += character
        used += columns
    return kept + "…" + " " * (width - 1 - used)


def wrap(text: str, width: int) -> list[str]:
    """Break a sentence into rows of at most `width` characters; at least one row."""
    return textwrap.wrap(text, max(1, width)) or [""]


def line_width(line: Iterable[Segment]) -> int:
    """Columns that a line takes."""
    return sum(cell_width(text) for text, _ in line)


def fit_line(line: Iterable[Segment], width: int) -> Line:
    """Cut or pad a line to exactly `width` columns, joining neighbors of one tone."""
    result: list[Segment] = []
    left = width
    for text, tone in line:
        columns = cell_width(text)
        if columns > left:
            text, columns = fit(text, left), left  # noqa: PLW2901  the cut text replaces it
        if not text:
            continue
        if result and result[-1][1] == tone:
            result[-1] = (result[-1][0] + text, tone)
        else:
            result.append((text, tone))
        left -= columns
        if left <= 0:
            break
    if left > 0:
        result.append((" " * left, "text"))
    return tuple(result)


def changed_spans(old: Line, new: Line) -> list[Span]:
    """
    Columns in which two lines of equal width differ, neighbors merged.

    Lines built alike are compared column group by column group; others from both ends.
    """
    if old == new:
        return []
    if len(old) == len(new) and all(
        len(before[0]) == len(after[0]) for before, after in zip(old, new, strict=True)
    ):
        return _merge(_aligned_spans(old, new))
    return _outer_span(old, new)


def _aligned_spans(old: Line, new: Line) -> list[Span]:
    spans: list[Span] = []
    column = 0
    for (old_text, old_tone), (new_text, new_tone) in zip(old, new, strict=True):
        columns = cell_width(new_text)
        if old_tone != new_tone or columns != len(new_text):
            if (old_text, old_tone) != (new_text, new_tone):
                spans.append((column, columns))
        elif old_text != new_text:
            differing = [
                index
                for index, (before, after) in enumerate(zip(old_text, new_text, strict=True))
                if before != after
            ]
            spans.extend((column + index, 1) for index in differing)
        column += columns
    return spans


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, length in spans:
        if merged:
            last_start, last_length = merged[-1]
            if start - (last_start + last_length) <= MERGE_GAP:
                merged[-1] = (last_start, start + length - last_start)
                continue
        merged.append((start, length))
    return merged


def _outer_span(old: Line, new: Line) -> list[Span]:
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return [(0, line_width(new))]
    first = 0
    last = len(after) - 1
    while first < last and before[first] == after[first]:
        first += 1
    while last > first and before[last] == after[last]:
        last -= 1
    if len(after) != line_width(new):
        return [(0, line_width(new))]
    return [(first, last - first + 1)]


def _cells(line: Line) -> list[Segment]:
    return [(character, tone) for text, tone in line for character in text]
