"""Trading keys lock themselves."""

from __future__ import annotations

from cockpit.lock import TradingLock


def test_it_starts_locked_and_locks_itself_when_left_alone() -> None:
    now_s = 100.0
    lock = TradingLock(60.0, lambda: now_s)
    assert lock.left_s == 0.0
    lock.arm()
    now_s = 159.5
    assert lock.left_s == 0.5
    now_s = 160.0
    assert lock.left_s == 0.0


def test_using_it_keeps_it_open_and_it_can_be_locked_at_once() -> None:
    now_s = 0.0
    lock = TradingLock(10.0, lambda: now_s)
    lock.arm()
    now_s = 9.0
    lock.arm()
    now_s = 18.0
    assert lock.left_s == 1.0
    lock.lock()
    assert lock.left_s == 0.0
