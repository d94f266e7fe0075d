"""Every measure by name. Imported one at a time: a part costs only what it needs."""

from __future__ import annotations

from importlib import import_module

from tests.perf.row import Row

MEASURES = (
    "wire_to_order",
    "step",
    "backtest",
    "trader",
    "sweep",
    "fit",
    "data",
    "journal",
    "cancel_all",
    "recovery",
    "stale",
    "feeds",
    "city",
    "fair_value",
    "cockpit",
    "keys",
    "seek",
    "start",
    "memory",
    "sustained",
)
"""Modules of this package; each has a `measure`."""


def run(name: str) -> list[Row]:
    """
    Run one measure.

    Raises:
        Unmeasurable: If nothing of it can be measured here.
    """
    rows: list[Row] = import_module(f"tests.perf.{name}").measure()
    return rows
