"""Heads of the columns in which Bavaria's services write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.feeds.port import Quantity

COLUMNS: Mapping[tuple[str, str], Quantity] = {
    ("wasserstand", "cm"): Quantity.LEVEL_CM,
    ("abfluss", "m³/s"): Quantity.FLOW_M3_S,
    ("wassertemperatur", "°c"): Quantity.WATER_TEMPERATURE_C,
}
"""By what the head of a column must hold, in small letters: name and unit."""


def find_column(heads: Sequence[str]) -> tuple[int, Quantity] | None:
    """Find the column of values, and what they are; None if there is none that we know."""
    for number, head in enumerate(heads):
        lowered = head.lower()
        for (name, unit), quantity in COLUMNS.items():
            if name in lowered and unit in lowered:
                return number, quantity
    return None
