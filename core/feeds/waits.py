"""How long a service asks to be left alone: what the headers of an answer say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 86_400.0
"""No quota here lasts longer than a day; a longer wait is a mistake of the service."""

_EPOCH_FROM_S = 1e9
"""Larger numbers of seconds are moments, not waits: 30 years."""
_EPOCH_FROM_MS = 1e12

_WAITS = ("retry-after", "x-rate-limit-retry-after-seconds")
_QUOTAS = (
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)


def wait_s(headers: Mapping[str, str], now_ns: int) -> float:
    """
    Seconds until a service wants to be asked again; 0 where it does not say.

    Reads `Retry-After` (RFC 9110, 10.2.3: seconds or a date), OpenSky's
    `X-Rate-Limit-Retry-After-Seconds`, and `x-ratelimit-reset` (OpenAQ: seconds; others: a
    moment) where nothing remains.

    Args:
        headers: Names in lower case.
        now_ns: Wall clock, for dates.
    """
    waits = [_seconds(headers.get(name, ""), now_ns) for name in _WAITS]
    for remaining, reset in _QUOTAS:
        if _number(headers.get(remaining, "")) <= 0:
            waits.append(_seconds(headers.get(reset, ""), now_ns))
    return min(max(waits), LONGEST_WAIT_S)


def _seconds(text: str, now_ns: int) -> float:
    number = _number(text)
    if math.isnan(number):
        return max(0.0, _until_date_s(text, now_ns))
    if number >= _EPOCH_FROM_MS:
        number /= 1e3
    if number >= _EPOCH_FROM_S:
        number -= now_ns / 1e9
    return max(0.0, number)


def _number(text: str) -> float:
    """Read a finite number; NaN where it is none."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _until_date_s(text: str, now_ns: int) -> float:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    # "-0000" says that the zone is not known; HTTP's dates are UTC.
    date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return (date - datetime.fromtimestamp(now_ns / 1e9, UTC)).total_seconds()
