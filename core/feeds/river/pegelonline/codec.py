"""
Reads levels of PEGELONLINE, version 2.

Source: https://www.pegelonline.wsv.de/webservice/dokuRestapi. Times have offsets.
"""

from __future__ import annotations

from pydantic import AwareDatetime, TypeAdapter

from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, Number, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading


class Measurement(Body):
    """One level."""

    timestamp: AwareDatetime
    value: Number


_ADAPTER: TypeAdapter[list[Measurement] | Measurement] = TypeAdapter(
    list[Measurement] | Measurement
)


def read_levels(answer: Answer, source: str, station: str) -> Reading:
    """
    Read the answer of `measurements.json`, or of `currentmeasurement.json`.

    Raises:
        DecodeError: If it is not what the service documents.
    """
    found = read_json(_ADAPTER, answer, source)
    sheet = Sheet(source, station, answer.fetched_ts_ns, Quality.MEASURED)
    for item in found if isinstance(found, list) else [found]:
        sheet.put(Quantity.LEVEL_CM, item.value, int(item.timestamp.timestamp()) * S_IN_NS)
    return sheet.filled()
