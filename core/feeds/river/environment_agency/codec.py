"""
Reads levels of the Environment Agency's real time data; meters become centimeters.

Source: https://environment.data.gov.uk/flood-monitoring/doc/reference. Times are UTC.
Attribution: this uses Environment Agency flood and river level data from the real-time data
API (Beta).
"""

from __future__ import annotations

from pydantic import AwareDatetime, Field, TypeAdapter

from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, Number, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading

M_IN_CM = 100.0


class Level(Body):
    """One level."""

    moment: AwareDatetime = Field(validation_alias="dateTime")
    value: Number = None


class Levels(Body):
    """An answer."""

    items: list[Level]


_ADAPTER = TypeAdapter(Levels)


def read_levels(answer: Answer, source: str, station: str) -> Reading:
    """
    Read the answer of `/readings` of one measure of a level in meters.

    Raises:
        DecodeError: If it is not what the service documents.
    """
    sheet = Sheet(source, station, answer.fetched_ts_ns, Quality.MEASURED)
    for item in read_json(_ADAPTER, answer, source).items:
        level_cm = None if item.value is None else item.value * M_IN_CM
        sheet.put(Quantity.LEVEL_CM, level_cm, int(item.moment.timestamp()) * S_IN_NS)
    return sheet.filled()
