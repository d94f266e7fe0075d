"""Trades, and why not: every order with its reason, every silence with its cause."""

from __future__ import annotations

import re

from cockpit.viewmodels.cells import Line, Segment, Tone, cell_width, fit, line_width, plain, wrap
from cockpit.viewmodels.numbers import clock, number
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import (
    ABOVE_LIMIT,
    FAULT_WORDS,
    OUTCOME_WORDS,
    SATISFIED,
    WITHOUT_NUMBERS,
)
from core.domain.enums import Outcome, SignalFault
from core.domain.snapshot import InstrumentView, Notice, OutcomeView

NOTICE_TONES: dict[str, Tone] = {"info": "text", "warning": "warn", "alarm": "alarm"}
NOTICE_MARKS: dict[str, str] = {
    "order": "→",
    "fill": "✓",
    "reject": "✗",
    "cancel": "○",
    "state": "■",
    "command": "»",
    "venue": "~",
    "risk": "!",
    "engine": "·",
}

REASON_ROWS = 2
SHORTER = (
    (", ", " "),
    ("micro ", "mic "),
    (" ticks", "t"),
    ("strength ", "str "),
    ("confidence ", "conf "),
    ("mean-reverting", "mean-rev"),
    ("high-volatility", "high-vol"),
)
"""So that a reason fits into two rows at 120 columns."""

LEADING_ZERO = re.compile(r"([+-])0\.")
INDENT = " " * 11
"""Under the text of a notice, past its time and mark."""


def trades_title(view: View) -> Line:
    """How often a signal led to an order, of how many looks."""
    if view.snapshot is None:
        return ()
    account = view.snapshot.account
    traded = account.outcomes.get(Outcome.TRADE, 0)
    return (
        (number(traded, 0), "up"),
        (" of ", "dim"),
        (number(account.evaluations, 0), "text"),
        (" looks", "dim"),
    )


def trades_lines(view: View, width: int, height: int) -> list[Line]:
    """Newest notices on top; below, why each instrument does not trade now."""
    if view.snapshot is None:
        return _waiting(view, width)
    instruments = view.snapshot.instruments
    reasons = [
        *quarantine(instruments),
        *(
            blocked_line(view, instrument, width)
            for instrument in _blocked(instruments, view.selected)
        ),
    ]
    silent = min(len(reasons), max(2, height // 3))
    events = height - silent - (1 if height >= 12 and silent else 0)
    lines: list[Line] = []
    for notice in reversed(view.notices):
        lines += notice_lines(notice, width, roomy=height >= 12)
        if len(lines) >= events:
            break
    lines = lines[:events]
    lines += [()] * (events - len(lines))
    if height >= 12 and silent:
        lines.append((("why not", "title"), (" " + "┈" * (width - 8), "faint")))
    return [*lines, *reasons[:silent]]


def notice_lines(notice: Notice, width: int, *, roomy: bool) -> list[Line]:
    """One thing that happened; its reason beside it, or below it where there is room."""
    tone = NOTICE_TONES.get(notice.severity, "text")
    head: list[Segment] = [
        (f"{clock(notice.ts_ns)} ", "dim"),
        (f"{NOTICE_MARKS.get(notice.kind, '·')} ", tone),
    ]
    if notice.instrument:
        head.append((f"{plain(notice.instrument)} ", "strong"))
    head += [*_deal(notice), (plain(notice.text), tone)]
    if not notice.reason:
        return [tuple(head)]
    reason = _shortened(plain(notice.reason))
    left = width - line_width(head) - 2
    if roomy and notice.kind == "order" and left < cell_width(reason):
        below = wrap(reason, width - len(INDENT))[:REASON_ROWS]
        return [tuple(head), *(((INDENT + row, "dim"),) for row in below)]
    return [(*head, (f"  {reason}", "dim"))] if left > 12 else [tuple(head)]


def _shortened(reason: str) -> str:
    for long, short in SHORTER:
        reason = reason.replace(long, short)
    return LEADING_ZERO.sub(r"\1.", reason)


def _deal(notice: Notice) -> list[Segment]:
    """Side, size and price, where a notice has them."""
    if not notice.side or not notice.quantity:
        return []
    side: Segment = ("BUY", "up") if notice.side > 0 else ("SELL", "down")
    return [side, (f" {notice.quantity:,.10g} @ {notice.price:,.10g}  ", "text")]


def quarantine(instruments: tuple[InstrumentView, ...]) -> list[Line]:
    """Say that the user's own signal is out, why, and in how many instruments."""
    faulty = [i for i in instruments if i.mine_fault is not SignalFault.NONE]
    if not faulty:
        return []
    words = f"own signal out: {FAULT_WORDS[faulty[0].mine_fault]}"
    where = faulty[0].symbol if len(faulty) == 1 else f"{len(faulty)} of {len(instruments)}"
    return [(("✗ ", "warn"), (words, "warn"), (f"  {where}", "dim"))]


def blocked_line(view: View, instrument: InstrumentView, width: int) -> Line:
    """Why an instrument does not trade: words, what was measured, what was asked, how often."""
    outcome = instrument.outcome
    numbers = measured(outcome)
    if width < 60:
        numbers = numbers.replace(" ", "")
    repeats = f"x{number(outcome.repeats, 0)}"
    selected = instrument.index == view.selected
    symbol = fit(instrument.symbol, 10 if width < 60 else 15)
    words = OUTCOME_WORDS.get(outcome.code, outcome.code.name)
    if outcome.code is Outcome.BAD_SIGNAL:
        words = f"{words}: {FAULT_WORDS[instrument.mine_fault]}"
    left = width - 2 - len(symbol) - 1 - len(repeats) - 1
    why = fit(f"{words} {numbers}", left)
    return (
        ("∅ ", "dim"),
        (f"{symbol} ", "selected" if selected else "text"),
        (why, "text"),
        (f" {repeats}", "dim"),
    )


def measured(outcome: OutcomeView) -> str:
    """What was measured against which limit; empty where that says nothing."""
    if outcome.code in WITHOUT_NUMBERS or not (outcome.value or outcome.limit):
        return ""
    if outcome.code is Outcome.STOP_LOSS and not outcome.value:
        return ""
    relation = ">" if outcome.code in ABOVE_LIMIT else "<"
    return f"{_short(outcome.value)} {relation} {_short(outcome.limit)}"


def _waiting(view: View, width: int) -> list[Line]:
    """What to do while there is nothing to show."""
    return [
        *(((row, "text"),) for row in wrap(plain(view.link.text) or "no engine yet", width)),
        (),
        (
            ("q", "key"),
            (" leave, then ", "dim"),
            ("imc-cockpit doctor", "accent"),
            (" says more", "dim"),
        ),
    ]


def _short(value: float) -> str:
    """Two digits after the point below one, without a leading zero; fewer above."""
    if abs(value) < 1:
        return f"{value:.2f}".replace("0.", ".", 1)
    return f"{value:,.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:,.0f}"


def _blocked(instruments: tuple[InstrumentView, ...], selected: int) -> list[InstrumentView]:
    blocked = [instrument for instrument in instruments if instrument.outcome.code not in SATISFIED]
    return sorted(blocked, key=lambda instrument: instrument.index != selected)
