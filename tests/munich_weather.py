"""The recorded weather forecasts for Munich, as the feeds would have told them."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import datetime
from itertools import pairwise

import numpy as np

from core.feeds.port import Observation, Quality, Quantity, Reading, Vintage
from tests import recorded_data

FILE = "munich/weather_vintages_2026-01-16_2026-04-30.csv.gz"
COLUMNS = {
    Quantity.TEMPERATURE_C: "temperature_c",
    Quantity.CLOUD_COVER_PCT: "cloud_cover_percent",
}
_SOURCE, _PLACE = "open-meteo", "48.1351,11.5820"


def ns(text: str) -> int:
    """ISO time with its offset to UTC ns, to the microsecond."""
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1_000


def load() -> tuple[list[int], Reading]:
    """
    All fetches, and what they told.

    Hours before a fetch that no earlier fetch covered are observations of that fetch, later
    hours are its forecast.
    """
    rows: dict[int, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    with gzip.open(recorded_data.find(FILE), "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[ns(row["fetched_at"])].append((ns(row["valid_time"]), row))
    fetches = sorted(rows)
    observations: list[Observation] = []
    vintages: list[Vintage] = []
    for before, fetched in pairwise([0, *fetches]):
        told = sorted(rows[fetched], key=lambda pair: pair[0])
        for quantity, column in COLUMNS.items():
            observations += [
                Observation(
                    quantity, float(row[column]), valid, fetched, _SOURCE, _PLACE, Quality.MODELED
                )
                for valid, row in told
                if before <= valid < fetched and row[column]
            ]
            ahead = [(valid, row[column]) for valid, row in told if valid >= fetched]
            vintages.append(
                Vintage(
                    quantity,
                    _SOURCE,
                    _PLACE,
                    fetched,
                    np.array([valid for valid, _ in ahead], np.int64),
                    np.array([float(text or "nan") for _, text in ahead]),
                )
            )
    return fetches, Reading(tuple(observations), tuple(vintages))
