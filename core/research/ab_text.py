"""A comparison of two runs for a terminal: plain lines, no colors, 80 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping

from core.domain.instrument import NANOS
from core.reports.bootstrap import LEVEL_PCT
from core.reports.session_drawings import moment
from core.reports.verdict import length
from core.research.ab import AbReport, Compared, article

_WIDTH = 80
_NAME = 15


def ab_text(report: AbReport) -> str:
    """Write a comparison for a person."""
    one, other = report.names
    unit = article(report.unit)
    lines = [
        *_wrapped(f"A {one}   B {other}"),
        *_wrapped(when(report)),
        "",
        *_wrapped(report.verdict),
        *(line for remark in report.remarks for line in _wrapped(remark)),
        "",
        _heads("", "p"),
        _row(f"PnL {unit}", report.pnl, report.pnl.p_value),
        _row("Sharpe a year", report.sharpe, report.sharpe.p_value),
        *_parts("instrument", report.by_instrument),
        *_parts("regime, as A saw", report.by_regime),
        "",
        *_wrapped(
            f"Paired bootstrap, {report.resamples:,} resamples of {report.bars:,} bars of "
            f"{length(report.bar_s)} in blocks of about {report.block_bars:.0f}. q is p, "
            "adjusted for the number of parts."
        ),
    ]
    return "\n".join(line.rstrip() for line in lines)


def when(report: AbReport) -> str:
    """Say what time is compared."""
    form = "%Y-%m-%d %H:%M:%S"
    span_s = (report.end_ns - report.start_ns) / NANOS
    return f"{moment(report.start_ns, form)} to {moment(report.end_ns, form)} UTC, {length(span_s)}"


def written(value: float, sign: str = "") -> str:
    """A number with as many decimals as it is worth, or a dash."""
    if not math.isfinite(value):
        return "-"
    for letter, size in (("G", 1e9), ("M", 1e6)):
        if abs(value) >= 10 * size:
            return f"{value / size:{sign}z,.1f}{letter}"
    return f"{value:{sign}z,.{0 if abs(value) >= 1_000 else 2}f}"


def chance(value: float) -> str:
    """A probability, or a dash."""
    return "-" if math.isnan(value) else f"{value:.3f}" if value >= 0.001 else "<0.001"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _heads(name: str, last: str) -> str:
    band = f"{LEVEL_PCT} % interval"
    return f"{name:<{_NAME + 1}}{'A':>11}{'B':>11}{'B - A':>11}   {band:^20}{last:>8}"


def _row(name: str, row: Compared, last: float) -> str:
    band = f"{written(row.low)} to {written(row.high)}" if not math.isnan(row.low) else "-"
    label = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    cells = f"{written(row.a):>11}{written(row.b):>11}{written(row.difference, '+'):>11}"
    return f"{label:<{_NAME + 1}}{cells}   {band:^20}{chance(last):>8}"


def _parts(name: str, rows: Mapping[str, Compared]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield _heads(name, "q")
    for label, row in rows.items():
        yield _row(label.lower() if name.startswith("regime") else label, row, row.q_value)
