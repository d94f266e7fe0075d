"""Numbers as they are written in Germany."""

from __future__ import annotations

import math


def decimal(text: str) -> float | None:
    """
    Read a number with a decimal comma, points between thousands allowed.

    Returns:
        None where there is no value: nothing or dashes.

    Raises:
        ValueError: If it is something else.
    """
    stripped = text.strip()
    if not stripped.strip("-"):
        return None
    value = float(stripped.replace(".", "").replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(f"{stripped!r} is not a finite number")
    return value
