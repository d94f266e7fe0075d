"""Fair values: what each instrument trades at, and what it should be worth, by whom."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, plain
from cockpit.viewmodels.numbers import NOTHING, number, sign_tone
from cockpit.viewmodels.regime import model_words
from cockpit.viewmodels.spreads import spread_line, spreads_of
from cockpit.viewmodels.tables import Cell, Column, Table
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import SIGNAL_NAMES
from core.domain.enums import Signal
from core.domain.snapshot import InstrumentView

_COLUMNS = (
    Column("", 16),
    Column("bid", 10, is_right=True),
    Column("ask", 10, is_right=True),
    Column("micro", 10, is_right=True),
    Column("level", 10, is_right=True),
    Column("usual ±", 8, is_right=True, least_width=84),
    Column("fair", 10, is_right=True),
    Column("ticks off", 9, is_right=True),
)


def fair_value_lines(view: View, width: int) -> list[Line]:
    """A row an instrument; below, the spreads that tie instruments to each other."""
    snapshot = view.snapshot
    if snapshot is None:
        return [((" waiting for the engine", "dim"),)]
    table = Table(_COLUMNS, width - 2)
    lines: list[Line] = [
        ((" level: Kalman prediction of the next mid; fair: mid and the move expected", "dim"),),
        (),
        ((" ", "text"), *table.head()),
    ]
    lines += [((" ", "text"), *table.row(_row(view, row))) for row in snapshot.instruments]
    if snapshot.spreads:
        lines += [(), ((" Baskets and pairs", "title"),)]
    lines += [((" ", "text"), *spread_line(view, spread, width - 2)) for spread in snapshot.spreads]
    return lines


def _row(view: View, instrument: InstrumentView) -> list[Cell]:
    meta = view.describe(instrument.index)
    decimals = meta.price_decimals + 1
    ticks = instrument.edge.ticks
    fair = instrument.mid + ticks * meta.tick_size
    own = instrument.index == view.selected
    return [
        (plain(instrument.symbol), "selected" if own else "text"),
        (number(instrument.bid, meta.price_decimals), "text"),
        (number(instrument.ask, meta.price_decimals), "text"),
        (number(instrument.microprice, decimals), "text"),
        (number(instrument.level, decimals), "text"),
        (number(instrument.level_deviation, decimals), "dim"),
        (number(fair, decimals), "strong"),
        (number(ticks, 2, signed=True) if math.isfinite(ticks) else NOTHING, sign_tone(ticks)),
    ]


_MODEL_COLUMNS = (
    Column("", 16),
    Column("edges", 34, least_width=90),
    Column("signals that count, share of the move", 0),
)


def models_lines(view: View, width: int) -> list[Line]:
    """Which signals have an edge where, as fitted: what the decisions rest on."""
    snapshot = view.snapshot
    if snapshot is None:
        return [((" waiting for the engine", "dim"),)]
    account = snapshot.account
    table = Table(_MODEL_COLUMNS, width - 2)
    lines: list[Line] = [
        (
            (f" {account.models} updates taken", "text"),
            (f", {account.models_refused} refused", "warn" if account.models_refused else "dim"),
            ("   imc-cockpit research DATA tests what a recording holds", "dim"),
        ),
        (),
        ((" ", "text"), *table.head()),
    ]
    for row in snapshot.instruments:
        lines.append(((" ", "text"), *table.row(_model_row(row, snapshot.ts_ns))))
        lines += [
            ((" " * 18, "text"), *spread_line(view, spread, width - 18))
            for spread in spreads_of(snapshot, row.index)
            if spread.instruments[0] == row.index
        ]
    return lines


def _model_row(instrument: InstrumentView, now_ns: int) -> list[Cell]:
    model = "".join(text for text, _ in model_words(instrument.model, now_ns))
    loudest = sorted(
        (signal for signal in Signal if instrument.coefficients[signal]),
        key=lambda signal: -abs(instrument.coefficients[signal]),
    )
    words = "  ".join(
        f"{SIGNAL_NAMES[signal]} {instrument.coefficients[signal]:+.3f}" for signal in loudest
    )
    return [
        (plain(instrument.symbol), "text"),
        (model, "dim"),
        (words or "none: nothing is traded on signals here", "text" if words else "dim"),
    ]
