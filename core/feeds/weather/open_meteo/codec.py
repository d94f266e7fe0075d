"""
Reads a forecast: what is, what was modeled for the last day, and what is to come.

Source: https://open-meteo.com/en/docs.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.feeds.common.open_meteo import HOUR_S, Block, Envelope, Series, read_envelope, series
from core.feeds.common.sheet import Sheet
from core.feeds.port import Answer, Quality, Quantity, Reading

VARIABLES: Mapping[str, Quantity] = {
    "temperature_2m": Quantity.TEMPERATURE_C,
    "relative_humidity_2m": Quantity.HUMIDITY_PCT,
    "precipitation": Quantity.PRECIPITATION_MM_H,
    "pressure_msl": Quantity.PRESSURE_HPA,
    "cloud_cover": Quantity.CLOUD_COVER_PCT,
    "wind_speed_10m": Quantity.WIND_SPEED_M_S,
    "wind_direction_10m": Quantity.WIND_DIRECTION_DEG,
}
_QUARTER_S = 900


def read_forecast(answer: Answer, source: str, place: str) -> Reading:
    """
    Read an answer of `/v1/forecast`.

    Of each quantity the quarters of an hour go before the hours, which follow where those end.

    Raises:
        DecodeError: If it is not what the service documents.
        FeedRefused: If it says that too much was asked, and until when.
    """
    envelope = read_envelope(answer, source)
    sheet = Sheet(source, place, answer.fetched_ts_ns, Quality.MODELED)
    for variable, quantity in VARIABLES.items():
        found = [
            part
            for part in (
                _take(envelope, envelope.minutely_15, envelope.minutely_15_units, variable, source),
                _take(envelope, envelope.hourly, envelope.hourly_units, variable, source, HOUR_S),
            )
            if part is not None
        ]
        if found:
            joined = _join(found)
            sheet.put_series(quantity, joined.valid_ts_ns, joined.values)
        now = _take(
            envelope,
            envelope.current,
            envelope.current_units,
            variable,
            source,
            envelope.interval_s,
        )
        if now is not None:
            for valid_ts_ns, value in zip(now.valid_ts_ns, now.values, strict=True):
                sheet.put(quantity, value, valid_ts_ns)
    return sheet.filled()


def _take(
    envelope: Envelope,
    block: Block | None,
    units: Mapping[str, str],
    variable: str,
    source: str,
    step_s: int = _QUARTER_S,
) -> Series | None:
    if block is None:
        return None
    return series(envelope, block, units, variable, step_s, source)


def _join(parts: list[Series]) -> Series:
    """Go on with the second where the first has said its last."""
    valid_ts_ns = list(parts[0].valid_ts_ns)
    values = list(parts[0].values)
    for part in parts[1:]:
        end = max(valid_ts_ns, default=0)
        rest = [n for n, ts in enumerate(part.valid_ts_ns) if ts > end]
        valid_ts_ns += [part.valid_ts_ns[n] for n in rest]
        values += [part.values[n] for n in rest]
    return Series(valid_ts_ns, values)
