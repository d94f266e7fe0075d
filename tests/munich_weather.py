"""The recorded weather forecasts for Munich, as the feeds would have told them."""

from __future__ import annotations

from core.feeds.files.vintages import read_vintages
from core.feeds.port import Quantity, Reading
from tests import recorded_data

FILE = "munich/weather_vintages_2026-01-16_2026-04-30.csv.gz"
QUANTITIES = (Quantity.TEMPERATURE_C, Quantity.CLOUD_COVER_PCT)


def load() -> tuple[list[int], Reading]:
    """
    All fetches, and what they told.

    Every fetch tells days of the past again: what an earlier one told is left out.
    """
    fetches: list[int] = []
    observations = []
    vintages = []
    for reading in read_vintages(recorded_data.find(FILE)):
        before_ns = fetches[-1] if fetches else 0
        vintages += [told for told in reading.vintages if told.quantity in QUANTITIES]
        observations += [
            told
            for told in reading.observations
            if told.quantity in QUANTITIES and told.valid_ts_ns >= before_ns
        ]
        fetches.append(reading.vintages[0].issued_ts_ns)
    return fetches, Reading(tuple(observations), tuple(vintages))
