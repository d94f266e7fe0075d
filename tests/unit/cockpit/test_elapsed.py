"""The clock that a sleeping laptop does not stop."""

from __future__ import annotations

import sys
import time

import pytest

from cockpit.elapsed import elapsed_s
from cockpit.link import Link
from cockpit.lock import TradingLock


def test_it_only_goes_forward() -> None:
    first = elapsed_s()
    assert elapsed_s() >= first


@pytest.mark.skipif(sys.platform != "linux", reason="Linux names the clock that we mean")
def test_it_is_the_clock_that_counts_sleep(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(time, "clock_gettime", lambda clock: asked.append(clock) or 7.0)
    assert elapsed_s() == 7.0
    assert asked == [time.CLOCK_BOOTTIME]


@pytest.mark.skipif(not hasattr(time, "clock_gettime"), reason="no such clock here")
def test_an_hour_asleep_makes_the_picture_an_hour_old_and_locks_the_keys(monkeypatch) -> None:
    """Monotonic time stands still meanwhile, so nothing here may go by it."""
    now_s = [1000.0]
    monkeypatch.setattr(time, "clock_gettime", lambda _: now_s[0])
    link = Link(lambda: None, lambda: None)
    lock = TradingLock()
    lock.arm()
    assert lock.left_s
    now_s[0] += 3600
    assert link.status.age_s == 3600
    assert not lock.left_s
