"""Times as venues write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from core.domain.errors import DecodeError

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
MAX_MS = (2**63 - 1) // NS_PER_MS
"""Largest millisecond that still fits an event."""

_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:Z|\+00:00)", re.ASCII)
_seconds: dict[str, int] = {}
_CACHE_SIZE = 1024


def iso_ns(text: str) -> int:
    """
    Nanoseconds since 1970 of an RFC 3339 time in UTC.

    Raises:
        DecodeError: If it is not one, or lies before 1970.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise DecodeError("time", f"{text[:40]!r} is not a time such as 2026-05-20T10:00:00.5Z")
    whole, fraction = match[1], match[2] or ""
    seconds = _seconds.get(whole)
    if seconds is None:
        try:
            seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
        except ValueError as error:
            raise DecodeError("time", f"{text[:40]!r}: {error}") from error
        if not 0 <= seconds < MAX_MS // 1000:
            raise DecodeError("time", f"{text[:40]!r} is outside of what an event can hold")
        if len(_seconds) >= _CACHE_SIZE:
            _seconds.clear()
        _seconds[whole] = seconds
    return seconds * NS_PER_S + int(fraction.ljust(9, "0"))
