"""The recorded level of the Isar at Munich, as a feed would have told it."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone

from core.feeds.port import Observation, Quality, Quantity, Reading
from tests import recorded_data

FILE = "munich/isar_level_16005701_2025-01_2025-11.csv.gz"
_MEZ = timezone(timedelta(hours=1))
"""All year: the station does not change its clock."""
_LATE_NS = 20 * 60 * 1_000_000_000
"""From a reading to the table that shows it."""


def load() -> Reading:
    """Every quarter of an hour from January to November 2025."""
    told = []
    with gzip.open(recorded_data.find(FILE), "rt", encoding="utf-8-sig") as file:
        for line in file:
            moment, _, rest = line.replace('"', "").partition(";")
            value = rest.partition(";")[0]
            if not moment[:4].isdecimal() or not value:
                continue
            local = datetime.fromisoformat(moment).replace(tzinfo=_MEZ)
            valid = int(local.timestamp()) * 1_000_000_000
            told.append(
                Observation(
                    Quantity.LEVEL_CM,
                    float(value.replace(",", ".")),
                    valid,
                    valid + _LATE_NS,
                    "gkd",
                    "16005701",
                    Quality.MEASURED,
                )
            )
    return Reading(tuple(told))
