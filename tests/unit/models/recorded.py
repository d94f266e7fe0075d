"""Series of the recorded data that several tests share."""

from __future__ import annotations

import csv
import gzip
from functools import lru_cache

import numpy as np

from tests.recorded_data import find


@lru_cache(maxsize=1)
def macro():
    """US quarterly figures: realgdp, realcons, infl."""
    with find("fixtures/macrodata_realgdp_realcons_infl.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return {
        name: np.array([float(row[name]) for row in rows])
        for name in ("realgdp", "realcons", "infl")
    }


@lru_cache(maxsize=1)
def gift_basket():
    """Mids of Prosperity 2, round 3, day 0, by product."""
    found = {}
    with gzip.open(find("prosperity2/round3/prices_round_3_day_0.csv.gz"), "rt") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            found.setdefault(row["product"], []).append(float(row["mid_price"]))
    return {name: np.array(mids) for name, mids in found.items()}
