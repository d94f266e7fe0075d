"""Where in a recording somebody wants to be: words to a position."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np

from core.domain.memory import IntArray
from core.runtime.refusals import CommandRefused

NS_PER_S = 1_000_000_000
_NS_PER_DAY = 86_400 * NS_PER_S
_UNITS_S = {"s": 1, "m": 60, "h": 3600}
_FURTHER = re.compile(r"([+-])(\d{1,9}(?:\.\d{1,9})?)([smh])", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?", re.ASCII)
_SEQ = re.compile(r"seq[ =](\d{1,18})", re.ASCII)

ALLOWED = "14:03:27 (UTC), +30s, -5m, start, end, seq 12345"
"""Places that every recording has, as they are written."""


def clock(ts_ns: int) -> str:
    """Time of day in UTC, to the second."""
    try:
        return f"{datetime.fromtimestamp(ts_ns // NS_PER_S, UTC):%H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return f"{ts_ns} ns"


def find_place(where: str, position: int, ts_ns: IntArray) -> int | None:
    """
    Find a place that every recording has.

    Args:
        where: A time of day, a step in time, `start`, `end` or `seq N`.
        position: Where it is now: how many events have happened.
        ts_ns: Times of all events, ascending; not empty.

    Returns:
        A position; None if `where` is none of these.

    Raises:
        CommandRefused: If it is outside of the recording.
    """
    if where == "start":
        return 0
    if where == "end":
        return len(ts_ns)
    if found := _SEQ.fullmatch(where):
        return _event(int(found[1]), len(ts_ns))
    if found := _FURTHER.fullmatch(where):
        sign, amount, unit = found.groups()
        step_ns = round(float(amount) * _UNITS_S[unit] * NS_PER_S)
        now_ns = int(ts_ns[max(position, 1) - 1])
        return _happened(ts_ns, now_ns + step_ns if sign == "+" else now_ns - step_ns)
    if found := _CLOCK.fullmatch(where):
        return _at_clock(found, where, ts_ns)
    return None


def _event(seq: int, length: int) -> int:
    if seq > length:
        raise CommandRefused(f"seq {seq} is beyond the end; the last event is {length}")
    return seq


def _happened(ts_ns: IntArray, until_ns: int) -> int:
    """How many events have happened by then; a step beyond an end leads to it."""
    return int(np.searchsorted(ts_ns, until_ns, side="right"))


def _at_clock(found: re.Match[str], where: str, ts_ns: IntArray) -> int:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CommandRefused(f"{where} is no time of day; written as 14:03:27, in UTC")
    first_ns, last_ns = int(ts_ns[0]), int(ts_ns[-1])
    nanos = int((found[4] or "").ljust(9, "0"))
    wanted_ns = first_ns - first_ns % _NS_PER_DAY
    wanted_ns += (hour * 3600 + minute * 60 + second) * NS_PER_S + nanos
    # To the second, as it is shown: the second in which it began is still its start.
    if wanted_ns < first_ns - first_ns % NS_PER_S:
        wanted_ns += _NS_PER_DAY
    if wanted_ns > last_ns:
        raise CommandRefused(
            f"{where} is not in the recording, which goes from {clock(first_ns)} "
            f"to {clock(last_ns)} UTC"
        )
    return _happened(ts_ns, wanted_ns)
