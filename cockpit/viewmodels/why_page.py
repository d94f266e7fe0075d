"""The page that explains a decision: every signal, regime, change, level, models, spreads."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone
from cockpit.viewmodels.graphs import bar
from cockpit.viewmodels.heatmap import OUT
from cockpit.viewmodels.numbers import NOTHING, number, ratio, sign_tone
from cockpit.viewmodels.regime import change_words, model_words, named, probabilities
from cockpit.viewmodels.signals import foremost, is_live, ticks, value_tone
from cockpit.viewmodels.spreads import spread_line, spreads_of
from cockpit.viewmodels.view import View
from cockpit.viewmodels.why import alerts, level_words, verdict, why_chain
from cockpit.viewmodels.words import SIGNAL_NAMES
from core.domain.enums import OrderOrigin, Signal, SignalFault
from core.domain.snapshot import EngineSnapshot, InstrumentView

NAME = 13
HOLDERS = {
    OrderOrigin.STRATEGY: "strategy",
    OrderOrigin.MANUAL: "by hand",
    OrderOrigin.ORPHAN: "found",
}
LEAST_SIGNALS = 3


def why_page_lines(view: View, width: int, height: int) -> list[Line]:
    """The chain, the signals as a table, then what surrounds them; signals give way."""
    snapshot, instrument = view.snapshot, view.instrument
    if snapshot is None or instrument is None:
        return [(("waiting for the engine", "dim"),)]
    head: list[Line] = [
        ((f" {instrument.symbol}  ", "strong"), *verdict(instrument)),
        ((" ", "text"), *why_chain(view, instrument)),
        (),
    ]
    around = _around(view, snapshot, instrument, width)
    silent = _silent(instrument)
    rows = height - len(head) - 1 - len(silent) - 1 - len(around)
    signals, left_out = foremost((instrument,), max(LEAST_SIGNALS, rows))
    table = [_table_head(left_out), *(_row(instrument, signal, width) for signal in signals)]
    return [*head, *table, *silent, (), *around][:height]


def _table_head(left_out: int) -> Line:
    more = f"   {left_out} more" if left_out else ""
    text = f"{'says':>6}{'usual':>8}{'reach':>10}{'counts':>10}{'= ticks':>10}{more}"
    return ((f" {'signal':<{NAME}}{text}", "dim"),)


def _row(instrument: InstrumentView, signal: Signal, width: int) -> Line:
    value, part = instrument.signals[signal], instrument.parts_ticks[signal]
    is_out = signal is Signal.MINE and instrument.mine_fault is not SignalFault.NONE
    says: Segment = (f"{OUT:>6}", "warn") if is_out else (f"{ratio(value):>6}", value_tone(value))
    largest = max((abs(p) for p in instrument.parts_ticks if math.isfinite(p)), default=0.0)
    fill: Tone = "up_fill" if part > 0 else "down_fill"
    return (
        (f" {SIGNAL_NAMES[signal]:<{NAME}}", "text"),
        says,
        (f"{'±' + ratio(instrument.deviations[signal]).strip().lstrip('+'):>8}", "dim"),
        (f"{ticks(instrument.reach_ticks[signal], signed=False):>10}", "text"),
        (f"{_factor(instrument.coefficients[signal]):>10}", "text"),
        (f"{ticks(part):>10}", sign_tone(part)),
        ("  ", "text"),
        (bar(abs(part) / largest if largest > 0 else 0.0, min(40, max(0, width - 61))), fill),
    )


def _silent(instrument: InstrumentView) -> list[Line]:
    names = [SIGNAL_NAMES[signal] for signal in Signal if not is_live(instrument, signal)]
    return [((" silent: ", "dim"), (", ".join(names), "dim"))] if names else []


def _around(
    view: View, snapshot: EngineSnapshot, instrument: InstrumentView, width: int
) -> list[Line]:
    """Regime, change, level and models, then alerts and spreads: a row each."""
    now_ns = snapshot.ts_ns
    rows: list[tuple[str, Line]] = [
        ("regime", (*named(view, instrument), ("   ", "text"), *probabilities(instrument))),
        ("change", change_words(instrument.change, now_ns)),
        ("level", level_words(instrument, view.describe(instrument.index))),
        ("models", (*_updates(snapshot), *model_words(instrument.model, now_ns))),
    ]
    rows += [("held", _held(view, instrument))] if OrderOrigin.MANUAL in instrument.parts else []
    rows += [("", line) for line in alerts(instrument)]
    spreads = spreads_of(snapshot, instrument.index)
    rows += [
        ("spread" if place == 0 else "", spread_line(view, spread, width - 9))
        for place, spread in enumerate(spreads)
    ]
    return [((f" {name:<8}", "dim"), *line) for name, line in rows]


def _held(view: View, instrument: InstrumentView) -> Line:
    """Whose the position is, where people have traded too."""
    decimals = view.describe(instrument.index).size_decimals
    line: list[Segment] = []
    for origin, part in instrument.parts.items():
        pnl = part.realized_pnl + part.unrealized_pnl - part.fees
        line += [
            (f"{HOLDERS.get(origin, '')} ", "dim"),
            (number(part.position, decimals, signed=True), "text"),
            (" earned ", "dim"),
            (f"{number(pnl, 2, signed=True)}   ", sign_tone(pnl)),
        ]
    return tuple(line)


def _updates(snapshot: EngineSnapshot) -> Line:
    account = snapshot.account
    refused: Segment = (
        f", {account.models_refused} refused",
        "warn" if account.models_refused else "dim",
    )
    return ((f"{account.models} updates taken", "dim"), refused, ("   ", "text"))


def _factor(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else NOTHING
