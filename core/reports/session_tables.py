"""Tables of a session report: what is held, earned, refused, traded, commanded and set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from core.api.topics import Figures
from core.domain.enums import Outcome, Regime, Side
from core.domain.snapshot import InstrumentView, Notice, OutcomeView
from core.reports.html import table
from core.reports.session import SessionReport
from core.reports.session_drawings import moment
from core.reports.text import amount, figure, share

MOST_ROWS = 500
"""Rows of a list, the newest ones: a page of more is neither read nor printed."""

_TOLD = ("command", "note", "state", "engine")
"""Kinds of notices that are listed whatever their severity."""


def positions(report: SessionReport) -> str:
    """What each instrument holds and has made, at the end."""
    heads = ("instrument", "position", "by hand", "entry", "mark", "realized", "unrealized",
             "fees", "of equity", "fills")  # fmt: skip
    rows = [
        (
            row.symbol,
            _plain(row.position, sign=True),
            _plain(row.manual_position, sign=True),
            _plain(row.avg_entry_price),
            _plain(_mark(row)),
            amount(row.realized_pnl),
            amount(row.unrealized_pnl),
            figure(row.fees),
            f"{row.exposure_pct:.1f} %",
            f"{row.fills:,}",
        )
        for row in report.final.instruments
    ]
    return table(heads, rows)


def _mark(row: InstrumentView) -> float:
    """Mid now, or the last one that there was: an orderly end leaves no book behind."""
    known = [mid for mid in (*row.timeline.mid, row.mid) if np.isfinite(mid)]
    return known[-1] if known else row.mid


def _plain(value: float, *, sign: bool = False) -> str:
    """A price or size without zeros behind it; a dash for none."""
    if not np.isfinite(value):
        return "-"
    text = f"{value:+,.4f}" if sign and value else f"{value:,.4f}"
    return text.rstrip("0").rstrip(".")


def figures(report: SessionReport) -> list[str]:
    """How trading went: by regime, by instrument, by origin."""
    statistics = report.statistics
    if not statistics.total.fills:
        return ["<h2>Trading</h2>", "<p>Nothing was traded: the next table says why.</p>"]
    by_regime = {
        Regime[name].name.lower().replace("_", " "): row
        for name, row in statistics.by_regime.items()
    }
    by_origin = {name.lower(): row for name, row in statistics.by_origin.items()}
    return [
        "<h2>By regime</h2>",
        _figures_table("regime", by_regime, is_timed=True),
        "<h2>By instrument</h2>",
        _figures_table("instrument", statistics.by_instrument),
        "<h2>By origin, realized only</h2>",
        _figures_table("origin", by_origin),
    ]


def _figures_table(name: str, rows: Mapping[str, Figures], *, is_timed: bool = False) -> str:
    heads = [name, "PnL", "fees", "fills", "win rate", "profit factor", "Sharpe", "maker",
             "volume"]  # fmt: skip
    if is_timed:
        heads.append("of time")
    seconds = sum(row.seconds for row in rows.values())
    cells = []
    for label, row in rows.items():
        line = [
            label,
            amount(row.pnl),
            figure(row.fees),
            f"{row.fills:,}",
            share(row.win_rate),
            figure(row.profit_factor),
            figure(row.sharpe),
            share(row.maker_fills / row.fills if row.fills else None),
            f"{row.volume:,.0f}",
        ]
        if is_timed:
            line.append(share(row.seconds / seconds if seconds else None))
        cells.append(line)
    return table(heads, cells)


def outcomes(report: SessionReport) -> str:
    """How evaluations ended: counts by code, and the last example."""
    counts = report.final.account.outcomes
    total = sum(counts.values())
    if not total:
        return "<p>Nothing was evaluated.</p>"
    examples = _newest_examples(report.final.instruments)
    rows = []
    for code, count in sorted(counts.items(), key=lambda item: -item[1]):
        if not count:
            continue
        symbol, example = examples.get(code, ("", None))
        last = f"{symbol} {moment(example.ts_ns)}" if example else "-"
        compared = f"{example.value:.4g} against {example.limit:.4g}" if example else "-"
        name = code.name.lower().replace("_", " ")
        rows.append((name, f"{count:,}", share(count / total), last, compared))
    return table(("outcome", "evaluations", "share", "last", "value against limit"), rows)


def _newest_examples(
    instruments: Iterable[InstrumentView],
) -> dict[Outcome, tuple[str, OutcomeView]]:
    """By code the instrument and the evaluation that ended so last."""
    found: dict[Outcome, tuple[str, OutcomeView]] = {}
    for row in instruments:
        for code, example in row.outcome_examples.items():
            if code not in found or example.ts_ns > found[code][1].ts_ns:
                found[code] = (row.symbol, example)
    return found


def trades(notices: Sequence[Notice]) -> list[str]:
    """The fills, with what spoke for them."""
    fills = [notice for notice in notices if notice.kind == "fill" and notice.side]
    if not fills:
        return ["<h2>Trades</h2>", "<p>There was none.</p>"]
    rows = [
        (
            moment(fill.ts_ns, "%m-%d %H:%M:%S"),
            fill.instrument,
            Side(fill.side).name,
            _plain(fill.quantity),
            _plain(fill.price),
            fill.text.removeprefix("filled").strip(", "),
            fill.reason or "-",
        )
        for fill in reversed(fills[-MOST_ROWS:])
    ]
    heads = ("time", "instrument", "side", "size", "price", "how", "why")
    return ["<h2>Trades</h2>", _counted(len(rows), len(fills)), table(heads, rows, "trades")]


def _counted(shown: int, total: int) -> str:
    if shown == total:
        return f'<p class="note">All {total:,}, newest first.</p>'
    return f'<p class="note">The newest {shown:,} of {total:,}, newest first.</p>'


def is_alarm(notice: Notice) -> bool:
    """Tell whether somebody should have looked at once."""
    return notice.severity == "alarm"


def sentence(notice: Notice) -> str:
    """A notice in one line."""
    return f"{notice.instrument} {notice.text}".strip()


def told(notices: Sequence[Notice]) -> list[str]:
    """Commands with who gave them, alarms, and what the engine said of itself."""
    found = [notice for notice in notices if notice.kind in _TOLD or notice.severity != "info"]
    head = "<h2>Commands and alarms</h2>"
    if not found:
        return [head, "<p>There was none.</p>"]
    rows = [
        (moment(notice.ts_ns, "%m-%d %H:%M:%S"), notice.severity, notice.kind, sentence(notice))
        for notice in reversed(found[-MOST_ROWS:])
    ]
    heads = ("time", "severity", "kind", "what, and who")
    return [head, _counted(len(rows), len(found)), table(heads, rows, "told")]


def parameters(report: SessionReport) -> list[str]:
    """Changes of live parameters with who made them, and all values."""
    parts = ["<h2>Parameters</h2>"]
    if report.changes:
        rows = [
            (
                moment(change.ts_ns, "%m-%d %H:%M:%S"),
                change.key,
                f"{change.old:.12g}",
                f"{change.new:.12g}",
                "-" if change.revert_s is None else f"for {change.revert_s:g} s",
                change.who,
            )
            for change in reversed(report.changes[-MOST_ROWS:])
        ]
        heads = ("time", "parameter", "from", "to", "on trial", "by")
        parts += [_counted(len(rows), len(report.changes)), table(heads, rows, "told")]
    else:
        parts.append('<p class="note">None was changed while trading.</p>')
    values = zip(
        report.meta.parameters, report.parameters_at_start, report.final.parameters, strict=True
    )
    cells = [
        (
            spec.key,
            f"{start:.12g}",
            "" if start == end else f"{end:.12g}",
            spec.unit,
            spec.effect,
        )
        for spec, start, end in values
    ]
    names = ("parameter", "at the start", "at the end", "unit", "what raising it does")
    return [*parts, table(names, cells, "parameters")]
