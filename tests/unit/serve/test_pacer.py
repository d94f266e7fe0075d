"""Turns and snapshots."""

from __future__ import annotations

import pytest

from core.serve.pacer import NOTICE_RATE, Pacer


def turns(pacer: Pacer, count: int) -> list[bool]:
    return [pacer.take_turn() for _ in range(count)]


def test_a_fast_viewer_gets_a_snapshot_on_every_turn() -> None:
    pacer = Pacer(20.0)
    assert pacer.interval_s == 0.05
    assert all(turns(pacer, 5))


@pytest.mark.parametrize("pace", [0.01, 0.5, 2.0, 3.0, 4.9, 5.0, 7.5, 60.0])
def test_snapshots_come_at_the_pace_and_notices_are_never_late(pace: float) -> None:
    """Any pace is met exactly, and there is a turn for notices five times a second."""
    pacer = Pacer(pace)
    per_snapshot = next(n for n in range(1, 1_000) if pacer.take_turn())
    assert per_snapshot * pacer.interval_s == pytest.approx(1 / pace)
    assert pacer.interval_s <= 1 / NOTICE_RATE


@pytest.mark.parametrize("pace", [0.0, 5e-324])
def test_no_pace_means_notices_only(pace: float) -> None:
    pacer = Pacer(pace)
    assert not any(turns(pacer, 100))
    assert not pacer.has_snapshots
    assert pacer.interval_s == 1 / NOTICE_RATE


def test_a_new_pace_starts_from_now() -> None:
    pacer = Pacer(1.0)
    turns(pacer, 3)
    pacer.set_pace(2.5)
    assert turns(pacer, 4) == [False, True, False, True]
