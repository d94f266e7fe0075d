"""The parameters: what they are, what they may be, and a draft of what they shall be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.numbers import NOTHING, duration
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec
from core.domain.snapshot import TrialView

KEY_COLUMNS = 30
_FIXED_COLUMNS = 31
"""Of marks and numbers."""
_ALLOWED_COLUMNS = 34
_LEAST_EFFECT = 24
"""Fewer columns say too little of what a parameter does."""


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


def matching(specs: Sequence[ParameterSpec], needle: str) -> list[int]:
    """
    Places of the parameters to show, those of a section together.

    Every word of `needle` has to be found in the key or in the sentence on its effect.
    """
    words = needle.lower().split()
    sections = list(dict.fromkeys(_section(spec) for spec in specs))
    places = (
        place
        for place, spec in enumerate(specs)
        if all(word in f"{spec.key} {spec.effect}".lower() for word in words)
    )
    return sorted(places, key=lambda place: sections.index(_section(specs[place])))


def neighbor(shown: Sequence[int], place: int, rows: int) -> int:
    """Place that lies so many rows from another among those shown, or the nearest there is."""
    if not shown:
        return place
    row = shown.index(place) + rows if place in shown else 0
    return shown[min(max(row, 0), len(shown) - 1)]


def next_section(
    specs: Sequence[ParameterSpec], shown: Sequence[int], place: int, direction: int
) -> int:
    """First place of the next section shown, or of the one before."""
    firsts = {_section(specs[shown_place]): shown_place for shown_place in reversed(shown)}
    order = [firsts[name] for name in dict.fromkeys(_section(specs[row]) for row in shown)]
    if not order:
        return place
    current = order.index(firsts[_section(specs[place])]) if place in shown else 0
    return order[min(max(current + direction, 0), len(order) - 1)]


def parameter_lines(
    view: View,
    cursor: int,
    drafts: Mapping[int, float],
    width: int,
    height: int,
    needle: str = "",
    trial_s: float = 0.0,
) -> list[Line]:
    """
    One row a parameter under its section, and the chosen one explained below.

    Args:
        view: What is known.
        cursor: Place of the chosen parameter.
        drafts: Values by place that are not applied yet.
        width: Columns.
        height: Rows.
        needle: What is looked for.
        trial_s: Drafts are to go back after so long; 0 for never.
    """
    if view.meta is None or view.snapshot is None:
        return [(("waiting for the engine", "dim"),)]
    specs = view.meta.parameters
    if not specs:
        return [(("this engine has no live parameters", "dim"),)]
    shown = matching(specs, needle)
    if not shown:
        return [((f"no parameter has {needle!r} in its key or effect", "warn"),), _searched(needle)]
    rows = max(1, height - 4)
    body, chosen_row = _grouped(view, specs, shown, cursor, drafts, width)
    first = max(0, min(chosen_row - rows // 2, len(body) - rows))
    lines: list[Line] = [_header(width, len(shown), len(specs)), *body[first : first + rows]]
    lines += [()] * (height - 2 - len(lines))
    if cursor not in shown:
        return [*lines, _searched(needle)]
    spec = specs[cursor]
    lines.append(((f" {spec.key}: ", "accent"), (spec.effect, "text")))
    trial = trials_of(view).get(spec.key)
    draft, count = drafts.get(cursor), len(drafts)
    lines.append(_preview(spec, _current(view, cursor), draft, count, trial, trial_s, width))
    return lines


def trials_of(view: View) -> dict[str, TrialView]:
    """Parameters on trial, by their key."""
    trials = view.snapshot.telemetry.trials if view.snapshot else ()
    return {trial.key: trial for trial in trials}


def _grouped(
    view: View,
    specs: Sequence[ParameterSpec],
    shown: Sequence[int],
    cursor: int,
    drafts: Mapping[int, float],
    width: int,
) -> tuple[list[Line], int]:
    """Rows with headings between them, and which of them is chosen."""
    lines: list[Line] = []
    chosen_row = 0
    section = ""
    trials = trials_of(view)
    for place in shown:
        spec = specs[place]
        if _section(spec) != section:
            section = _section(spec)
            lines.append(((f" {section}", "title"),))
        if place == cursor:
            chosen_row = len(lines)
        chosen = place == cursor
        row = _row(spec, _current(view, place), drafts.get(place), width, chosen=chosen)
        mark = f" {'▸' if chosen else ' '}{'*' if spec.key == view.quick_key else ' '}"
        last = _last_column(spec, trials.get(spec.key))
        lines.append(((mark, "key"), *row, *_with_effect(spec, last, width)))
    return lines, chosen_row


def _section(spec: ParameterSpec) -> str:
    return spec.key.partition(".")[0]


def _searched(needle: str) -> Line:
    return ((f" shown: {needle}", "accent"), ("  / changes it, an empty one shows all", "dim"))


def _current(view: View, place: int) -> float:
    values = view.snapshot.parameters if view.snapshot else ()
    return values[place] if place < len(values) else math.nan


def _header(width: int, shown: int, count: int) -> Line:
    name = "parameter" if shown == count else f"{shown} of {count} parameters"
    text = f"   {name:<{_key_columns(width)}}{'now':>9}{'draft':>10}{'default':>9}  "
    text += (
        f"{'allowed':<{_ALLOWED_COLUMNS - 2}}what it does" if _effect_columns(width) else "allowed"
    )
    return ((text, "dim"),)


def _key_columns(width: int) -> int:
    return max(16, min(KEY_COLUMNS, width - 54))


def _row(
    spec: ParameterSpec, current: float, draft: float | None, width: int, *, chosen: bool
) -> Line:
    tone: Tone = "selected" if chosen else "text"
    changed = current != spec.default
    name = spec.key.partition(".")[2] or spec.key
    return (
        (fit(name, _key_columns(width)), tone),
        (f"{_digits(current):>9}", "accent" if changed else "text"),
        (f"{'' if draft is None else '→ ' + _digits(draft):>10}", "warn"),
        (f"{_digits(spec.default):>9}", "dim"),
    )


def _last_column(spec: ParameterSpec, trial: TrialView | None) -> Segment:
    """What is allowed, or how long it still lasts."""
    if trial is None:
        return (f"  {bounds(spec)}", "dim")
    return (f"  {duration(trial.left_s)}, then {_digits(trial.reverts_to)}", "accent")


def _effect_columns(width: int) -> int:
    """Room for what a parameter does, beside the numbers; 0 where there is too little."""
    room = width - _FIXED_COLUMNS - _key_columns(width) - _ALLOWED_COLUMNS
    return room if room >= _LEAST_EFFECT else 0


def _with_effect(spec: ParameterSpec, last: Segment, width: int) -> Line:
    room = _effect_columns(width)
    if not room:
        return (last,)
    text, tone = last
    return (fit(text, _ALLOWED_COLUMNS), tone), (fit(spec.effect, room), "dim")


def _digits(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.7g}"


def _part_of_range(spec: ParameterSpec, old: float, new: float) -> str:
    """How far a change goes, of all that it could."""
    span = spec.upper - spec.lower
    return f"  {100 * (new - old) / span:+.3g} % of range" if span > 0 else ""


def _preview(
    spec: ParameterSpec,
    current: float,
    draft: float | None,
    drafts: int,
    trial: TrialView | None,
    trial_s: float,
    width: int,
) -> Line:
    unit = f" {spec.unit}" if spec.unit else ""
    if draft is not None:
        until = f"for {trial_s:g} s unless kept" if trial_s else "not applied yet"
        change = f" {_digits(current)} → {_digits(draft)}{unit}"
        how = f", {until}: a applies{f' all {drafts}' if drafts > 1 else ''}"
        part = _part_of_range(spec, current, draft)
        forget = ", backspace forgets"
        if len(change + how + forget + part) > width - 1:
            forget = ""
        return (change, "warn"), (how + forget, "dim"), (part, "accent")
    if trial is not None:
        return (
            (f" on trial: {_digits(current)}{unit}", "accent"),
            (f", goes back to {_digits(trial.reverts_to)}{unit} in ", "dim"),
            (duration(trial.left_s), "accent"),
            (": K keeps it", "dim"),
        )
    return ((f" now {_digits(current)}{unit}, one step is {spec.step:g}{unit}", "dim"),)
