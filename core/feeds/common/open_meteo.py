"""
What Open-Meteo's services share: the envelope, the columns, the refusals.

Source: https://open-meteo.com/en/docs. Attribution: weather data by Open-Meteo.com, CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, TypeAdapter

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.common.complaints import said
from core.feeds.common.wire import S_IN_NS, Body, EpochSeconds, Number, quoted, read_json
from core.feeds.port import Answer

HOUR_S = 3600
DAY_S = 86_400

Time = EpochSeconds | datetime
"""Seconds UTC, as asked for; local time without an offset if the service ignored that."""


Scale = Callable[[float, int], float]
"""From the service's value and the seconds that it is about, to ours."""

SCALES: Mapping[str, Scale] = {
    "°C": lambda value, _: value,
    "%": lambda value, _: value,
    "hPa": lambda value, _: value,
    "°": lambda value, _: value,
    "m/s": lambda value, _: value,
    "km/h": lambda value, _: value / 3.6,
    "mm": lambda value, seconds: value * HOUR_S / seconds,
    "μg/m³": lambda value, _: value,
    "µg/m³": lambda value, _: value,
    "EAQI": lambda value, _: value,
    "USAQI": lambda value, _: value,
}
"""By the unit that the answer names. Both signs for micro are in use."""


def _as_column(value: object) -> object:
    return value if isinstance(value, list) else [value]


class Block(Body):
    """Columns of equal length; a moment's values are columns of one."""

    time: Annotated[list[Time], BeforeValidator(_as_column)]
    columns: dict[str, list[Number]] = Field(default_factory=dict)


def _block(value: object) -> object:
    """Part the times from the columns, and what is told in words from the numbers."""
    if not isinstance(value, dict) or "columns" in value:
        return value
    return {
        "time": value.get("time"),
        "columns": {
            name: _as_column(column)
            for name, column in value.items()
            if name not in {"time", "interval"}
        },
    }


_Block = Annotated[Block | None, BeforeValidator(_block)]


class Envelope(Body):
    """An answer for one location."""

    error: bool = False
    reason: str = ""
    utc_offset_seconds: int = 0
    current_units: dict[str, str] = Field(default_factory=dict)
    current: _Block = None
    interval_s: Annotated[int, Field(gt=0)] = 900
    minutely_15_units: dict[str, str] = Field(default_factory=dict)
    minutely_15: _Block = None
    hourly_units: dict[str, str] = Field(default_factory=dict)
    hourly: _Block = None


T = TypeVar("T")


def _first(value: object) -> object:
    """Several locations are answered by a list; the first is the city itself."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict) and isinstance(value.get("current"), dict):
        return {**value, "interval_s": value["current"].get("interval", 900)}
    return value


_ADAPTER = TypeAdapter(Annotated[Envelope, BeforeValidator(_first)])


def read_envelope(answer: Answer, source: str) -> Envelope:
    """
    Read an answer.

    Raises:
        DecodeError: If it is not one of Open-Meteo, or says that something is wrong.
        FeedRefused: If it says that too much was asked, and until when.
    """
    envelope = read_json(_ADAPTER, answer, source)
    if envelope.error:
        what = f"it says: {quoted(envelope.reason) or 'error, and nothing more'}"
        wait_s = pause_s(answer)
        if wait_s is not None:
            raise FeedRefused(source, what, wait_s)
        raise DecodeError(source, what)
    return envelope


class Series:
    """One variable of a block, in our unit."""

    def __init__(self, valid_ts_ns: list[int], values: list[float | None]) -> None:
        self.valid_ts_ns = valid_ts_ns
        self.values = values


def series(
    envelope: Envelope,
    block: Block,
    units: Mapping[str, str],
    variable: str,
    step_s: int,
    source: str,
) -> Series | None:
    """
    Take one variable out of a block.

    Args:
        envelope: The whole answer.
        block: Where to look.
        units: Units that the answer names for that block.
        variable: Name at the service.
        step_s: Seconds between values, over which sums of rain go.
        source: Name for the error.

    Returns:
        None if the block has no such variable.

    Raises:
        DecodeError: If its unit is another one than we know, or its length that of no column.
    """
    column = block.columns.get(variable)
    if column is None:
        return None
    if len(column) != len(block.time):
        raise DecodeError(
            source,
            f"{variable}: {len(column)} values for {len(block.time)} times; the answer was cut "
            "or the service has changed its format",
        )
    unit = units.get(variable, "")
    scale = SCALES.get(unit)
    if scale is None:
        raise DecodeError(
            source, f"{variable} is in {quoted(unit)!r}; known units are {', '.join(SCALES)}"
        )
    values = [None if value is None else scale(value, step_s) for value in column]
    return Series([_utc_ns(time, envelope.utc_offset_seconds) for time in block.time], values)


def _utc_ns(time: Time, offset_s: int) -> int:
    if isinstance(time, int):
        return time * S_IN_NS
    shift_s = 0 if time.tzinfo else offset_s
    return (int(time.replace(tzinfo=time.tzinfo or UTC).timestamp()) - shift_s) * S_IN_NS


def pause_s(answer: Answer) -> float | None:
    """
    For how long a refusal asks us to wait: a minute, to the next hour, or to the next UTC day.

    Returns:
        None if it names none of them.
    """
    sentence = said(answer.body).lower()
    now_s = answer.fetched_ts_ns // S_IN_NS
    if "minutely" in sentence:
        return 60.0
    if "hourly" in sentence:
        return float(HOUR_S - now_s % HOUR_S)
    if "daily" in sentence:
        return float(DAY_S - now_s % DAY_S)
    return None
