"""Published series that the fits and filters are held against."""

from __future__ import annotations

import csv

import numpy as np

from tests.recorded_data import find


def columns(name, *fields):
    """Columns of a CSV among the recorded fixtures; skips where there are none."""
    with find(f"fixtures/{name}").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [np.array([float(row[field]) for row in rows]) for field in fields]


def nile():
    """Annual flow at Aswan, 1871-1970."""
    return columns("nile.csv", "volume")[0]


def hamilton():
    """US GNP growth by quarter, and whether NBER calls the quarter a recession."""
    growth, recession = columns("hamilton_rgnp.csv", "rgnp_growth", "nber_recession")
    return growth, recession == 1
