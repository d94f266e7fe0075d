"""
Reads air quality of Open-Meteo: what is, and what is to come by hours.

Source: https://open-meteo.com/en/docs/air-quality-api.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.feeds.common.open_meteo import HOUR_S, read_envelope, series
from core.feeds.common.sheet import Sheet
from core.feeds.port import Answer, Quality, Quantity, Reading

VARIABLES: Mapping[str, Quantity] = {
    "european_aqi": Quantity.EAQI,
    "us_aqi": Quantity.US_AQI,
    "pm10": Quantity.PM10_UG_M3,
    "pm2_5": Quantity.PM2_5_UG_M3,
    "carbon_monoxide": Quantity.CO_UG_M3,
    "nitrogen_dioxide": Quantity.NO2_UG_M3,
    "sulphur_dioxide": Quantity.SO2_UG_M3,
    "ozone": Quantity.O3_UG_M3,
}


def read_air(answer: Answer, source: str, place: str) -> Reading:
    """
    Read an answer of `/v1/air-quality`.

    Raises:
        DecodeError: If it is not what the service documents.
        FeedRefused: If it says that too much was asked, and until when.
    """
    envelope = read_envelope(answer, source)
    sheet = Sheet(source, place, answer.fetched_ts_ns, Quality.MODELED)
    for variable, quantity in VARIABLES.items():
        if envelope.hourly is not None:
            hours = series(
                envelope, envelope.hourly, envelope.hourly_units, variable, HOUR_S, source
            )
            if hours is not None:
                sheet.put_series(quantity, hours.valid_ts_ns, hours.values)
        if envelope.current is not None:
            now = series(
                envelope, envelope.current, envelope.current_units, variable, HOUR_S, source
            )
            if now is not None:
                for valid_ts_ns, value in zip(now.valid_ts_ns, now.values, strict=True):
                    sheet.put(quantity, value, valid_ts_ns)
    return sheet.filled()
