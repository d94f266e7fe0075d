"""Pictures of many points of a space, as inline SVG: heat maps and parallel coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from core.reports.drawing import points, svg, text

_LETTER = 7.0
"""Width of a letter, about."""

_COLUMN, _ROW, _HEAD, _FOOT = 92.0, 38.0, 24.0, 22.0
_LONGEST = 16
"""Letters of the name of a row; the whole of it is in a tip."""

_FULL = 0.6
"""Opacity of the best: letters above it stay readable."""

_WIDTH, _TALL, _EDGE = 992.0, 300.0, 64.0
_MARK = 14
"""Letters beside an axis, at most."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of a heat map shows: its name and that of each column or row."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a heat map."""

    words: str
    remark: str
    """Below the words, smaller."""
    strength: float
    """Of its color, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One upright line of parallel coordinates."""

    name: str
    marks: tuple[tuple[float, str], ...]
    """Share of the height from the bottom, and what stands there."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One point of a space as a line across all axes."""

    places: tuple[float | None, ...]
    """By axis, share of the height from the bottom; None is a gap."""
    strength: float | None
    """Of its color, from 0 to 1; None is dashed."""
    words: str
    """Said of it in a tip."""


def heat_map(
    across: Side,
    down: Side,
    cells: Mapping[tuple[int, int], Cell],
    marked: tuple[int, int] | None,
    label: str,
) -> str:
    """
    Draw cells in columns and rows; a place without a cell stays empty.

    Args:
        across: Its levels are columns.
        down: Its levels are rows.
        cells: By column and row.
        marked: The one that gets a frame.
        label: For those who do not see it.
    """
    left = 14.0 + _LETTER * min(_LONGEST, max(map(len, down.levels)))
    head = f"{down.name} (down) by {across.name} (across)"
    width = max(left + _COLUMN * len(across.levels) + 2.0, 8.0 + _LETTER * len(head))
    bottom = _HEAD + _ROW * len(down.levels)
    parts = [text(2.0, 14.0, head, "start")]
    for row, name in enumerate(down.levels):
        parts.append(_named(left - 8.0, _HEAD + _ROW * (row + 0.5) + 4.0, name, "end", _LONGEST))
    for column, name in enumerate(across.levels):
        parts.append(_named(left + _COLUMN * (column + 0.5), bottom + 16.0, name, "middle", 13))
    for (column, row), cell in cells.items():
        tip = f"{across.name} {across.levels[column]}, {down.name} {down.levels[row]}"
        place = (left + _COLUMN * column, _HEAD + _ROW * row)
        parts.append(_cell(*place, cell, tip, is_marked=(column, row) == marked))
    return svg(width, bottom + _FOOT, label, parts)


def _cell(left: float, top: float, cell: Cell, tip: str, *, is_marked: bool) -> str:
    kind = "heat marked" if is_marked else "heat"
    middle = left + _COLUMN / 2
    return (
        f"<g><title>{escape(f'{tip}: {cell.words}, {cell.remark}')}</title>"
        f'<rect x="{left + 2:.1f}" y="{top + 2:.1f}" width="{_COLUMN - 4:.0f}" '
        f'height="{_ROW - 4:.0f}" rx="3" class="{kind}" '
        f'fill-opacity="{0.04 + (_FULL - 0.04) * cell.strength:.2f}"/>'
        f"{text(middle, top + 17, cell.words, 'middle')}"
        f'<g class="small">{text(middle, top + 30, cell.remark, "middle")}</g></g>'
    )


def parallel_lines(
    axes: Sequence[Axis], threads: Sequence[Thread], bold: Thread | None, label: str
) -> str:
    """
    Draw points of a space as lines from axis to axis.

    Args:
        axes: From left to right, two or more.
        threads: The later ones are drawn above the earlier.
        bold: One that is drawn above all others, in a color of its own.
        label: For those who do not see it.
    """
    # Names of neighbors must not run into each other where there are many axes.
    heads = 2 if len(axes) > 6 else 1
    top, gap = 14.0 + 18.0 * heads, (_WIDTH - 2 * _EDGE) / (len(axes) - 1)
    bottom = top + _TALL
    xs = [_EDGE + gap * number for number in range(len(axes))]
    parts = [_thread(xs, top, thread, "thread") for thread in threads]
    if bold is not None:
        parts.append(_thread(xs, top, bold, "thread bold"))
    room = max(4, int(gap * heads / _LETTER) - 1)
    for number, (x, axis) in enumerate(zip(xs, axes, strict=True)):
        y = 14.0 + 18.0 * (number % heads)
        parts.append(f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" class="post"/>')
        parts.append(_named(x, y, axis.name, "middle", room))
        parts += [_mark(x, top + _TALL * (1.0 - share), words) for share, words in axis.marks]
    return svg(_WIDTH, bottom + 12.0, label, parts)


def _thread(xs: Sequence[float], top: float, thread: Thread, kind: str) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, place in zip(xs, thread.places, strict=True):
        if place is not None:
            runs[-1].append((x, top + _TALL * (1.0 - place)))
        elif runs[-1]:
            runs.append([])
    drawn = [_run(run) for run in runs if run]
    if thread.strength is None:
        style = f'class="{kind} vain"'
    elif kind == "thread":
        style = f'class="{kind}" opacity="{0.1 + 0.8 * thread.strength:.2f}"'
    else:
        style = f'class="{kind}"'
    return f"<g {style}><title>{escape(thread.words)}</title>{''.join(drawn)}</g>"


def _run(run: Sequence[tuple[float, float]]) -> str:
    """A line; a dot where a gap is on both sides."""
    if len(run) == 1:
        return f'<circle cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="2.5"/>'
    return f'<polyline points="{points(run)}"/>'


def _mark(x: float, y: float, words: str) -> str:
    return (
        f'<g class="on-ground"><path d="M{x - 4:.1f} {y:.1f}h8" class="post"/>'
        f"{_named(x + 6, y + 4, words, 'start', _MARK)}</g>"
    )


def _named(x: float, y: float, name: str, anchor: str, most: int) -> str:
    """A name, shortened where there is no room, with the whole of it as a tip."""
    if len(name) <= most:
        return text(x, y, name, anchor)
    return f"<g><title>{escape(name)}</title>{text(x, y, name[: most - 1] + '…', anchor)}</g>"
