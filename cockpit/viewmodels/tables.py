"""Tables as lines: columns of fixed width, numbers to the right, a cursor where one is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cockpit.viewmodels.cells import Line, Segment, Tone, fit

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    title: str
    width: int
    """0: takes what the others leave; at most one."""
    is_right: bool = False
    """Numbers are."""
    least_width: int = 0
    """Of the whole table, from which this column is shown."""


Cell = tuple[str, Tone]


class Table:
    """
    Columns that fit into a width.

    Args:
        columns: All of them; those that need a wider table are left out.
        width: Of the table.
    """

    def __init__(self, columns: Sequence[Column], width: int) -> None:
        self._shown = [place for place, c in enumerate(columns) if width >= c.least_width]
        self._columns = [columns[place] for place in self._shown]
        fixed = sum(column.width + GAP for column in self._columns)
        self._rest = max(0, width - fixed)

    def head(self) -> Line:
        """Titles."""
        return self._line([(column.title, "dim") for column in self._columns])

    def row(self, cells: Sequence[Cell]) -> Line:
        """One row; as many cells as there are columns, shown or not."""
        return self._line([cells[place] for place in self._shown])

    def _line(self, cells: Iterable[Cell]) -> Line:
        segments: list[Segment] = []
        for column, (text, tone) in zip(self._columns, cells, strict=True):
            width = column.width or self._rest
            segments.append((fit(text, width, right=column.is_right), tone))
            segments.append((" " * GAP, "text"))
        return tuple(segments[:-1])


def scrolled(lines: Sequence[Line], first: int, height: int) -> tuple[list[Line], int]:
    """
    Cut out what is in sight.

    Returns:
        The lines from `first`, or from further up so that the end is not passed; and that
        place.
    """
    last_first = max(0, len(lines) - height)
    first = min(max(first, 0), last_first)
    return list(lines[first : first + height]), first
