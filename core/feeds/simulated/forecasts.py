"""
Forecasts of the simulated weather, wrong as real ones are: the more, the further ahead.

The temperature's errors by lead are those of Open-Meteo's forecasts for Munich from January to
April 2026: deviation 0.9 degrees within a day, 3.3 a week ahead, and somewhat too cold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray
from core.feeds.common.limits import POSSIBLE
from core.feeds.port import Quantity
from core.feeds.simulated.clock import DAY_S, HOUR_S
from core.feeds.simulated.noise import Noise

LEAD_H = (0.0, 1.5, 4.5, 9.0, 18.0, 36.0, 84.0, 156.0)
RMSE_C = (0.2, 0.37, 0.75, 0.9, 1.05, 1.23, 1.98, 3.29)
BIAS_C = (-0.02, -0.04, -0.06, -0.08, -0.1, -0.12, -0.82, -0.69)
"""At those leads, the middles of what was measured. Models know the present: what they got
wrong a moment before their run tells nothing of what they will get wrong after it."""

ERROR_S = 8.0 * HOUR_S
"""How long an error keeps its sign."""

RUN_S = 6.0 * HOUR_S
"""Between two runs of a weather model."""


@dataclass(frozen=True, slots=True)
class _Error:
    """Of one quantity, in parts of the temperature's error."""

    scale: float
    is_biased: bool = False
    with_warmth: float = 0.0
    """Correlation with the temperature's: what turns out warmer turns out drier."""


_ERRORS: Mapping[Quantity, _Error] = {
    Quantity.TEMPERATURE_C: _Error(1.0, is_biased=True),
    Quantity.HUMIDITY_PCT: _Error(5.0, with_warmth=-0.6),
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
    model's run, of which there are four a day, and is another after a day. So neither repeats
    the other, and the mean of two days' is better than each, as with real ones.

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
    warmth = error.with_warmth
    field = math.sqrt(1.0 - warmth**2) * _field(quantity, issued_s, valid_s, noise)
    if warmth:
        field = field + warmth * _field(Quantity.TEMPERATURE_C, issued_s, valid_s, noise)
    wrong = np.sqrt(rmse**2 - bias**2) * field
    told = truth + error.scale * (wrong + bias * error.is_biased)
    return np.asarray(np.clip(told, *_bounds(quantity)))


def _field(quantity: Quantity, issued_s: float, valid_s: FloatArray, noise: Noise) -> FloatArray:
    """Error of deviation 1: half of the weather, half of the run."""
    lasting = noise.smooth(f"{quantity} error", valid_s, ERROR_S)
    return (lasting + _of_the_run(quantity, issued_s, valid_s, noise)) / math.sqrt(2.0)


def _of_the_run(
    quantity: Quantity, issued_s: float, valid_s: FloatArray, noise: Noise
) -> FloatArray:
    """Error of the newest run of the model, which has turned into another one after a day."""
    run_s = issued_s // RUN_S * RUN_S
    day, rest_s = divmod(run_s, DAY_S)
    turned = rest_s / DAY_S * math.pi / 2.0
    old, new = (
        noise.smooth(f"{quantity} error of day {day + more:.0f}", valid_s, ERROR_S)
        for more in (0, 1)
    )
    return math.cos(turned) * old + math.sin(turned) * new


def _bounds(quantity: Quantity) -> tuple[float, float]:
    low, high = POSSIBLE[quantity]
    return low, min(high, 100.0) if quantity is Quantity.HUMIDITY_PCT else high
