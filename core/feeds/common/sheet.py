"""Gathers what one answer tells, and lets through only what can be true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.domain.errors import DecodeError
from core.feeds.common.limits import is_possible
from core.feeds.common.wire import LAST_SECOND, S_IN_NS
from core.feeds.port import Observation, Quality, Quantity, Reading, Vintage

MAX_AHEAD_S = 900
"""Clocks differ by less, and a quarter of an hour may be named by its end."""


class Sheet:
    """
    What one answer tells of one place.

    Args:
        source: Name of the source.
        place: Station, grid point or airport.
        fetched_ts_ns: When the answer came.
        quality: Of its observations.
    """

    def __init__(self, source: str, place: str, fetched_ts_ns: int, quality: Quality) -> None:
        self._source = source
        self._place = place
        self._fetched_ts_ns = fetched_ts_ns
        self._quality = quality
        self._observations: dict[tuple[Quantity, int], Observation] = {}
        self._vintages: list[Vintage] = []

    def put(self, quantity: Quantity, value: float | None, valid_ts_ns: int) -> None:
        """
        Note one value; what is no number, or can be none of that quantity, is left out.

        Of two for the same moment the one that is put later counts.

        Raises:
            DecodeError: If it is of the future: one of the two clocks is wrong then.
        """
        ahead_s = (valid_ts_ns - self._fetched_ts_ns) / S_IN_NS
        if ahead_s > MAX_AHEAD_S:
            raise DecodeError(
                self._source,
                f"{quantity} of {self._place} is dated {ahead_s / 60:.0f} min after this "
                "machine's time; check this machine's clock",
            )
        if is_possible(quantity, value):
            assert value is not None
            self._observations[quantity, valid_ts_ns] = Observation(
                quantity,
                float(value),
                valid_ts_ns,
                self._fetched_ts_ns,
                self._source,
                self._place,
                self._quality,
            )

    def put_series(
        self, quantity: Quantity, valid_ts_ns: Sequence[int], values: Sequence[float | None]
    ) -> None:
        """
        Note a series of a model: up to the moment of fetching it observes, later it forecasts.

        Args:
            quantity: What it is about.
            valid_ts_ns: Shape (n,), rising.
            values: Shape (n,); None where it says nothing.
        """
        self._check(quantity, valid_ts_ns, values)
        now = self._fetched_ts_ns
        first = next((n for n, ts in enumerate(valid_ts_ns) if ts > now), len(valid_ts_ns))
        for ts, value in zip(valid_ts_ns[:first], values[:first], strict=True):
            self.put(quantity, value, ts)
        ahead = [
            value if value is not None and is_possible(quantity, value) else math.nan
            for value in values[first:]
        ]
        if not all(math.isnan(value) for value in ahead):
            self._vintages.append(
                Vintage(
                    quantity,
                    self._source,
                    self._place,
                    now,
                    np.asarray(valid_ts_ns[first:], np.int64),
                    np.asarray(ahead, np.float64),
                )
            )

    def reading(self) -> Reading:
        """All of it, the oldest first."""
        ordered = sorted(self._observations.values(), key=lambda item: item.valid_ts_ns)
        return Reading(tuple(ordered), tuple(self._vintages))

    def filled(self) -> Reading:
        """
        All of it, for answers that have to hold something.

        Raises:
            DecodeError: If nothing was noted.
        """
        reading = self.reading()
        if not reading.observations and not reading.vintages:
            raise DecodeError(
                self._source, f"the answer holds no value of {self._place} that can be used"
            )
        return reading

    def _check(
        self, quantity: Quantity, valid_ts_ns: Sequence[int], values: Sequence[float | None]
    ) -> None:
        if len(valid_ts_ns) != len(values):
            raise DecodeError(
                self._source,
                f"{quantity}: {len(values)} values for {len(valid_ts_ns)} times; "
                "the answer was cut or the service has changed its format",
            )
        if any(ts > LAST_SECOND * S_IN_NS for ts in valid_ts_ns):
            raise DecodeError(self._source, f"{quantity}: a time is of a year beyond 2199")
        if any(later <= ts for ts, later in pairwise(valid_ts_ns)):
            raise DecodeError(self._source, f"{quantity}: the times of its values do not rise")
