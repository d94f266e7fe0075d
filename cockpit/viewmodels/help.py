"""The help screen: keys by what they touch, and how to read the panes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cockpit.viewmodels.cells import Line, wrap

Row = tuple[str, str]
"""A key, or several, and what they do."""
Section = tuple[str, Sequence[Row]]

READING: tuple[tuple[str, str], ...] = (
    ("SIM PAPER REPLAY LIVE", "what is at stake; red is real money"),
    ("dd 0.8/15/25 %", "drawdown from the peak / halves targets / halts"),
    ("exp 34/80 %", "gross exposure of equity / its limit"),
    ("● ◐ ◌ ○", "feed live, connecting, stale, down"),
    ("━●─", "how much of a recording has been played"),
    ("p99", "wire to order: 99 of 100 orders were faster"),
    ("FLAT, NOT FLAT", "the venue shows nothing open; something is left"),
    ("UNKNOWN", "an order without an answer: the venue is asked"),
    ("trial 42s", "a parameter goes back then, unless kept (t, K)"),
    ("T M H", "trending, reverting, volatile; small: uncertain"),
    ("┊ ┃ =change=", "the returns changed: suspected, confirmed"),
    ("mom rev vol obi ofi", "momentum, reversion, volatility, imbalance, flow"),
    ("mic dep flo spr fai", "microprice, depth, trades, spread, fair value"),
    ("wea air fly own", "weather, air quality, flights, your own signal"),
    ("corr +6", "six more have no room; the diagonal: what each says"),
    ("move cost str", "ticks expected, to pay; strength: .50 just pays"),
    ("✗ ■ h", "own signal is out; a stop holds; partly by hand"),
    ("◆ ┊", "the next mid predicted, and its usual error"),
    ("◂3", "our own size at a price"),
    ("∅ … x12", "why nothing is traded, and how often in a row"),
)

ON_EVERY_PAGE: tuple[Row, ...] = (
    ("↑ ↓ PgUp PgDn", "choose a row, or scroll (k and j too)"),
    ("esc", "back to the main screen"),
)
KEY_COLUMN, MARGIN = 24, 3


def page_key_rows(pages: Sequence[Section], everywhere: Collection[str], width: int) -> list[Row]:
    """
    Keys that mean something on one page only, in a row a page or as many as it takes.

    Args:
        pages: Title and footer of each.
        everywhere: Keys to leave out: they do the same on every page.
        width: Columns of the page of help.
    """
    rows = list(ON_EVERY_PAGE)
    for title, hints in pages:
        own = [f"{key} {word}" for key, word in hints if key not in everywhere]
        texts = wrap(", ".join(own), width - KEY_COLUMN - MARGIN)
        rows += [(title if place == 0 else "", text) for place, text in enumerate(texts)]
    return rows


def help_lines(sections: Sequence[Section], width: int, height: int) -> list[Line]:
    """Every key with its sentence, then a legend where it fits."""
    lines: list[Line] = []
    for heading, rows in (*sections, ("Read", READING)):
        if not rows:
            continue
        lines.append(((f" {heading}", "title"),))
        for key, text in rows:
            lines.append(((f"{'':{MARGIN}}{key:<{KEY_COLUMN}}", "key"), (text, "text")))
    if height > len(lines) + 4 and width >= 60:
        lines = [
            row for line in lines for row in (((), line) if line[0][1] == "title" else (line,))
        ]
    return lines
