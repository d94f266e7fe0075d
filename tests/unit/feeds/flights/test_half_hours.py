"""Half hours: told once, when certain, and only if they were watched."""

from __future__ import annotations

from core.feeds.flights.half_hours import HalfHour, HalfHours
from core.feeds.flights.movements import Movement
from core.feeds.port import Quantity
from tests.city_tracks import START_S, S

HALF_S = 1800


def moment(second: float) -> int:
    return round((START_S + second) * S)


def arrival(second: float) -> Movement:
    return Movement(Quantity.ARRIVALS, moment(second), "a")


def departure(second: float) -> Movement:
    return Movement(Quantity.DEPARTURES, moment(second), "d")


def watch(half_hours: HalfHours, movements=(), *, start: int = 0, end: int, every: int = 60):
    """Look every minute; movements are told at the look after them."""
    waiting = sorted(movements, key=lambda item: item.ts_ns)
    told = []
    for second in range(start, end + 1, every):
        due = [item for item in waiting if item.ts_ns <= moment(second)]
        waiting = waiting[len(due) :]
        told += half_hours.look(due, moment(second))
    return told


def test_a_half_hour_is_told_when_late_movements_are_in() -> None:
    movements = [arrival(60), arrival(1799), departure(900), departure(1800)]
    assert not watch(HalfHours(), movements, end=HALF_S + 540)
    told = watch(HalfHours(), movements, end=HALF_S + 600)
    assert told == [HalfHour(moment(HALF_S), arrivals=2, departures=1)]


def test_each_half_hour_is_told_once_and_in_order() -> None:
    movements = [arrival(1800 * n + 10) for n in range(4)]
    told = watch(HalfHours(), movements, end=4 * HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(HALF_S * n) for n in range(1, 5)]
    assert [item.arrivals for item in told] == [1, 1, 1, 1]


def test_a_quiet_half_hour_is_a_count_of_nothing() -> None:
    """At night nobody lands: that is known, not unknown."""
    assert watch(HalfHours(), end=HALF_S + 600) == [HalfHour(moment(HALF_S), 0, 0)]


def test_a_half_hour_that_was_joined_late_is_not_told() -> None:
    told = watch(HalfHours(), [arrival(1200)], start=60, end=2 * HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(2 * HALF_S)]


def test_a_half_hour_with_a_gap_is_not_told() -> None:
    half_hours = HalfHours()
    watch(half_hours, end=1000)
    told = watch(half_hours, [arrival(2000)], start=1380, end=3 * HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(2 * HALF_S), moment(3 * HALF_S)]
    assert told[0].arrivals == 1


def test_a_short_gap_costs_nothing() -> None:
    half_hours = HalfHours()
    watch(half_hours, end=1000)
    told = watch(half_hours, start=1260, end=HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(HALF_S)]


def test_a_gap_over_a_border_costs_both() -> None:
    half_hours = HalfHours()
    watch(half_hours, end=1700)
    told = watch(half_hours, start=2100, end=3 * HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(3 * HALF_S)]


def test_a_gap_of_days_tells_of_none_of_them() -> None:
    half_hours = HalfHours()
    watch(half_hours, [arrival(30)], end=1000)
    start = 5 * 86_400
    told = watch(half_hours, start=start, end=start + 2 * HALF_S + 600)
    assert [item.end_ts_ns for item in told] == [moment(start + 2 * HALF_S)]


def test_a_service_whose_clock_is_behind_costs_nothing() -> None:
    """A fail-over to one that is 40 s behind, and back."""
    half_hours = HalfHours()
    watch(half_hours, [arrival(30)], end=900)
    watch(half_hours, start=860, end=1160)
    told = watch(half_hours, start=1200, end=HALF_S + 600)
    assert told == [HalfHour(moment(HALF_S), 1, 0)]


def test_a_clock_that_is_set_back_begins_anew() -> None:
    half_hours = HalfHours()
    watch(half_hours, [arrival(30)], end=1000)
    told = watch(half_hours, start=-HALF_S, end=600)
    assert told == [HalfHour(moment(0), 0, 0)]


def test_a_movement_of_a_half_hour_already_told_is_not_counted_elsewhere() -> None:
    half_hours = HalfHours()
    watch(half_hours, end=HALF_S + 600)
    assert not half_hours.look([arrival(100)], moment(HALF_S + 660))
    told = watch(half_hours, start=HALF_S + 720, end=2 * HALF_S + 600)
    assert told == [HalfHour(moment(2 * HALF_S), 0, 0)]
    assert not half_hours._counts
