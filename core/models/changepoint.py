"""
Change points of a whole series, by the streaming detector and by an offline one.

`detect_changes` runs the kernel's detector over recorded values; `confirm_change` asks
ruptures (Truong, Oudre & Vayatis, 2020) whether an optimal segmentation of a window sees
the suspected change too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import CHANGE_DETECTOR, RESTLESS_CHANGES, RESTLESS_SPACING
from core.domain.memory import FloatArray, IntArray, allocate
from core.kernel.changepoint import GREATEST_VALUE, HAZARD, observe_series, reset_scaled
from core.models.refusal import Refusal

TAIL: Final = 0.02
"""Share of values at each end that cannot widen the scale."""

MIN_SEGMENT: Final = 5
MIN_WINDOW: Final = 4 * MIN_SEGMENT


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the offline segmentation says of a suspected change."""

    index: int
    """Where it puts the change: the first value of the new segment."""
    kind: Literal["level", "volatility"]
    """What changes there."""
    before: float
    after: float
    """Mean level, or mean distance from it, of the segments on both sides."""


def detect_changes(values: FloatArray) -> list[int]:
    """
    Find the indices at which new segments begin.

    The detector is told the center and scale of the whole series, as TCPDBench does (van
    den Burg & Williams, 2020); its record of the most probable segment is then followed
    back from the end. Changes that come so often that they are the nature of the series
    (more than 8, less than 20 values apart on average) are none.

    Args:
        values: float64, shape (n,); NaN is a missing value.

    Returns:
        Increasing indices in (0, n), empty for a constant or empty series.
    """
    frame = _center_and_scale(values)
    if frame is None:
        return []
    detector = allocate(CHANGE_DETECTOR, 1)[0]
    reset_scaled(detector, HAZARD, *frame)
    starts = np.zeros(len(values), np.int64)
    observe_series(detector, np.ascontiguousarray(values, np.float64), starts)
    changes = _follow_back(starts, int(detector["first"]))
    if len(changes) > RESTLESS_CHANGES and len(values) < RESTLESS_SPACING * len(changes):
        return []
    return changes


def _present(values: FloatArray) -> NDArray[np.bool_]:
    """Which values are numbers that the detector would take."""
    return np.abs(values) <= GREATEST_VALUE


def _center_and_scale(values: FloatArray) -> tuple[float, float] | None:
    """Mean and standard deviation with the tails cut to their edges; None if all are equal."""
    present = values[_present(values)]
    if len(present) == 0:
        return None
    low, high = np.quantile(present, [TAIL, 1.0 - TAIL])
    cut = np.clip(present, low, high)
    scale = float(np.std(cut))
    center = float(np.mean(cut))
    # Rounding gives a constant series a deviation of its own.
    return (center, scale) if scale > 1e-12 * max(abs(center), 1e-78) else None


def _follow_back(starts: IntArray, first: int) -> list[int]:
    """Segment starts, from the last segment to the first."""
    changes: list[int] = []
    end = len(starts) - 1
    while end >= 0 and starts[end] > first:
        changes.append(int(starts[end]))
        end = int(starts[end]) - 1
    return changes[::-1]


def confirm_change(
    values: FloatArray, suspected_index: int, *, margin: int = 10
) -> Confirmation | Refusal:
    """
    Ask PELT whether it sees the suspected change as well.

    Penalized least squares (PELT with a linear kernel, which is the l2 cost, in C), on
    values in units of their standard deviation with the tails cut, penalty 2 ln n (BIC
    for a mean). First on the level; then on the distance from the level of each segment.

    Args:
        values: float64, shape (n,): the window, n >= 20 without the missing ones.
        suspected_index: Where the new segment is thought to begin, in [0, n).
        margin: Observations by which the two may differ, at least 0.

    Returns:
        The change, or why it is not believed.
    """
    present = np.flatnonzero(_present(values))
    if len(present) < MIN_WINDOW:
        return Refusal(
            f"{len(present)} values are too few to confirm a change: {MIN_WINDOW} needed"
        )
    if not 0 <= suspected_index < len(values):
        return Refusal(f"the suspected index {suspected_index} is not among {len(values)} values")
    frame = _center_and_scale(values)
    if frame is None:
        return Refusal("the values do not vary")
    center, scale = frame
    window = values[present].astype(np.float64)
    low, high = np.quantile(window, [TAIL, 1.0 - TAIL])
    scaled = (np.clip(window, low, high) - center) / scale
    levels = _segment(scaled)
    found = _nearest(present, levels, suspected_index, margin)
    if found is not None:
        return _confirmation("level", window, present, levels, found)
    distance = np.abs(window - _segment_means(window, levels))
    spread_frame = _center_and_scale(distance)
    if spread_frame is not None:
        scaled = (np.minimum(distance, np.quantile(distance, 1.0 - TAIL))) / spread_frame[1]
        bounds = _segment(scaled)
        found = _nearest(present, bounds, suspected_index, margin)
        if found is not None:
            return _confirmation("volatility", distance, present, bounds, found)
    seen = ", ".join(str(present[index]) for index in levels) or "none"
    return Refusal(f"no change within {margin} of {suspected_index}; PELT sees: {seen}")


def _segment(scaled: FloatArray) -> list[int]:
    """Indices of new segments of values in units of their standard deviation."""
    import ruptures

    search = ruptures.KernelCPD(kernel="linear", min_size=MIN_SEGMENT)
    bounds = search.fit(scaled.reshape(-1, 1)).predict(pen=2.0 * np.log(len(scaled)))
    return [int(bound) for bound in bounds[:-1]]


def _segment_means(values: FloatArray, bounds: list[int]) -> FloatArray:
    """Each value's segment mean."""
    means = np.empty(len(values))
    for begin, end in zip([0, *bounds], [*bounds, len(values)], strict=True):
        means[begin:end] = values[begin:end].mean()
    return means


def _nearest(present: IntArray, bounds: list[int], suspected: int, margin: int) -> int | None:
    """The bound whose place in the window is nearest to the suspected one, within the margin."""
    near = [(abs(int(present[bound]) - suspected), bound) for bound in bounds]
    distance, bound = min(near, default=(margin + 1, 0))
    return bound if distance <= margin else None


def _confirmation(
    kind: Literal["level", "volatility"],
    values: FloatArray,
    present: IntArray,
    bounds: list[int],
    found: int,
) -> Confirmation:
    means = _segment_means(values, bounds)
    return Confirmation(int(present[found]), kind, float(means[found - 1]), float(means[found]))
