"""Looks that are a little older than the one before."""

from __future__ import annotations

from core.feeds.flights.half_hours import HALF_HOUR_NS, MAX_GAP_NS, SETTLED_NS, HalfHours

S = 10**9


def watched(*steps_s: int) -> list[int]:
    """Half hours that became certain, by their number, after looks at these seconds."""
    halves, found = HalfHours(), []
    for second in steps_s:
        found += halves.look((), second * S)
    return [half.end_ts_ns // HALF_HOUR_NS for half in found]


def every_minute(start_s: int, end_s: int) -> list[int]:
    return list(range(start_s, end_s, 60))


END_S = (2 * HALF_HOUR_NS + SETTLED_NS) // S + 60


def test_an_answer_some_seconds_old_spoils_nothing() -> None:
    """Another engine asked for it, or another service is behind."""
    looks = every_minute(0, END_S)
    back_s = MAX_GAP_NS // S
    assert watched(*looks[:20], looks[19] - back_s, *looks[20:]) == watched(*looks) == [1, 2]


def test_a_clock_that_was_set_back_spoils_its_half_hour() -> None:
    looks = every_minute(0, END_S)
    back_s = MAX_GAP_NS // S + 1
    assert watched(*looks[:20], looks[19] - back_s, *looks[20:]) == [2]
