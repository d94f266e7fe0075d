"""From the engine's numbers to those of a JSON document."""

from __future__ import annotations

import math

from core.domain.instrument import NANOS


def number(value: float) -> float | None:
    """None for what JSON cannot say."""
    return float(value) if math.isfinite(value) else None


def money(nanos: int) -> float:
    """Units of the account's currency."""
    return int(nanos) / NANOS
