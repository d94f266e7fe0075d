"""A clock that goes on while the machine sleeps."""

from __future__ import annotations

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
"""Linux has the first. Of the second POSIX leaves open whether it stops; on macOS it does not."""


def elapsed_s() -> float:
    """
    Seconds since some moment, a laptop's sleep included.

    `time.monotonic` stands still meanwhile: a picture of an hour ago would look fresh, and
    trading keys that were armed would still be.
    """
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
