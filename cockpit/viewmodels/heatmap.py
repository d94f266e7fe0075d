"""Signals as a heatmap: how they move together, what they say, what each adds."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.graphs import bar
from cockpit.viewmodels.numbers import ratio, sign_tone
from cockpit.viewmodels.signals import foremost, ticks, value_tone
from cockpit.viewmodels.view import HeatMode, View
from cockpit.viewmodels.words import SIGNAL_NAMES, SIGNAL_WORDS
from core.domain.enums import Signal, SignalFault
from core.domain.snapshot import EngineSnapshot, InstrumentView

SHADES: tuple[Tone, ...] = (
    "heat-4", "heat-3", "heat-2", "heat-1", "heat0", "heat+1", "heat+2", "heat+3", "heat+4",
)  # fmt: skip

TITLES = {
    HeatMode.CORRELATION: "correlation",
    HeatMode.VALUES: "values",
    HeatMode.PARTS: "ticks",
}
SHORT_TITLES = {**TITLES, HeatMode.CORRELATION: "corr"}

ROOMY_WIDTH = 40
"""From here on cells are wider, and each row ends with the signal's part of the move."""
LABEL = 4
PART_COLUMNS = 8
OUT = " out"
"""In place of the value of a signal in quarantine."""


def heatmap_title(view: View, width: int, height: int) -> Line:
    """What the cells mean, and how many live signals have no room."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return ()
    _, left_out = _chosen(view, view.snapshot, width, height)
    roomy = width >= ROOMY_WIDTH
    name, more = (TITLES[view.heat], " more") if roomy else (SHORT_TITLES[view.heat], "")
    title: list[Segment] = [(name, "accent")]
    if left_out:
        title.append((f" +{left_out}{more}", "dim"))
    if view.heat is not HeatMode.VALUES:
        title.append((f" {instrument.symbol}", "dim"))
    return tuple(title)


def heatmap_lines(view: View, width: int, height: int) -> list[Line]:
    """Header, and one row a signal (or an instrument)."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return []
    signals, _ = _chosen(view, view.snapshot, width, height)
    if not signals:
        return [(("no signal has moved yet", "dim"),)]
    if view.heat is HeatMode.VALUES:
        return _values(view, view.snapshot, signals, width, height)
    if view.heat is HeatMode.PARTS:
        return _parts(instrument, signals, width)
    return _correlation(instrument, signals, width)


def shade(value: float) -> Tone:
    """Tone of a cell: nine steps from -1 to 1."""
    if not math.isfinite(value):
        return "heat0"
    return SHADES[round(max(-1.0, min(1.0, value)) * 4) + 4]


def _chosen(
    view: View, snapshot: EngineSnapshot, width: int, height: int
) -> tuple[list[Signal], int]:
    """Signals with a row or a column, and how many live ones have none."""
    instrument = view.instrument
    if instrument is None:
        return [], 0
    if view.heat is HeatMode.VALUES:
        count = (width - _names_width(width)) // _cell(width) - (width >= ROOMY_WIDTH)
        return foremost(snapshot.instruments, count)
    rows = height - 1
    if view.heat is HeatMode.CORRELATION:
        rows = min(rows, (width - LABEL - _part_columns(width)) // _cell(width))
    return foremost((instrument,), rows)


def _cell(width: int) -> int:
    return 5 if width >= ROOMY_WIDTH else 4


def _part_columns(width: int) -> int:
    return PART_COLUMNS if width >= ROOMY_WIDTH else 0


def _correlation(instrument: InstrumentView, signals: list[Signal], width: int) -> list[Line]:
    """Correlations; on the diagonal, which is 1 for every signal, its value."""
    cell = _cell(width)
    with_parts = _part_columns(width) > 0
    lines: list[Line] = [_header([SIGNAL_WORDS[s] for s in signals], LABEL, cell)]
    if with_parts:
        lines[0] = (*lines[0], (f"{'ticks':>{PART_COLUMNS}}", "dim"))
    for row in signals:
        cells = [
            _own(instrument, row, cell)
            if row is column
            else _shaded(instrument.correlation[row][column], cell)
            for column in signals
        ]
        line: list[Segment] = [(f"{SIGNAL_WORDS[row]:<{LABEL}}", "dim"), *cells]
        if with_parts:
            line.append(_part(instrument, row))
        lines.append(tuple(line))
    return lines


def _parts(instrument: InstrumentView, signals: list[Signal], width: int) -> list[Line]:
    """What each signal says, and what it adds to the expected move."""
    label = 12 if width >= ROOMY_WIDTH else LABEL
    names = SIGNAL_NAMES if width >= ROOMY_WIDTH else SIGNAL_WORDS
    bars = max(0, width - label - 6 - PART_COLUMNS - 1)
    sizes = [abs(instrument.parts_ticks[signal]) for signal in signals]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0)
    lines: list[Line] = [((f"{'':<{label}}{'says':>5} {'ticks':>{PART_COLUMNS}}", "dim"),)]
    for signal in signals:
        part = instrument.parts_ticks[signal]
        share = abs(part) / largest if largest > 0 else 0.0
        fill: Tone = "up_fill" if part > 0 else "down_fill"
        lines.append(
            (
                (f"{names[signal]:<{label}}", "dim"),
                _own(instrument, signal, 5),
                _part(instrument, signal),
                ("  ", "text"),
                (bar(share, bars), fill),
            )
        )
    return lines


def _values(
    view: View, snapshot: EngineSnapshot, signals: list[Signal], width: int, height: int
) -> list[Line]:
    label, cell = _names_width(width), _cell(width)
    names = [SIGNAL_WORDS[signal] for signal in signals]
    with_all = width >= ROOMY_WIDTH
    rows = height - 1
    instruments = snapshot.instruments
    first = max(0, min(view.selected - rows // 2, len(instruments) - rows))
    lines: list[Line] = [_header([*names, *(["all"] if with_all else [])], label, cell)]
    for instrument in instruments[first : first + rows]:
        values = [instrument.signals[signal] for signal in signals]
        if with_all:
            values.append(instrument.combined)
        tone: Tone = "strong" if instrument.index == view.selected else "dim"
        name = fit(instrument.symbol, label - 1) if width >= 30 else _initials(instrument.symbol)
        lines.append(((name + " ", tone), *(_shaded(value, cell) for value in values)))
    return lines


def _initials(symbol: str) -> str:
    """Three letters; of a product that two venues have, two are the venue's."""
    product, _, venue = symbol.partition("@")
    return product[:1] + venue[:2] if venue else product[:3]


def _names_width(width: int) -> int:
    """Columns for the names of instruments."""
    return LABEL if width < 30 else 12 if width < 50 else 16


def _header(names: list[str], label: int, cell: int) -> Line:
    return ((" " * label + "".join(name.center(cell) for name in names), "dim"),)


def _shaded(value: float, width: int) -> Segment:
    return (ratio(value).center(width), shade(value))


def _own(instrument: InstrumentView, signal: Signal, width: int) -> Segment:
    """Draw a signal's value: toned by its direction, and without a shade."""
    if signal is Signal.MINE and instrument.mine_fault is not SignalFault.NONE:
        return (OUT.center(width), "warn")
    value = instrument.signals[signal]
    return (ratio(value).center(width), value_tone(value))


def _part(instrument: InstrumentView, signal: Signal) -> Segment:
    part = instrument.parts_ticks[signal]
    return (f"{ticks(part):>{PART_COLUMNS}}", sign_tone(part))
