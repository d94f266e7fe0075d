"""What a value can be: records lie within, sentinels without."""

from __future__ import annotations

import math

import pytest

from core.feeds.common.limits import POSSIBLE, is_possible
from core.feeds.port import Quantity


def test_every_quantity_has_limits() -> None:
    assert set(POSSIBLE) == set(Quantity)


@pytest.mark.parametrize("quantity", list(Quantity))
@pytest.mark.parametrize("value", [-9999.0, -99999.0, 1e20, math.nan, math.inf, None])
def test_no_sentinel_is_possible(quantity, value) -> None:
    assert not is_possible(quantity, value)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (Quantity.TEMPERATURE_C, 56.7),
        (Quantity.TEMPERATURE_C, -89.2),
        (Quantity.PRESSURE_HPA, 1084.8),
        (Quantity.PRESSURE_HPA, 870.0),
        (Quantity.WIND_SPEED_M_S, 113.3),
        (Quantity.LEVEL_CM, 270.0),
        (Quantity.LEVEL_CM, -430.0),
        (Quantity.HUMIDITY_PCT, 101.0),
    ],
)
def test_records_of_this_earth_are_possible(quantity, value) -> None:
    """Source: World Meteorological Organization, archive of weather extremes."""
    assert is_possible(quantity, value)
