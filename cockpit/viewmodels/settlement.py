"""The event: what every product will settle at, and what that is known from."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from cockpit.viewmodels.cells import Line, Segment, plain, wrap
from cockpit.viewmodels.numbers import NOTHING, NS_PER_S, duration, number, sign_tone
from cockpit.viewmodels.tables import Cell, Column, Table
from cockpit.viewmodels.view import View
from core.api.topics import Settlement, Settling, Told
from core.domain.snapshot import InstrumentView

_PRODUCTS = (
    Column("product", 14),
    Column("known", 8, is_right=True),
    Column("expected", 8, is_right=True),
    Column("low", 8, is_right=True),
    Column("high", 8, is_right=True),
    Column("market", 8, is_right=True),
    Column("edge", 8, is_right=True),
    Column("in ±", 6, is_right=True, least_width=84),
    Column("formula", 9, least_width=96),
)
_SERIES = (
    Column("known from", 18),
    Column("newest", 15, is_right=True),
    Column("age", 7, is_right=True),
    Column("source", 0),
)
_DECIMALS = ((10_000.0, 0), (1_000.0, 1))
"""Large numbers need fewer."""


def settlement_lines(view: View, page: Settlement, width: int) -> list[Line]:
    """A row a product, then a row for each series that they settle on."""
    if page.trouble and not page.event:
        return [((f" {row}", "dim"),) for row in wrap(page.trouble, width - 2)]
    products = Table(_PRODUCTS, width - 2)
    series = Table(_SERIES, width - 2)
    markets = {
        plain(row.symbol): row for row in (view.snapshot.instruments if view.snapshot else ())
    }
    lines: list[Line] = [
        *_head(page, width),
        (),
        _indented(products.head()),
        *(_indented(products.row(_product(row, markets.get(row.symbol)))) for row in page.products),
        (),
        _indented(series.head()),
        *(_indented(series.row(_told(row, page.as_of_ts_ns))) for row in page.series),
    ]
    return lines


def _head(page: Settlement, width: int) -> list[Line]:
    left_s = (page.end_ts_ns - page.as_of_ts_ns) / NS_PER_S
    opens_s = (page.start_ts_ns - page.as_of_ts_ns) / NS_PER_S
    if left_s <= 0:
        when = "settled"
    elif opens_s > 0:
        when = f"window opens in {duration(opens_s)}, settles in {duration(left_s)}"
    else:
        when = f"settles in {duration(left_s)}"
    line: list[Segment] = [(f" {plain(page.title)}", "strong"), (f"   {when}", "text")]
    if page.is_simulated:
        line.append(("   SIMULATED city", "warn"))
    lines: list[Line] = [tuple(line)]
    ends = datetime.fromtimestamp(page.end_ts_ns // NS_PER_S, UTC)
    lines.append(
        ((f" at {ends:%Y-%m-%d %H:%M} UTC; eight in ten draws end from low to high", "dim"),)
    )
    lines += [((f" {row}", "warn"),) for row in wrap(page.trouble, width - 2) if row]
    return lines


def _product(row: Settling, market: InstrumentView | None) -> list[Cell]:
    mid = market.mid if market is not None else math.nan
    expected = math.nan if row.expected is None else row.expected
    edge = expected - mid
    sigmas = edge / row.deviation if row.deviation else math.nan
    return [
        (plain(row.symbol), "text"),
        (_value(row.known), "dim"),
        (_value(row.expected), "strong"),
        (_value(row.low), "dim"),
        (_value(row.high), "dim"),
        (_value(mid), "text"),
        (_value(edge, signed=True), sign_tone(edge) if math.isfinite(edge) else "dim"),
        (number(sigmas, 1, signed=True), "dim"),
        (plain(row.certainty), "warn" if row.certainty == "uncertain" else "dim"),
    ]


def _told(row: Told, now_ns: int) -> list[Cell]:
    value = NOTHING if row.value is None else f"{_value(row.value)} {row.unit}"
    age_s = (now_ns - row.valid_ts_ns) / NS_PER_S
    source = f"{row.source}  {row.note}".strip() or "nothing yet"
    return [
        (plain(row.name), "text"),
        (value, "text" if row.value is not None else "warn"),
        (duration(max(0.0, age_s)) if row.valid_ts_ns else NOTHING, "dim"),
        (plain(source), "warn" if row.note or not row.source else "dim"),
    ]


def _value(value: float | None, *, signed: bool = False) -> str:
    if value is None or not math.isfinite(value):
        return NOTHING
    decimals = next((places for bound, places in _DECIMALS if abs(value) >= bound), 2)
    return number(value, decimals, signed=signed)


def _indented(line: Line) -> Line:
    return ((" ", "text"), *line)
