"""Arrivals and departures from tracks: also those that are broken, turn back or mislead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.feeds.flights.aircraft import Kind
from core.feeds.flights.movements import MovementTracker
from core.feeds.places import MUNICH
from tests.city_tracks import (
    START_S,
    S,
    climb,
    final,
    follow,
    sighting,
    summary,
    taxi,
    tracker,
    unseen_kind,
)


def names(movements):
    return [(address, what) for address, what, _ in summary(movements)]


def test_an_aircraft_that_lands_and_taxis_has_arrived_when_it_touched() -> None:
    track = final("a", 300, range(0, 300, 10)) + taxi("a", range(310, 600, 10))
    assert summary(follow(track)) == [("a", "arrivals", 310)]


def test_an_aircraft_that_taxis_and_climbs_has_departed() -> None:
    track = taxi("d", range(0, 300, 10)) + climb("d", 310, range(310, 500, 10))
    ((address, what, second),) = summary(follow(track))
    assert (address, what) == ("d", "departures")
    assert second == pytest.approx(310, abs=10)


def test_an_aircraft_lost_low_on_its_approach_has_arrived() -> None:
    """Runways lie in the shadow of many receivers: the last seen is 2.1 km out, at 110 m."""
    track = final("a", 300, range(0, 271, 10))
    ((address, what, second),) = summary(follow(track))
    assert (address, what) == ("a", "arrivals")
    assert second == pytest.approx(300, abs=1)


def test_an_aircraft_that_comes_into_sight_climbing_has_departed() -> None:
    """First seen 3.2 km out; left the airport's middle 40 s before."""
    track = climb("d", 300, range(340, 600, 10))
    ((address, what, second),) = summary(follow(track))
    assert (address, what) == ("d", "departures")
    assert second == pytest.approx(300, abs=1)


def test_a_gap_over_the_touchdown_changes_nothing() -> None:
    """Unseen from 4 km out until it taxis, four minutes later."""
    track = final("a", 300, range(0, 241, 10)) + taxi("a", range(480, 700, 10))
    assert names(follow(track)) == [("a", "arrivals")]


def test_a_gap_over_the_take_off_changes_nothing() -> None:
    track = taxi("d", range(0, 200, 10)) + climb("d", 300, range(420, 600, 10))
    ((_, what, second),) = summary(follow(track))
    assert what == "departures"
    assert second == pytest.approx(300, abs=1)


@pytest.mark.parametrize("every_s", [10, 60, 216])
def test_a_whole_turnaround_is_counted_once_each_way(every_s) -> None:
    """As seen by receivers, and by a service that may be asked every 216 s."""
    track = [
        *final("t", 900, range(0, 900, every_s)),
        *taxi("t", range(910, 3000, every_s)),
        *climb("t", 3010, range(3020, 3600, every_s)),
    ]
    found = names(follow(track, every_s=every_s, until_s=5400))
    assert found == [("t", "arrivals"), ("t", "departures")]


def test_a_go_around_is_neither() -> None:
    down = final("g", 300, range(0, 291, 10))
    up = climb("g", 280, range(310, 900, 10))
    assert not follow([*down, *up], until_s=5400)


def test_a_go_around_in_a_gap_is_neither() -> None:
    """Lost at 110 m over the field, and back four minutes later at 1,500 m."""
    down = final("g", 300, range(0, 271, 10))
    up = climb("g", 340, range(510, 900, 10))
    assert not follow([*down, *up], until_s=5400)


def test_a_go_around_that_then_lands_is_one_arrival() -> None:
    track = [
        *final("g", 300, range(0, 291, 10)),
        *climb("g", 280, range(310, 500, 10)),
        *final("g", 1500, range(1200, 1500, 10)),
        *taxi("g", range(1510, 1700, 10)),
    ]
    assert names(follow(track)) == [("g", "arrivals")]


def test_a_touch_and_go_is_neither() -> None:
    """On the ground for 20 s at 55 m/s, then up again."""
    roll = taxi("g", (310, 320), speed_m_s=55.0)
    track = [*final("g", 300, range(0, 300, 10)), *roll, *climb("g", 330, range(340, 900, 10))]
    assert not follow(track, until_s=5400)


def test_a_landing_of_which_only_the_roll_is_seen_counts() -> None:
    """One fast sighting on the ground, then nothing."""
    track = [*final("a", 300, range(0, 300, 10)), *taxi("a", [305], speed_m_s=60.0)]
    assert summary(follow(track)) == [("a", "arrivals", 305)]


def test_a_long_fast_roll_is_a_landing() -> None:
    roll = taxi("a", range(310, 460, 10), speed_m_s=40.0)
    assert names(follow([*final("a", 300, range(0, 300, 10)), *roll])) == [("a", "arrivals")]


def test_a_flicker_of_the_ground_bit_is_no_departure() -> None:
    flicker = [sighting("a", 325, 500.0, height_m=20.0, speed_m_s=55.0)]
    track = [
        *final("a", 300, range(0, 300, 10)),
        *taxi("a", (310, 320), speed_m_s=60.0),
        *flicker,
        *taxi("a", range(330, 600, 10)),
    ]
    assert names(follow(track, until_s=5400)) == [("a", "arrivals")]


def test_a_take_off_that_is_broken_off_is_no_departure() -> None:
    hop = [sighting("d", 310, 800.0, height_m=5.0, speed_m_s=60.0)]
    track = [*taxi("d", range(0, 300, 10)), *hop, *taxi("d", range(320, 900, 10))]
    assert not follow(track, until_s=5400)


def test_a_vehicle_never_moves() -> None:
    """A follow-me car that reports itself airborne at speed is still a car."""
    car = taxi("v", range(0, 600, 10), kind=Kind.VEHICLE)
    odd = [replace(item, kind=Kind.VEHICLE) for item in climb("v", 600, range(610, 700, 10))]
    assert not follow([*car, *odd], until_s=5400)


def test_a_parked_aircraft_never_moves() -> None:
    assert not follow(taxi("p", range(0, 3000, 10), speed_m_s=0.0), until_s=10_800)


def test_a_helicopter_that_says_so_is_no_flight() -> None:
    track = [*final("h", 300, range(0, 300, 10)), *taxi("h", range(310, 600, 10), speed_m_s=0.0)]
    told = [replace(item, kind=Kind.OTHER) for item in track]
    assert not follow(told, until_s=5400)


def test_a_helicopter_that_does_not_say_so_is_known_by_its_slowness() -> None:
    """It cruises at 65 m/s, and comes in at 35 m/s at a height where no airliner does."""
    cruise = [sighting("h", n, -14_000.0 + 65.0 * n, height_m=500.0) for n in range(0, 120, 10)]
    slow = [
        sighting("h", n, -6_200.0 + 35.0 * (n - 120), height_m=350.0, speed_m_s=35.0)
        for n in range(120, 240, 10)
    ]
    down = taxi("h", range(260, 600, 10), speed_m_s=0.0)
    assert not follow(unseen_kind([*cruise, *slow, *down]), until_s=5400)


def test_an_airliner_that_does_not_say_what_it_is_counts() -> None:
    track = final("a", 300, range(0, 300, 10)) + taxi("a", range(310, 600, 10))
    assert names(follow(unseen_kind(track))) == [("a", "arrivals")]


def test_one_that_flies_over_is_neither() -> None:
    over = [
        sighting("o", n, -20_000.0 + 230.0 * n, height_m=10_500.0, speed_m_s=230.0)
        for n in range(0, 170, 10)
    ]
    assert not follow(over, until_s=5400)


def test_one_that_passes_low_and_is_lost_is_no_arrival() -> None:
    """Sinking, at 500 m, 10 km out, but flying away: bound for another airfield."""
    away = [
        sighting("o", n, -6_000.0 - 70.0 * n, height_m=900.0 - 5.0 * n, climb_m_s=-5.0)
        for n in range(0, 80, 10)
    ]
    turned = [replace(item, track_deg=262.0) for item in away]
    assert not follow(turned, until_s=5400)


def test_one_that_lands_elsewhere_is_no_arrival() -> None:
    """On the ground of an airfield 12 km off."""
    down = final("e", 300, range(0, 120, 10))
    stopped = [
        sighting("e", n, -12_000.0, height_m=None, speed_m_s=5.0, climb_m_s=None, is_on_ground=True)
        for n in range(130, 400, 10)
    ]
    assert not follow([*down, *stopped], until_s=5400)


def test_the_same_picture_twice_changes_nothing() -> None:
    track = final("a", 300, range(0, 300, 10)) + taxi("a", range(310, 600, 10))
    assert names(follow([*track, *track])) == [("a", "arrivals")]


def test_a_picture_that_comes_late_changes_nothing() -> None:
    """Time running backwards: an older answer of another service after a newer one."""
    watcher = tracker()
    landed = final("a", 300, range(0, 300, 10)) + taxi("a", range(310, 400, 10))
    assert len(follow(landed, until_s=400, watcher=watcher)) == 1
    late = final("a", 300, range(200, 300, 10))
    assert not watcher.update(late, (START_S + 410) * S)
    assert not watcher.update([], (START_S + 3600) * S)


def test_low_pressure_does_not_hide_a_landing() -> None:
    """At 985 hPa an aircraft on the runway reads some 240 m above the field."""
    track = [
        replace(item, altitude_m=item.altitude_m + 240.0)
        for item in final("a", 300, range(0, 281, 10))
    ]
    assert names(follow(track)) == [("a", "arrivals")]


def test_ground_speed_without_the_word_ground_is_the_ground() -> None:
    """Version 2 of adsb.fi tells of -75 ft at 13 kt."""
    taxiing = [sighting("a", n, 300.0, height_m=-476.0, speed_m_s=6.7) for n in range(310, 600, 10)]
    assert names(follow([*final("a", 300, range(0, 300, 10)), *taxiing])) == [("a", "arrivals")]


def test_the_height_of_an_unknown_field_is_learned() -> None:
    """1,500 m up in Mexico City or Bogota nothing would ever be low over the sea."""
    watcher = MovementTracker(MUNICH.airport_latitude, MUNICH.airport_longitude, None)

    def lifted(track):
        return [
            replace(item, altitude_m=item.altitude_m + 2000.0) if item.altitude_m else item
            for item in track
        ]

    first = lifted(final("a", 300, range(0, 300, 10))) + taxi("a", range(310, 500, 10))
    second = lifted(final("b", 1000, range(700, 971, 10)))
    found = names(follow([*first, *second], watcher=watcher))
    assert found == [("a", "arrivals"), ("b", "arrivals")]


def test_what_was_parked_for_hours_is_forgotten() -> None:
    watcher = tracker()
    follow(taxi("p", [0]), until_s=10_800, watcher=watcher)
    assert not watcher._tracks


def test_sightings_without_speed_or_height_decide_nothing() -> None:
    blind = [
        replace(item, speed_m_s=None, altitude_m=None, climb_m_s=None)
        for item in final("a", 300, range(0, 300, 10))
    ]
    assert not follow(blind, until_s=5400)


def test_one_that_is_lost_just_off_the_ground_has_departed() -> None:
    """Seen once over the runway's end at 40 m, then never again."""
    last = sighting("d", 330, 1_500.0, height_m=40.0, speed_m_s=75.0, climb_m_s=9.0)
    found = names(follow([*taxi("d", range(0, 300, 10)), last]))
    assert found == [("d", "departures")]


def test_a_heading_that_is_not_told_is_believed_to_be_towards() -> None:
    """Lost 5.6 km out."""
    track = [replace(item, track_deg=None) for item in final("a", 300, range(0, 221, 10))]
    assert names(follow(track)) == [("a", "arrivals")]


def test_one_lost_past_the_middle_of_the_field_has_arrived() -> None:
    """Runways are long: over the far threshold it heads away from the airport's middle."""
    track = [
        sighting("a", n, -6_000.0 + 70.0 * n, height_m=500.0 - 4.0 * n, climb_m_s=-4.0)
        for n in range(0, 111, 10)
    ]
    assert names(follow(track)) == [("a", "arrivals")]


def test_one_that_climbs_towards_the_field_has_not_left_it() -> None:
    """8 km out at 700 m, from some other airfield."""
    over = [
        sighting("o", n, -8_000.0 + 80.0 * n, height_m=700.0 + 9.0 * n, climb_m_s=9.0)
        for n in range(0, 200, 10)
    ]
    assert not follow(over, until_s=5400)


def test_one_that_climbs_over_the_field_has_left_it_whatever_its_heading() -> None:
    """First seen 2 km west of the middle, heading east over it."""
    out = [
        sighting("d", n, -2_000.0 + 80.0 * n, height_m=60.0 + 9.0 * n, climb_m_s=9.0)
        for n in range(0, 200, 10)
    ]
    assert names(follow(out)) == [("d", "departures")]


@pytest.mark.parametrize(("along_m", "height_m"), [(-25_000.0, 500.0), (-5_500.0, 5_000.0)])
def test_one_lost_far_off_or_high_up_is_no_arrival(along_m, height_m) -> None:
    """Sinking and headed for the airport, but not about to land there."""
    track = [
        sighting("o", n, along_m + 70.0 * n, height_m=height_m, climb_m_s=-4.0)
        for n in range(0, 21, 10)
    ]
    assert not follow(track, until_s=5400)


def test_a_speed_that_is_not_told_is_no_flight() -> None:
    track = [replace(item, speed_m_s=None) for item in final("a", 300, range(0, 271, 10))]
    assert not follow(track, until_s=5400)


def test_a_circuit_over_the_field_is_a_departure_and_an_arrival() -> None:
    """It climbs to 300 m and never gets further than 6 km."""
    circuit = [
        sighting("c", 310 + n, 20.0 * n, height_m=min(6.0 * n, 300.0), climb_m_s=6.0)
        for n in range(0, 200, 10)
    ]
    track = [*taxi("c", range(0, 300, 10)), *circuit, *taxi("c", range(600, 900, 10))]
    assert names(follow(track)) == [("c", "departures"), ("c", "arrivals")]


def test_under_low_pressure_a_broken_off_take_off_is_none_either() -> None:
    """It reads 240 m above the field before it has left it."""
    hop = [sighting("d", second, 800.0, height_m=240.0, speed_m_s=60.0) for second in (310, 315)]
    track = [*taxi("d", range(0, 300, 10)), *hop, *taxi("d", range(320, 900, 10))]
    assert not follow(track, until_s=5400)


def test_one_that_was_silent_at_its_gate_has_departed_when_seen_far_out() -> None:
    """Its transponder was off for 50 minutes; next seen 13 km out at 1,500 m."""
    track = [*taxi("d", [0], speed_m_s=0.0), *climb("d", 3000, range(3165, 3300, 10))]
    ((_, what, second),) = summary(follow(track, until_s=5400))
    assert what == "departures"
    assert second == pytest.approx(3000, abs=1)


def test_what_has_flown_on_is_forgotten() -> None:
    watcher = tracker()
    over = [
        sighting("o", n, 230.0 * n, height_m=9_000.0, speed_m_s=230.0) for n in range(0, 60, 10)
    ]
    follow(over, until_s=400, watcher=watcher)
    assert not watcher._tracks


def test_the_height_of_an_unknown_field_is_not_that_of_what_flies_over_it() -> None:
    watcher = MovementTracker(MUNICH.airport_latitude, MUNICH.airport_longitude, None)
    over = [
        sighting("o", n, -3_000.0 + 230.0 * n, height_m=10_000.0, speed_m_s=230.0)
        for n in range(0, 30, 10)
    ]
    landed = final("a", 300, range(0, 300, 10)) + taxi("a", range(310, 500, 10))
    high = [
        sighting("h", 700 + n, -9_000.0 + 70.0 * n, height_m=3_000.0, climb_m_s=-4.0)
        for n in range(0, 60, 10)
    ]
    found = names(follow([*over, *landed, *high], watcher=watcher))
    assert found == [("a", "arrivals")]
