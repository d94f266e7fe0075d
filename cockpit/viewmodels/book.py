"""The order book as a ladder: asks above, bids below, our own size marked."""

from __future__ import annotations

import math
from functools import partial
from itertools import zip_longest

from cockpit.viewmodels.cells import Line, Segment, Tone, fit_line, wrap
from cockpit.viewmodels.charts import LEAST_WIDTH, Series, chart_lines
from cockpit.viewmodels.graphs import bar
from cockpit.viewmodels.numbers import fitted, number
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import BOOK_WORDS
from core.domain.enums import BookState, Side
from core.domain.snapshot import BookLevel, InstrumentMeta, InstrumentView

ROOMY_ROWS = 7
"""From here on the touch has a row of its own."""
LADDER = 36
"""Columns of the ladder beside a chart."""
PREDICTED, BAND = "◆", "┊"


def book_title(view: View) -> Line:
    """Which book, and what is wrong with it."""
    instrument = view.instrument
    if instrument is None:
        return ()
    words = BOOK_WORDS[instrument.book_state]
    trouble: Line = ((f" {words}", "alarm"),) if words else ()
    return ((instrument.symbol, "text"), *trouble)


def book_lines(view: View, width: int, height: int) -> list[Line]:
    """As many levels as fit, the touch in the middle; beside them the price, with room for it."""
    instrument = view.instrument
    if instrument is None:
        return []
    if view.is_zoomed and width >= LADDER + LEAST_WIDTH:
        ladder = _ladder(view, instrument, LADDER, height)
        chart = _price_chart(instrument, width - LADDER - 1, height)
        both = zip_longest(ladder, chart, fillvalue=())
        return [(*fit_line(left, LADDER), (" ", "text"), *right) for left, right in both]
    return _ladder(view, instrument, width, height)


def _price_chart(instrument: InstrumentView, width: int, height: int) -> list[Line]:
    past = instrument.timeline
    series = (Series("mid", "accent", past.mid), Series("level", "own", past.level))
    return chart_lines(series, past.ts_ns, width, height)


def _ladder(view: View, instrument: InstrumentView, width: int, height: int) -> list[Line]:
    if instrument.book_state is BookState.EMPTY:
        words = wrap("no book yet; press n: what the venue says", width)
        return [((line, "warn"),) for line in words[:height]]
    meta = view.describe(instrument.index)
    middle: list[Line] = [_middle(instrument, meta, width)] if height >= ROOMY_ROWS else []
    rows = (height - len(middle)) // 2
    asks, bids = instrument.asks[:rows], instrument.bids[:rows]
    deepest = max((level.quantity for level in (*asks, *bids)), default=0.0)
    blank: list[Line] = [()] * (rows - len(asks))
    draw = partial(_level, instrument, meta, deepest, width)
    return [
        *blank,
        *(draw(level, "down_area") for level in reversed(asks)),
        *middle,
        *(draw(level, "up_area") for level in bids),
    ]


def level_at(view: View, height: int, row: int) -> tuple[Side, float] | None:
    """
    Say what a row of the ladder stands for, as `book_lines` draws it.

    Returns:
        The side that would join the level there, and its price; None beside the levels.
    """
    instrument = view.instrument
    if instrument is None:
        return None
    middle = 1 if height >= ROOMY_ROWS else 0
    rows = (height - middle) // 2
    ask, bid = rows - 1 - row, row - rows - middle
    if 0 <= ask < min(rows, len(instrument.asks)):
        return Side.SELL, instrument.asks[ask].price
    if 0 <= bid < min(rows, len(instrument.bids)):
        return Side.BUY, instrument.bids[bid].price
    return None


def prediction_mark(instrument: InstrumentView, price: float, tick_size: float) -> str:
    """Mark the price at which the next mid is predicted, and those within a deviation of it."""
    distance = abs(price - instrument.level)
    if distance <= tick_size / 2:
        return PREDICTED
    return BAND if distance <= instrument.level_deviation else " "


def _level(
    instrument: InstrumentView,
    meta: InstrumentMeta,
    deepest: float,
    width: int,
    level: BookLevel,
    tone: Tone,
) -> Line:
    exact = f"{level.price:.{meta.price_decimals}f}"
    # A price is never rounded: two levels would look like one.
    price_width = max(9 if width >= 28 else 8, len(exact))
    price = number(level.price, meta.price_decimals)
    quantity_width = 7 if width >= 28 else 6 if meta.size_decimals else 5
    own_width = 6
    bars = max(0, width - price_width - quantity_width - own_width - 1)
    gap = 1 if meta.size_decimals else 0
    quantity = fitted(level.quantity, meta.size_decimals, quantity_width - gap)
    own = f"◂{fitted(level.own_quantity, meta.size_decimals, 5)}" if level.own_quantity else ""
    share = level.quantity / deepest if deepest > 0 else 0.0
    return (
        (f"{price if len(price) <= price_width else exact:>{price_width}}", "text"),
        (f"{quantity:>{quantity_width}}", "dim"),
        (prediction_mark(instrument, level.price, meta.tick_size), "accent"),
        (bar(share, bars), tone),
        (f"{own:>{own_width}}", "own"),
    )


def _middle(instrument: InstrumentView, meta: InstrumentMeta, width: int) -> Line:
    if instrument.book_state in (BookState.EMPTY, BookState.INVALID) or not math.isfinite(
        instrument.mid
    ):
        return (("no price", "warn"),)
    decimals = meta.price_decimals
    line: list[Segment] = [
        (f"{fitted(instrument.mid, decimals + 1, 9):>9}", "strong"),
        (" mid", "dim"),
    ]
    if width >= 26:
        line += [
            (f"{fitted(instrument.microprice, decimals + 1, 9):>10}", "text"),
            (" micro", "dim"),
        ]
    return tuple(line)
