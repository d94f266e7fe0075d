"""Ways and directions over ground, against published distances."""

from __future__ import annotations

import pytest

from core.feeds.flights.aircraft import bearing_deg, distance_m, turn_deg


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m(48.0, 11.0, 49.0, 11.0) == pytest.approx(111_195, rel=1e-3)


def test_the_airport_is_28_km_from_the_city() -> None:
    """Marienplatz to Munich's airport, as the crow flies."""
    assert distance_m(48.1374, 11.5755, 48.3538, 11.7861) == pytest.approx(28_700, rel=0.02)


def test_directions_go_from_north_over_east() -> None:
    assert bearing_deg(48.0, 11.0, 48.1, 11.0) == pytest.approx(0.0)
    assert bearing_deg(48.0, 11.0, 48.0, 11.1) == pytest.approx(90.0)
    assert bearing_deg(48.0, 11.0, 48.0, 10.9) == pytest.approx(270.0)


def test_the_date_line_is_no_way_around_the_world() -> None:
    assert distance_m(-17.0, 179.99, -17.0, -179.99) < 3_000


def test_a_turn_is_the_smaller_angle() -> None:
    assert turn_deg(350.0, 20.0) == 30.0
    assert turn_deg(82.0, 262.0) == 180.0
