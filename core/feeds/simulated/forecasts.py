"""
Forecasts of the simulated weather, wrong as real ones are: the more, the further ahead.

The temperature's errors by lead are those of Open-Meteo's forecasts for Munich from January to
April 2026: deviation 0.9 degrees within a day, 3.3 a week ahead, and somewhat too cold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.common.limits import POSSIBLE
from core.feeds.port import Quantity
from core.feeds.simulated.clock import HOUR_S
from core.feeds.simulated.noise import Noise

LEAD_H = (0.0, 12.0, 36.0, 84.0, 156.0)
RMSE_C = (0.8, 0.93, 1.23, 1.98, 3.29)
BIAS_C = (-0.06, -0.08, -0.12, -0.82, -0.69)
"""At those leads, the middles of the days that were measured."""

ERROR_S = 8.0 * HOUR_S
"""How long an error keeps its sign."""


@dataclass(frozen=True, slots=True)
class _Error:
    """Of one quantity, in parts of the temperature's error."""

    scale: float
    is_biased: bool = False


_ERRORS: Mapping[Quantity, _Error] = {
    Quantity.TEMPERATURE_C: _Error(1.0, is_biased=True),
    Quantity.HUMIDITY_PCT: _Error(5.0),
    Quantity.PRESSURE_HPA: _Error(0.9),
    Quantity.WIND_SPEED_M_S: _Error(0.7),
    Quantity.CLOUD_COVER_PCT: _Error(12.0),
    Quantity.PRECIPITATION_MM_H: _Error(0.15),
}


def forecast(
    quantity: Quantity, truth: FloatArray, issued_s: float, valid_s: FloatArray, noise: Noise
) -> FloatArray | None:
    """
    Tell what would have been forecast.

    Half of an error is of the weather and stays from one issue to the next; half is of the
    issue. So neither repeats the other, and their mean is better than each, as with real ones.

    Args:
        quantity: What is forecast.
        truth: Shape (n,): what it will be.
        issued_s: When, since 1970.
        valid_s: Shape (n,): for when.
        noise: The city's randomness.

    Returns:
        Shape (n,); None of what is not forecast.
    """
    error = _ERRORS.get(quantity)
    if error is None:
        return None
    lead_h = (valid_s - issued_s) / HOUR_S
    rmse = np.interp(lead_h, LEAD_H, RMSE_C)
    bias = np.interp(lead_h, LEAD_H, BIAS_C)
    lasting = noise.smooth(f"{quantity} error", valid_s, ERROR_S)
    fresh = noise.smooth(f"{quantity} error of {issued_s:.0f}", valid_s, ERROR_S)
    wrong = np.sqrt(rmse**2 - bias**2) * (lasting + fresh) / np.sqrt(2.0)
    told = truth + error.scale * (wrong + bias * error.is_biased)
    return np.asarray(np.clip(told, *_bounds(quantity)))


def _bounds(quantity: Quantity) -> tuple[float, float]:
    low, high = POSSIBLE[quantity]
    return low, min(high, 100.0) if quantity is Quantity.HUMIDITY_PCT else high
