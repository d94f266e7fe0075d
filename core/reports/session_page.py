"""The report of a session: one HTML page that needs nothing else, to read, send and print."""

from __future__ import annotations

from html import escape

import numpy as np

from core.reports.html import document, tiles
from core.reports.session import SessionReport
from core.reports.session_drawings import drawdown_curve, equity_curve, moment, regime_bands
from core.reports.session_style import STYLE
from core.reports.session_tables import (
    figures,
    is_alarm,
    outcomes,
    parameters,
    positions,
    sentence,
    told,
    trades,
)
from core.reports.text import amount, figure, share


def session_page(report: SessionReport) -> str:
    """Write a session as a page."""
    meta = report.meta
    parts = [
        f"<h1>Session {escape(meta.run_id)}</h1>",
        f"<p>{escape(_subtitle(report))}</p>",
        *(f'<p class="warning">{escape(remark)}</p>' for remark in report.remarks),
        tiles(_headfigures(report)),
        *_curves(report),
        "<h2>Positions at the end</h2>",
        positions(report),
        *figures(report),
        "<h2>Why not: how evaluations ended</h2>",
        outcomes(report),
        *trades(report.notices),
        *told(report.notices),
        *parameters(report),
        "<h2>Verification</h2>",
        *(f"<p>{escape(line)}</p>" for line in report.verdict.lines),
        *(f"<p>{escape(name)} <code>{escape(value)}</code></p>" for name, value in report.facts),
    ]
    return document(f"Session {meta.run_id}", parts, STYLE)


def _subtitle(report: SessionReport) -> str:
    meta = report.meta
    words = [meta.profile, f"{len(meta.instruments)} instruments", report.ending]
    if report.events:
        begun, over = (moment(ts_ns, "%Y-%m-%d %H:%M:%S") for ts_ns in _ends(report))
        words.insert(1, f"{begun} to {over} UTC")
    return " · ".join(words)


def _ends(report: SessionReport) -> tuple[int, int]:
    return report.started_ns, report.ended_ns


def _headfigures(report: SessionReport) -> dict[str, str]:
    account, total = report.final.account, report.statistics.total
    return {
        f"PnL, {report.meta.currency}": amount(account.equity - report.meta.capital),
        "realized": amount(account.realized_pnl),
        "unrealized": amount(account.unrealized_pnl),
        "fees": figure(account.fees),
        "max drawdown": f"{figure(account.max_drawdown_pct)} %",
        "equity": figure(account.equity),
        "orders": f"{account.orders:,}",
        "fills": f"{account.fills:,}",
        "win rate": share(total.win_rate),
        "profit factor": figure(total.profit_factor),
        "Sharpe a year": figure(total.sharpe),
        "duration": _duration(report.ended_ns - report.started_ns),
        "halts": f"{report.halts:,}",
        "replayed": "identical" if report.verdict.is_identical else "not identical",
    }


def _duration(length_ns: int) -> str:
    seconds = length_ns // 1_000_000_000
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"


def _curves(report: SessionReport) -> list[str]:
    curve = report.curve
    head = "<h2>Equity</h2>"
    if len(curve.ts_ns) < 2:
        return [head, "<p>The run is too short for a curve: it has less than two samples.</p>"]
    if not (np.isfinite(curve.equity).all() and np.isfinite(curve.peak).all()):
        return [head, "<p>There is no curve: a value of the account is not a number.</p>"]
    alarms = [(notice.ts_ns, sentence(notice)) for notice in report.notices if is_alarm(notice)]
    key = "dashed: the peak that the drawdown is measured from" + (
        "; triangles: alarms" if alarms else ""
    )
    return [
        head,
        f'<p class="note">{key}. Times are UTC.</p>',
        equity_curve(curve.ts_ns, curve.equity, curve.peak, alarms),
        "<h2>Drawdown, per cent of the peak</h2>",
        drawdown_curve(curve.ts_ns, curve.drawdown_pct),
        "<h2>Regimes</h2>",
        (
            '<p class="note"><span class="key t">T trending</span> '
            '<span class="key m">M mean-reverting</span> '
            '<span class="key h">H high volatility</span> '
            '<span class="key u">not known yet</span></p>'
        ),
        regime_bands(curve.ts_ns, curve.regimes, [row.symbol for row in report.meta.instruments]),
    ]
