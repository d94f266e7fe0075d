"""
Reads levels of PEGELONLINE, version 2.

Source: https://www.pegelonline.wsv.de/webservice/dokuRestapi. Times have offsets.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, TypeAdapter

from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS, Body, Number, read_json
from core.feeds.port import Answer, Quality, Quantity, Reading


class Measurement(Body):
    """One level."""

    timestamp: AwareDatetime
    value: Number


def _as_list(content: object) -> object:
    return [content] if isinstance(content, dict) else content


_ADAPTER: TypeAdapter[list[Measurement]] = TypeAdapter(
    Annotated[list[Measurement], BeforeValidator(_as_list)]
)


def read_levels(answer: Answer, source: str, station: str) -> Reading:
    """
    Read the answer of `measurements.json`, or of `currentmeasurement.json`.

    Raises:
        DecodeError: If it is not what the service documents.
    """
    sheet = Sheet(source, station, answer.fetched_ts_ns, Quality.MEASURED)
    for item in read_json(_ADAPTER, answer, source):
        sheet.put(Quantity.LEVEL_CM, item.value, int(item.timestamp.timestamp()) * S_IN_NS)
    return sheet.filled()
