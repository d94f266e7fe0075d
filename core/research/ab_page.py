"""A comparison of two runs as one HTML page that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from html import escape

import numpy as np

from core.domain.memory import FloatArray
from core.reports.bootstrap import LEVEL_PCT
from core.reports.drawing import points, svg, text
from core.reports.frame import Frame, aired
from core.reports.html import document, table, tiles
from core.reports.page_style import STYLE
from core.reports.session_drawings import TimeAxis
from core.reports.verdict import length
from core.research.ab import AbCurve, AbReport, Compared, article
from core.research.ab_text import chance, when, written

_WIDTH, _LEFT, _RIGHT = 992.0, 106.0, 12.0

_STYLE = """
.of-a { fill: none; stroke: currentColor; stroke-opacity: .6; stroke-width: 1.4 }
.of-b { fill: none; stroke: var(--up); stroke-width: 1.8; stroke-linejoin: round }
.key.of-a::before { background: currentColor; opacity: .6 }
.key.of-b::before { background: var(--up) }
.chance { fill: currentColor; fill-opacity: .08; stroke: none }
"""


def ab_page(report: AbReport) -> str:
    """Write a comparison as a page."""
    one, other = report.names
    title = f"{one} against {other}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(when(report))}</p>",
        f'<div class="verdict"><p>{escape(report.verdict)}</p></div>',
        *(f'<p class="warning">{escape(remark)}</p>' for remark in report.remarks),
        _tiles(report),
        *_curves(report),
        *_parts(f"By instrument, {article(report.unit)}", "instrument", report.by_instrument),
        *_parts(
            f"By regime as {one} saw it, {article(report.unit)}",
            "regime",
            {name.lower().replace("_", " "): row for name, row in report.by_regime.items()},
        ),
        "<h2>How it was judged</h2>",
        (
            f"<p>{report.bars:,} bars of {length(report.bar_s)}, resampled "
            f"{report.resamples:,} times in blocks of about {report.block_bars:.0f}, both runs "
            f"alike (seed {report.seed}). p is the share of resamples that stray from the "
            "difference found by at least its size; q is p, adjusted for the number of parts. A "
            "detectable difference is one that would be seen four times in five.</p>"
        ),
    ]
    return document(title, parts, STYLE + _STYLE)


def _tiles(report: AbReport) -> str:
    unit = article(report.unit)
    pnl, sharpe = report.pnl, report.sharpe
    names = {f"PnL {unit}, B - A": pnl, "Sharpe a year, B - A": sharpe}
    figures = {
        f"A, PnL {unit}": written(pnl.a, "+"),
        f"B, PnL {unit}": written(pnl.b, "+"),
        **{name: written(row.difference, "+") for name, row in names.items()},
        "p": chance(pnl.p_value),
        f"detectable {unit}": written(pnl.detectable),
    }
    said = {name: _band(row) for name, row in names.items()}
    return tiles(figures, said | {"p": f"Sharpe {chance(sharpe.p_value)}"})


def _band(row: Compared) -> str:
    return "-" if math.isnan(row.low) else f"{written(row.low)} to {written(row.high)}"


def _curves(report: AbReport) -> list[str]:
    curve = report.curve
    if len(curve.ts_ns) < 2:
        return ["<h2>Profit</h2>", "<p>Both ran too shortly for a curve.</p>"]
    one, other = report.names
    return [
        "<h2>Profit of both</h2>",
        (
            f'<p class="note"><span class="key of-a">A {escape(one)}</span> '
            f'<span class="key of-b">B {escape(other)}</span> Times are UTC.</p>'
        ),
        _both_curves(curve),
        "<h2>Difference, B less A</h2>",
        (
            '<p class="note">Gray: where nine in ten differences would stand at each moment if '
            "there were none but chance.</p>"
        ),
        _difference_curve(curve),
    ]


def _both_curves(curve: AbCurve) -> str:
    def lines(frame: Frame, times: FloatArray) -> list[str]:
        return [
            f'<polyline points="{points(frame.curve(times, values))}" class="{kind}"/>'
            for values, kind in ((curve.a, "of-a"), (curve.b, "of-b"))
        ]

    reach = [float(end) for one in (curve.a, curve.b) for end in (one.min(), one.max())]
    label = f"profit of both, at the end {curve.a[-1]:+,.2f} and {curve.b[-1]:+,.2f}"
    return _drawing(curve, 280.0, reach, label, lines)


def _difference_curve(curve: AbCurve) -> str:
    difference = curve.b - curve.a

    def lines(frame: Frame, times: FloatArray) -> list[str]:
        # The band is smooth: every tenth of a hundred points is enough.
        few = np.unique(np.linspace(0, len(times) - 1, 100).astype(np.int64))
        upper = [frame.place(float(times[i]), float(curve.chance[i])) for i in few]
        lower = [frame.place(float(times[i]), -float(curve.chance[i])) for i in reversed(few)]
        return [
            f'<polygon points="{points([*upper, *lower])}" class="chance"/>',
            f'<polyline points="{points(frame.curve(times, difference))}" class="of-b"/>',
        ]

    most = float(curve.chance.max())
    reach = [-most, most, float(difference.min()), float(difference.max())]
    label = f"profit of B less that of A, at the end {difference[-1]:+,.2f}"
    return _drawing(curve, 220.0, reach, label, lines)


def _drawing(
    curve: AbCurve,
    height: float,
    reach: list[float],
    label: str,
    lines: Callable[[Frame, FloatArray], list[str]],
) -> str:
    """Frame curves over the time that both ran."""
    top, bottom = 8.0, height - 22.0
    axis = TimeAxis(int(curve.ts_ns[0]), int(curve.ts_ns[-1]))
    low, high = aired(reach)
    frame = Frame(_LEFT, _WIDTH - _RIGHT, top, bottom, axis.start_ns, axis.end_ns, low, high)
    parts = [*frame.rules(), *axis.marks(top, bottom), *lines(frame, curve.ts_ns.astype(float))]
    return svg(_WIDTH, height, label, parts)


def _parts(title: str, name: str, rows: Mapping[str, Compared]) -> list[str]:
    if not rows:
        return []
    cells = [
        (
            label,
            written(row.a, "+"),
            written(row.b, "+"),
            written(row.difference, "+"),
            _band(row),
            chance(row.p_value),
            chance(row.q_value),
            written(row.detectable),
        )
        for label, row in rows.items()
    ]
    heads = (name, "A", "B", "B - A", f"{LEVEL_PCT} % interval", "p", "q", "detectable")
    return [
        f"<h2>{escape(title)}</h2>",
        _interval_bars({label: row for label, row in rows.items() if not math.isnan(row.low)}),
        table(heads, cells),
    ]


def _interval_bars(rows: Mapping[str, Compared]) -> str:
    """Draw each difference as a dot with its interval, around a line at 0."""
    if not rows:
        return ""
    left, right, high = 210.0, 12.0, 24.0
    height = high * len(rows) + 8
    low_end, high_end = aired([end for row in rows.values() for end in (row.low, row.high)])
    frame = Frame(left, _WIDTH - right, 4.0, height - 4.0, low_end, high_end, 0.0, 1.0)
    zero = frame.across(0.0)
    parts = [f'<path d="M{zero:.1f} 2V{height - 2:.1f}" class="zero"/>']
    for number, (label, row) in enumerate(rows.items()):
        y = 4.0 + high * (number + 0.5)
        kind = "maker" if row.difference >= 0 else "taker"
        parts += [
            text(left - 12, y + 4, label, "end"),
            (
                f'<path d="M{frame.across(row.low):.1f} {y:.1f}H{frame.across(row.high):.1f}" '
                f'class="curve {kind}"/>'
            ),
            (
                f'<circle cx="{frame.across(row.difference):.1f}" cy="{y:.1f}" r="4" '
                f'class="dot {kind}"/>'
            ),
        ]
    return svg(_WIDTH, height, "differences with their intervals", parts)
