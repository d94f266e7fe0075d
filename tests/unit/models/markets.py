"""Made-up observations that the fits are tried on."""

from __future__ import annotations

import numpy as np

from core.domain.enums import N_SIGNALS
from core.domain.memory import Rows, allocate
from core.domain.records import BAR, QUOTE
from core.models.bars import Observations

BAR_NS = 250_000_000


def quotes(mid, reach=None, step_ns=BAR_NS // 10) -> Rows:
    """Books at a steady pace; `reach` is (rows, N_SIGNALS), zeros by default."""
    rows = allocate(QUOTE, len(mid))
    rows["ts_ns"] = 7_000 + np.arange(len(mid)) * step_ns
    rows["mid_ticks"] = mid
    if reach is not None:
        rows["reach"] = reach
    return rows


def bars(mid, features=None, first=21) -> Rows:
    """Closed bars, numbered from `first`: the kernel's own windows are full by then."""
    rows = allocate(BAR, len(mid))
    rows["number"] = np.arange(first, first + len(mid))
    rows["ts_ns"] = rows["number"] * BAR_NS
    rows["mid_ticks"] = mid
    if features is not None:
        rows["features"] = features
    return rows


def calm_and_wild(seed: int, count: int = 1_500) -> Observations:
    """A walk with calm and wild stretches of a hundred bars."""
    random = np.random.default_rng(seed)
    wild = np.repeat(random.random(count // 100) < 0.4, 100)
    steps = random.normal(0.0, np.where(wild, 4.0, 1.0))
    features = np.column_stack(
        [
            steps,
            np.where(wild, 0.9, -0.2) + random.normal(0.0, 0.2, count),
            np.clip(np.where(wild, 0.4, -0.3) + random.normal(0.0, 0.2, count), -1, 1),
        ]
    )
    mid = 10_000 + np.cumsum(steps).round() / 2
    walk = 10_000 + np.cumsum(random.normal(0.0, 1.0, count)).round() / 2
    reach = random.normal(0.0, 1.0, (count, N_SIGNALS))
    return Observations(bars(mid, features), quotes(walk, reach))
