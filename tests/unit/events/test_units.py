"""Units of settlements."""

from __future__ import annotations

import pytest

from core.events.units import UNITS
from core.feeds.port import Quantity


@pytest.mark.parametrize(
    ("quantity", "unit", "told", "settled"),
    [
        (Quantity.TEMPERATURE_C, "F", -40.0, -40.0),
        (Quantity.TEMPERATURE_C, "F", 100.0, 212.0),
        (Quantity.TEMPERATURE_C, "K", -273.15, 0.0),
        (Quantity.LEVEL_CM, "m", 298.7, 2.987),
        (Quantity.WIND_SPEED_M_S, "km/h", 10.0, 36.0),
        (Quantity.WIND_SPEED_M_S, "kn", 463.0 / 900.0, 1.0),
        (Quantity.WIND_SPEED_M_S, "mph", 0.44704, 1.0),
        (Quantity.FLOW_M3_S, "l/s", 0.25, 250.0),
    ],
)
def test_a_feed_s_number_becomes_the_profile_s(quantity, unit, told, settled) -> None:
    assert UNITS[quantity][unit].of(told) == pytest.approx(settled, abs=1e-12)


def test_every_quantity_has_its_own_unit_first() -> None:
    for quantity in Quantity:
        own = next(iter(UNITS[quantity].values()))
        assert (own.scale, own.offset) == (1.0, 0.0)
