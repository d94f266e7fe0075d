"""Numbers and times as people read them: stable widths, a sign that is not a color."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Tone

NOTHING = "-"
"""Stands for a number that does not exist, such as the mid of an empty book."""

NS_PER_S = 1_000_000_000


def number(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """
    Write a number with thousands separators.

    >>> number(101284.5)
    '101,284.50'
    >>> number(32, 0, signed=True)
    '+32'
    """
    if not math.isfinite(value):
        return NOTHING
    if round(value, decimals) == 0:
        value = 0.0
        signed = False
    return f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"


def compact(value: float, *, signed: bool = False) -> str:
    """
    Write a number in at most eight characters, for narrow columns.

    >>> compact(1234567)
    '1.23M'
    """
    if not math.isfinite(value):
        return NOTHING
    size = abs(value)
    if size >= 1e12:
        return f"{value:+.1e}" if signed else f"{value:.1e}"
    for limit, divisor, suffix in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e5, 1e3, "k")):
        if size >= limit:
            return number(value / divisor, 2, signed=signed) + suffix
    return number(value, 0 if size >= 1e3 else 2, signed=signed)


def fitted(value: float, decimals: int, width: int, *, signed: bool = False) -> str:
    """
    Write a number in at most `width` characters, at least five, as exactly as that allows.

    >>> fitted(0.00561, 5, 5), fitted(61836.98, 2, 8), fitted(0.0, 5, 5), fitted(1e-7, 8, 5)
    ('.0056', '61836.98', '0', '1e-7')
    """
    if not math.isfinite(value):
        return NOTHING
    if round(value, decimals) == 0:
        return "0"
    for places in range(decimals, -1, -1):
        text = number(value, places, signed=signed)
        bare = text.replace("0.", ".", 1) if abs(value) < 1 else text.replace(",", "")
        shown = next((form for form in (text, bare) if len(form) <= width), "")
        if shown:
            # So many digits that nothing of it is left would be a lie.
            is_told = round(value, places) != 0
            return shown if is_told else f"{value:+.0e}"[not signed :].replace("e-0", "e-")
    return compact(value, signed=signed)


def ratio(value: float) -> str:
    """
    Write a value of [-1, 1] in four characters.

    >>> ratio(0.45), ratio(-1), ratio(0)
    ('+.45', '-1.0', ' .00')
    """
    if not math.isfinite(value):
        return f"{NOTHING:>4}"
    if round(abs(value), 2) == 0:
        return " .00"
    if abs(value) >= 0.995:
        return f"{value:+.1f}"
    return f"{value:+.2f}".replace("0.", ".", 1)


def percent(value: float, decimals: int = 0) -> str:
    """Write a percentage that is one already: 2.5 means 2.5 %."""
    return NOTHING if not math.isfinite(value) else f"{value:,.{decimals}f}"


def short_id(order_id: int, width: int = 6) -> str:
    """
    Write an order's number in so many columns, its end where all of it does not fit.

    Another program's order has no number of ours but a negative one of 16 digits.
    """
    text = str(order_id)
    return text.rjust(width) if len(text) <= width else "…" + text[1 - width :]


def clock(ts_ns: int) -> str:
    """UTC time of day as HH:MM:SS."""
    seconds = ts_ns // NS_PER_S % 86_400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def duration(seconds: float) -> str:
    """
    Write a span of time in at most two units.

    >>> duration(325), duration(7.25)
    ('5m25s', '7.2s')
    """
    if not math.isfinite(seconds) or seconds < 0:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h{whole // 60 % 60:02d}m"
    return f"{whole // 86_400}d{whole // 3600 % 24:02d}h"


def micros(value: float) -> str:
    """
    Write a latency given in microseconds; 0 stands for none measured.

    >>> micros(98.4), micros(1520.0)
    ('98 µs', '1.5 ms')
    """
    if not math.isfinite(value) or value == 0:
        return NOTHING
    return f"{value:.0f} µs" if value < 1000 else f"{value / 1000:.1f} ms"


def sign_tone(value: float) -> Tone:
    """Tone of a gain or a loss; a number that is nothing has none."""
    if not math.isfinite(value) or value == 0:
        return "dim"
    return "up" if value > 0 else "down"
