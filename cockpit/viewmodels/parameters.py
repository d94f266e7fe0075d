"""The parameters: what they are, what they may be, and a draft of what they shall be."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cockpit.viewmodels.cells import Line, Tone, fit
from cockpit.viewmodels.numbers import NOTHING
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec

KEY_COLUMNS = 34


def check(spec: ParameterSpec, text: str) -> float:
    """
    Read a typed value.

    Raises:
        ValueError: With a sentence that says what is allowed, and the nearest of it.
    """
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a finite number")
    if not spec.lower <= value <= spec.upper:
        nearest = min(max(value, spec.lower), spec.upper)
        raise ValueError(f"{value:g} is outside {bounds(spec)}; the nearest is {nearest:g}")
    return value


def step(spec: ParameterSpec, value: float, direction: int) -> float:
    """Move a value by one step, onto the grid of steps, inside the bounds."""
    moved = round(round(value / spec.step) * spec.step + direction * spec.step, 12)
    return min(max(moved, spec.lower), spec.upper)


def bounds(spec: ParameterSpec) -> str:
    """What is allowed, with the unit."""
    unit = f" {spec.unit}" if spec.unit else ""
    return f"{_digits(spec.lower)} to {_digits(spec.upper)}{unit}"


def parameter_lines(
    view: View, cursor: int, drafts: Mapping[int, float], width: int, height: int
) -> list[Line]:
    """One row a parameter, and the chosen one explained below."""
    if view.meta is None or view.snapshot is None:
        return [(("waiting for the engine", "dim"),)]
    specs = view.meta.parameters
    if not specs:
        return [(("this engine has no live parameters", "dim"),)]
    rows = max(1, height - 4)
    first = max(0, min(cursor - rows // 2, len(specs) - rows))
    lines: list[Line] = [_header(width)]
    for place, spec in enumerate(specs[first : first + rows], first):
        current = _current(view, place)
        lines.append(_row(spec, current, drafts.get(place), width, chosen=place == cursor))
    spec = specs[cursor]
    lines += [()] * (height - 2 - len(lines))
    lines.append(((f" {spec.key}: ", "accent"), (spec.effect, "text")))
    lines.append(_preview(spec, _current(view, cursor), drafts.get(cursor)))
    return lines


def _current(view: View, place: int) -> float:
    values = view.snapshot.parameters if view.snapshot else ()
    return values[place] if place < len(values) else math.nan


def _header(width: int) -> Line:
    text = f"   {'parameter':<{_key_columns(width)}}{'now':>9}{'draft':>9}{'default':>9}  allowed"
    return ((text, "dim"),)


def _key_columns(width: int) -> int:
    return max(16, min(KEY_COLUMNS, width - 55))


def _row(
    spec: ParameterSpec, current: float, draft: float | None, width: int, *, chosen: bool
) -> Line:
    tone: Tone = "selected" if chosen else "text"
    changed = current != spec.default
    return (
        (" ▸ " if chosen else "   ", "key"),
        (fit(spec.key, _key_columns(width)), tone),
        (f"{_digits(current):>9}", "accent" if changed else "text"),
        (f"{'' if draft is None else '→ ' + _digits(draft):>9}", "warn"),
        (f"{_digits(spec.default):>9}", "dim"),
        (f"  {bounds(spec)}", "dim"),
    )


def _digits(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.7g}"


def _preview(spec: ParameterSpec, current: float, draft: float | None) -> Line:
    unit = f" {spec.unit}" if spec.unit else ""
    if draft is None:
        return ((f" now {_digits(current)}{unit}, one step is {spec.step:g}{unit}", "dim"),)
    return (
        (f" {_digits(current)} → {_digits(draft)}{unit}", "warn"),
        (", not applied yet: a applies, backspace forgets", "dim"),
    )
