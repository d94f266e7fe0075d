"""
Randomness that can be asked for any moment, in any order, and always says the same.

Smooth noise between values on a lattice of time; the values are hashes of seed, series and
number, so that nothing has to be remembered. The hash is SplitMix64 (Steele, Lea and Flood:
Fast splittable pseudorandom number generators, 2014).
"""

from __future__ import annotations

import math
import zlib

import numpy as np
from numpy.typing import NDArray

from core.domain.memory import FloatArray, IntArray

_Hashes = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_UNUSED = np.uint64(11)
_TINY = 2.0**-53
_KEPT = 200
_MOST = 400
"""Counts above are cut off; the largest mean in use is a tenth of it."""


class Noise:
    """
    Random series by name.

    Args:
        name: The same name makes the same series.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[str, _Hashes] = {}

    def smooth(self, series: str, seconds: FloatArray, period_s: float) -> FloatArray:
        """
        Wander with mean 0 and deviation 1.

        Args:
            series: Its name.
            seconds: Shape (n,), rising: moments, since 1970.
            period_s: Time in which it forgets what it was.

        Returns:
            Shape (n,).
        """
        place = seconds / period_s
        number = np.floor(place)
        share = place - number
        share = share * share * (3.0 - 2.0 * share)
        lattice = self._normal(series, np.arange(int(number[0]), int(number[-1]) + 2))
        index = (number - number[0]).astype(np.int64)
        mixed = lattice[index] * (1.0 - share) + lattice[index + 1] * share
        # Between two points of the lattice a plain mean would vary less than on them.
        return np.asarray(mixed / np.hypot(1.0 - share, share))

    def count(self, series: str, number: int, mean: float) -> int:
        """Draw a Poisson count, by inversion; the same for the same series and number."""
        chance = float(self._uniform(series, np.array([number]))[0])
        steps = np.arange(1, _MOST)
        log_mass = -mean + np.concatenate(
            ([0.0], np.cumsum(np.log(max(mean, _TINY)) - np.log(steps)))
        )
        return int(np.searchsorted(np.cumsum(np.exp(log_mass)), chance))

    def _normal(self, series: str, number: IntArray) -> FloatArray:
        """Shape (n,): standard normal, by Box and Muller."""
        both = self._uniform(series, np.concatenate((2 * number, 2 * number + 1)))
        radius, angle = both[: number.size], both[number.size :]
        return np.asarray(np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * math.pi * angle))

    def _uniform(self, series: str, number: IntArray) -> FloatArray:
        """Shape (n,): between 0 and 1, neither of them."""
        hashed = _mix(number.view(np.uint64) * _STEP + self._key(series))
        return np.asarray(((hashed >> _UNUSED) + 0.5) * _TINY)

    def _key(self, series: str) -> _Hashes:
        key = self._keys.get(series)
        if key is None:
            if len(self._keys) >= _KEPT:
                self._keys.clear()
            text = f"{self._name}/{series}".encode()
            # An array, as a scalar would warn of the overflow that is meant.
            key = self._keys[series] = _mix(np.array([zlib.crc32(text)], np.uint64) * _STEP)
        return key


def _mix(bits: _Hashes) -> _Hashes:
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    return np.asarray(bits ^ (bits >> np.uint64(31)))
