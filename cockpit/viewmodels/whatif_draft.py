"""A comparison before it is asked for: which parameter, what value, from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cockpit.viewmodels import parameters
from cockpit.viewmodels.cells import Line, fit, wrap
from cockpit.viewmodels.numbers import clock
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec

CURSOR = "▏"
MAX_CHARACTERS = 30
EFFECT_ROWS = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """What has been filled in so far."""

    needle: str = ""
    """What the parameter is looked for with."""
    row: int = 0
    """Of the chosen one, among those found."""
    chosen: int = -1
    """Its place in `RunMeta.parameters`; negative while none is taken."""
    value: str = ""
    from_start: bool = False
    trouble: str = ""
    """Why it cannot be asked for; empty for nothing."""


def specs_of(view: View) -> tuple[ParameterSpec, ...]:
    """Every live parameter of the run."""
    return view.meta.parameters if view.meta else ()


def found(draft: Draft, view: View) -> list[int]:
    """Places of the parameters that are looked for."""
    return parameters.matching(specs_of(view), draft.needle)


def move(draft: Draft, view: View, rows: int) -> Draft:
    """Choose a neighbor among those found; with a parameter taken, change where it begins."""
    if draft.chosen >= 0:
        return replace(draft, from_start=not draft.from_start, trouble="")
    return replace(draft, row=(draft.row + rows) % max(1, len(found(draft, view))))


def take(draft: Draft, view: View) -> Draft:
    """Take the chosen parameter; a value is asked for next."""
    places = found(draft, view)
    if not places:
        return replace(draft, trouble="no parameter has this in its key or effect")
    return replace(draft, chosen=places[draft.row], value="", trouble="")


def step(draft: Draft, view: View, direction: int) -> Draft:
    """Move the value by a step, from what it is now or from what was typed."""
    if draft.chosen < 0:
        return draft
    spec = specs_of(view)[draft.chosen]
    try:
        value = parameters.check(spec, draft.value) if draft.value else _now(view, draft.chosen)
    except ValueError as error:
        return replace(draft, trouble=str(error))
    return replace(draft, value=f"{parameters.step(spec, value, direction):.12g}", trouble="")


def type_character(draft: Draft, character: str) -> Draft:
    """Add to what is looked for, or to the value."""
    if draft.chosen >= 0:
        return replace(draft, value=(draft.value + character)[:MAX_CHARACTERS], trouble="")
    return replace(draft, needle=(draft.needle + character)[:MAX_CHARACTERS], row=0, trouble="")


def erase(draft: Draft) -> Draft:
    """Take the last character away."""
    if draft.chosen >= 0:
        return replace(draft, value=draft.value[:-1], trouble="")
    return replace(draft, needle=draft.needle[:-1], row=0, trouble="")


def refused(draft: Draft, reason: str) -> Draft:
    """Say why it cannot be asked for."""
    return replace(draft, trouble=reason)


def args_of(draft: Draft, view: View) -> dict[str, str]:
    """
    Say what to ask the engine for.

    Raises:
        ValueError: If the value is missing or not allowed; says what is.
    """
    spec = specs_of(view)[draft.chosen]
    if not draft.value:
        raise ValueError(f"type a value, or step to one: {parameters.bounds(spec)}")
    value = parameters.check(spec, draft.value)
    args = {"key": spec.key, "value": f"{value:.12g}"}
    return args | ({"where": "start"} if draft.from_start else {})


def draft_lines(draft: Draft, view: View, width: int, height: int) -> list[Line]:
    """A list to choose from, then the value of the one that was taken."""
    if draft.chosen < 0:
        return _list_lines(draft, view, width, height)
    spec = specs_of(view)[draft.chosen]
    unit = f" {spec.unit}" if spec.unit else ""
    effect = wrap(spec.effect, width - 2)[:EFFECT_ROWS]
    is_begun = view.snapshot is not None and view.snapshot.ts_ns
    moment = f"now, {clock(view.snapshot.ts_ns)} UTC" if view.snapshot and is_begun else "now"
    lines: list[Line] = [
        ((f" {spec.key}", "strong"),),
        *(((f" {row}", "dim"),) for row in effect),
        (),
        ((f" is {_now(view, draft.chosen):.7g}{unit} now, may be ", "text"),
         (parameters.bounds(spec), "text")),
        ((" what if it were ", "key"), (draft.value, "strong"), (CURSOR, "accent")),
        ((" from ", "key"), ("the start of the run" if draft.from_start else moment, "strong"),
         (" to the end", "dim")),
        *(((f" {row}", "warn"),) for row in wrap(draft.trouble, width - 2)[:2] if row),
    ]  # fmt: skip
    lines += [()] * (height - 1 - len(lines))
    return [
        *lines[: height - 1],
        ((" enter", "key"), (" compares  ", "dim"), ("←→", "key"), (" steps  ", "dim"),
         ("↑↓", "key"), (" from where  ", "dim"), ("esc", "key"), (" back", "dim")),
    ]  # fmt: skip


def _list_lines(draft: Draft, view: View, width: int, height: int) -> list[Line]:
    specs, places = specs_of(view), found(draft, view)
    rows = max(1, height - 4)
    first = max(0, min(draft.row - rows // 2, len(places) - rows))
    lines: list[Line] = [
        ((" parameter ", "key"), (draft.needle, "strong"), (CURSOR, "accent")),
        (),
        *(
            _choice(specs[place], _now(view, place), width, is_here=row == draft.row)
            for row, place in enumerate(places[first : first + rows], first)
        ),
    ]
    lines += [()] * (height - 2 - len(lines))
    effect: Sequence[int] = places[draft.row : draft.row + 1]
    said = draft.trouble or (specs[effect[0]].effect if effect else "nothing is called so")
    return [
        *lines,
        ((f" {fit(said, width - 2)}", "warn" if draft.trouble else "dim"),),
        ((" enter", "key"), (" takes it  ", "dim"), ("↑↓", "key"), (" chooses  ", "dim"),
         ("esc", "key"), (" asks nothing", "dim")),
    ]  # fmt: skip


def _choice(spec: ParameterSpec, now: float, width: int, *, is_here: bool) -> Line:
    return (
        (" ▸ " if is_here else "   ", "key"),
        (fit(spec.key, width - 16), "strong" if is_here else "text"),
        (f"{now:>11.7g}", "text"),
    )


def _now(view: View, place: int) -> float:
    values = view.snapshot.parameters if view.snapshot else ()
    return values[place] if place < len(values) else specs_of(view)[place].default
