"""Signals as a heatmap: how they move together, or what they say now."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.numbers import number, ratio
from cockpit.viewmodels.view import HeatMode, View
from cockpit.viewmodels.words import SIGNAL_WORDS
from core.domain.enums import Signal
from core.domain.snapshot import InstrumentView

SHADES: tuple[Tone, ...] = (
    "heat-4", "heat-3", "heat-2", "heat-1", "heat0", "heat+1", "heat+2", "heat+3", "heat+4",
)  # fmt: skip


def heatmap_title(view: View) -> Line:
    """What the cells mean."""
    instrument = view.instrument
    if instrument is None:
        return ()
    if view.heat is HeatMode.VALUES:
        return (("values", "accent"),)
    return (("correlation", "accent"), (f" {instrument.symbol}", "dim"))


def heatmap_lines(view: View, width: int, height: int) -> list[Line]:
    """Header, one row a signal (or an instrument), and the combined decision below."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return []
    if view.heat is HeatMode.VALUES:
        return _values(view, view.snapshot.instruments, instrument.index, width, height)
    lines = _correlation(instrument, width)
    if height >= len(lines) + 2:
        lines += _decision(instrument, view.describe(instrument.index).size_decimals, width)
    return lines[:height]


def shade(value: float) -> Tone:
    """Tone of a cell: nine steps from -1 to 1."""
    if not math.isfinite(value):
        return "heat0"
    return SHADES[round(max(-1.0, min(1.0, value)) * 4) + 4]


def _correlation(instrument: InstrumentView, width: int) -> list[Line]:
    names = [SIGNAL_WORDS[signal] for signal in Signal]
    cell = _cell_width(width, 4)
    lines: list[Line] = [_header(names, 4, cell)]
    for row, name in enumerate(names):
        cells: list[Segment] = [
            ("1".center(cell), "heat0") if row == column else _cell(value, cell)
            for column, value in enumerate(instrument.correlation[row])
        ]
        lines.append(((f"{name:<4}", "dim"), *cells))
    return lines


def _values(
    view: View, instruments: tuple[InstrumentView, ...], selected: int, width: int, height: int
) -> list[Line]:
    label = 4 if width < 30 else 12 if width < 50 else 16
    names = [*(SIGNAL_WORDS[signal] for signal in Signal), "all"]
    if width < 30:
        names.pop()
    cell = (width - label) // len(names)
    rows = height - 1
    first = max(0, min(selected - rows // 2, len(instruments) - rows))
    lines: list[Line] = [_header(names, label, cell)]
    for instrument in instruments[first : first + rows]:
        values = [*instrument.signals, instrument.combined][: len(names)]
        tone: Tone = "strong" if instrument.index == view.selected else "dim"
        short = width < 30
        name = f"{instrument.symbol:.3}" if short else fit(instrument.symbol, label - 1)
        lines.append(
            (
                (name + " ", tone),
                *(_cell(value, cell) for value in values),
            )
        )
    return lines


def _cell_width(width: int, label: int) -> int:
    return max(4, min(11, (width - label) // len(Signal)))


def _header(names: list[str], label: int, cell: int) -> Line:
    return ((" " * label + "".join(name.center(cell) for name in names), "dim"),)


def _cell(value: float, width: int) -> Segment:
    return (ratio(value).center(width), shade(value))


def _decision(instrument: InstrumentView, size_decimals: int, width: int) -> list[Line]:
    names = ("combined", "confidence", "target") if width >= 48 else ("all", "conf", "target")
    values = (
        ratio(instrument.combined),
        number(instrument.confidence),
        f"{number(instrument.target, size_decimals, signed=True):>5}",
    )
    line: list[Segment] = []
    for name, value in zip(names, values, strict=True):
        line += [(f"{name} ", "dim"), (f"{value}   ", "strong" if name == "target" else "text")]
    return [(), tuple(line)]
