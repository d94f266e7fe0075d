"""Where each pane stands on the main screen, for any size of terminal."""

from __future__ import annotations

from typing import NamedTuple

FULL_COLUMNS = 80
FULL_ROWS = 24
"""The smallest terminal that shows every pane."""

WIDE_COLUMNS = 116
WIDE_ROWS = 36
"""From here on the panes stand in three columns with room for detail."""

TINY_COLUMNS = 40
TINY_ROWS = 10


class Rect(NamedTuple):
    """A pane's place, in cells."""

    x: int
    y: int
    width: int
    height: int


def is_tiny(columns: int, rows: int) -> bool:
    """Whether only the account and the stop keys fit."""
    return columns <= TINY_COLUMNS or rows <= TINY_ROWS


def arrange(columns: int, rows: int, zoomed: str = "") -> dict[str, Rect]:
    """Place the panes; one that does not fit is absent, and all but one that is zoomed."""
    if is_tiny(columns, rows):
        return {"status": Rect(0, 0, columns, rows)}
    if zoomed:
        return {
            "status": Rect(0, 0, columns, 2),
            zoomed: Rect(0, 2, columns, rows - 3),
            "footer": Rect(0, rows - 1, columns, 1),
        }
    if columns < FULL_COLUMNS or rows < FULL_ROWS:
        return _small(columns, rows)
    if columns < WIDE_COLUMNS or rows < WIDE_ROWS:
        return _full(columns, rows)
    return _wide(columns, rows)


def _small(columns: int, rows: int) -> dict[str, Rect]:
    below = rows - 5
    positions = max(3, below // 2)
    return {
        "status": Rect(0, 0, columns, 4),
        "positions": Rect(0, 4, columns, positions),
        "trades": Rect(0, 4 + positions, columns, below - positions),
        "footer": Rect(0, rows - 1, columns, 1),
    }


def _full(columns: int, rows: int) -> dict[str, Rect]:
    spare = rows - FULL_ROWS
    top = 8 + spare // 3
    bottom = rows - 2 - top - 3 - 1
    left = columns * 28 // 80
    book = columns * 26 // 80
    obi = 3 + spare // 6
    positions = columns * 37 // 80
    y_regime = 2 + top
    y_bottom = y_regime + 3
    return {
        "status": Rect(0, 0, columns, 2),
        "pnl": Rect(0, 2, left, top - obi),
        "obi": Rect(0, 2 + top - obi, left, obi),
        "book": Rect(left, 2, book, top),
        "signals": Rect(left + book, 2, columns - left - book, top),
        "regime": Rect(0, y_regime, columns, 3),
        "positions": Rect(0, y_bottom, positions, bottom),
        "trades": Rect(positions, y_bottom, columns - positions, bottom),
        "footer": Rect(0, rows - 1, columns, 1),
    }


def _wide(columns: int, rows: int) -> dict[str, Rect]:
    panes = rows - 3
    top = max(17, panes * 53 // 100)
    bottom = panes - top
    book = 32 + (columns - WIDE_COLUMNS) * 8 // 44
    left = (columns - book) // 2
    right = columns - book - left
    obi = max(6, top * 9 // 24)
    signals = 9 if top < 22 else 12
    positions = columns * 51 // 100
    y_bottom = 2 + top
    why = 5 if bottom < 20 else 7
    return {
        "status": Rect(0, 0, columns, 2),
        "pnl": Rect(0, 2, left, top - obi),
        "obi": Rect(0, 2 + top - obi, left, obi),
        "book": Rect(left, 2, book, top),
        "regime": Rect(left + book, 2, right, top - signals),
        "signals": Rect(left + book, 2 + top - signals, right, signals),
        "positions": Rect(0, y_bottom, positions, bottom - why),
        "why": Rect(0, y_bottom + bottom - why, positions, why),
        "trades": Rect(positions, y_bottom, columns - positions, bottom),
        "footer": Rect(0, rows - 1, columns, 1),
    }
