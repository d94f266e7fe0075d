"""What if: how the rest of a run went, and would have gone with another parameter."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

from cockpit.viewmodels.cells import Line, Segment, fit_line, plain, wrap
from cockpit.viewmodels.charts import Series, chart_lines
from cockpit.viewmodels.graphs import rail
from cockpit.viewmodels.numbers import clock, number, percent, sign_tone
from cockpit.viewmodels.tables import Cell, Column, Table
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import STATE_WORDS
from core.domain.whatif import Curve, WhatIfState, WhatIfView

BESIDE_COLUMNS = 130
"""From here on the figures stand beside the chart."""
FIGURES_COLUMNS = 60

INTRODUCTION = (
    "From one moment of the run two engines trade the rest of it on a simulated venue, one "
    "with another value of one parameter, one without. Their difference is the parameter's."
)
NO_RUN = (
    "Recorded data is traded anew while it is played: there is no run to compare with. Set "
    "the parameter here, or run a backtest with --set KEY=VALUE and compare the figures."
)
GETTING_READY = "The first comparison has the simulation compiled: up to a minute, once."
CAUTION = (
    "Changed and unchanged are simulated alike; recorded is what really happened, with other "
    "fills. One stretch of one day is one sample."
)

_FIGURES = (
    Column("", 13),
    Column("PnL", 12, is_right=True),
    Column("fees", 9, is_right=True),
    Column("fills", 6, is_right=True),
    Column("drawdown", 9, is_right=True),
    Column("at the end", 10, least_width=70),
)
_STATES = {state.name: word.lower() for state, word in STATE_WORDS.items()}


def what_if_lines(view: View, width: int, height: int) -> list[Line]:
    """The newest comparison as far as it has come, or how to ask for one."""
    if view.snapshot is None:
        return [((" waiting for the recording", "dim"),)]
    found = view.snapshot.telemetry.whatif
    if found is None:
        return _nothing_yet(view, width)
    lines: list[Line] = [_question(found)]
    if found.text:
        lines += _said(plain(found.text), width, is_wrong=found.state is WhatIfState.FAILED)
    if found.state is WhatIfState.RUNNING:
        ready = [] if found.done_pct else _said(GETTING_READY, width)
        return [*lines, (), _progress(found, width), *ready]
    if found.base is None or found.changed is None or found.recorded is None:
        word = "could not be made" if found.state is WhatIfState.FAILED else found.state.value
        lines += [(), ((f" the comparison: {word}", "warn"),), (), _how_to_ask()]
        return lines
    currency = view.meta.currency if view.meta else ""
    return [*lines, *_result(found.base, found.changed, found.recorded, currency,
                             width, height - len(lines))]  # fmt: skip


def _nothing_yet(view: View, width: int) -> list[Line]:
    if not view.is_past:
        return [(), *_said(NO_RUN, width)]
    return [(), *_said(INTRODUCTION, width), (), *_said(CAUTION, width), (), _how_to_ask()]


def _how_to_ask() -> Line:
    return ((" enter", "key"), (" chooses a parameter and a value", "dim"))


def _said(text: str, width: int, *, is_wrong: bool = False) -> list[Line]:
    return [((f" {row}", "warn" if is_wrong else "text"),) for row in wrap(text, width - 2)]


def _question(found: WhatIfView) -> Line:
    unit = f" {found.unit}" if found.unit else ""
    return (
        (f" {plain(found.key)} ", "strong"),
        (f"{found.old:g} → {found.new:g}{unit}", "warn"),
        (f"   from {clock(found.from_ts_ns)} to {clock(found.until_ts_ns)} UTC", "dim"),
    )


def _progress(found: WhatIfView, width: int) -> Line:
    before, after = rail(found.done_pct / 100, max(10, min(60, width - 40)))
    return (
        (" trading it ", "text"),
        (before, "accent"), ("●", "accent"), (after, "faint"),
        (f" {found.done_pct:>3.0f} %  ", "text"),
        ("c", "key"), (" gives it up", "dim"),
    )  # fmt: skip


def _result(
    base: Curve,
    changed: Curve,
    recorded: Curve,
    currency: str,
    width: int,
    height: int,
) -> list[Line]:
    is_beside = width >= BESIDE_COLUMNS
    columns = FIGURES_COLUMNS if is_beside else width
    figures = [
        *_figures(base, changed, recorded, columns),
        *([()] if is_beside else []),
        _worth(base, changed, currency),
        *([()] if is_beside else []),
        *(((row, "dim"),) for row in _indented(CAUTION, columns)),
    ]
    if not is_beside:
        chart = _chart(base, changed, recorded, width, height - len(figures))
        return [*figures, *chart]
    room = width - columns - 1
    chart = _chart(base, changed, recorded, room, height)
    chart += [()] * (len(figures) - len(chart))
    figures += [()] * (len(chart) - len(figures))
    return [
        (*fit_line(left, room), (" ", "text"), *right)
        for left, right in zip(chart, figures, strict=True)
    ]


def _indented(text: str, width: int) -> list[str]:
    return [f" {row}" for row in wrap(text, width - 2)]


def _chart(base: Curve, changed: Curve, recorded: Curve, width: int, height: int) -> list[Line]:
    """Profit since the beginning: equity itself would draw three lines in one row."""
    ts_ns = base.ts_ns
    series = [
        Series("changed", "own", _earned(changed, ts_ns), mark="c"),
        Series("unchanged", "accent", _earned(base, ts_ns), mark="u"),
        Series("recorded", "dim", _earned(recorded, ts_ns), mark="r"),
    ]
    return chart_lines(series, ts_ns, width, height)


def _earned(curve: Curve, ts_ns: Sequence[int]) -> list[float]:
    """Profit since the first sample, as it stood at each of these times."""
    places = (bisect.bisect_right(curve.ts_ns, ts) - 1 for ts in ts_ns)
    return [curve.equity[place] - curve.equity[0] if place >= 0 else math.nan for place in places]


def _figures(base: Curve, changed: Curve, recorded: Curve, width: int) -> list[Line]:
    table = Table(_FIGURES, width - 1)
    rows = [
        _row("c", "changed", changed),
        _row("u", "unchanged", base),
        _row("r", "recorded", recorded),
    ]
    difference: list[Cell] = [
        ("  difference", "dim"),
        _money(changed.pnl - base.pnl),
        (number(changed.fees - base.fees, 2, signed=True), "dim"),
        (number(changed.fills - base.fills, 0, signed=True), "dim"),
        (f"{number(changed.max_drawdown_pct - base.max_drawdown_pct, 2, signed=True)} %", "dim"),
        ("", "dim"),
    ]
    lines = [table.head(), *(table.row(row) for row in rows), table.row(difference)]
    return [((" ", "text"), *line) for line in lines]


def _row(mark: str, name: str, curve: Curve) -> list[Cell]:
    return [
        (f"{mark} {name}", "strong"),
        _money(curve.pnl),
        (number(curve.fees), "text"),
        (number(curve.fills, 0), "text"),
        (f"{percent(curve.max_drawdown_pct, 2)} %", "text"),
        (_STATES.get(curve.trading_state, curve.trading_state), "text"),
    ]


def _money(value: float) -> Segment:
    return (number(value, 2, signed=True), sign_tone(round(value, 2)))


def _worth(base: Curve, changed: Curve, currency: str) -> Line:
    difference = changed.pnl - base.pnl
    if base.equity == changed.equity and base.fills == changed.fills:
        return ((" the change made no difference on this stretch", "strong"),)
    return (
        (" the change is worth ", "strong"),
        _money(difference),
        (f" {plain(currency)} on this stretch", "strong"),
    )
