"""
Loads weather as it was forecast, fetch by fetch: a CSV of hours.

Columns: fetched_at, valid_time, temperature_c, precipitation_mm, cloud_cover_percent, others
unread. Every fetch holds days back, its analysis, and days ahead.

Open-Meteo names all hours of an answer by the offset that the place has when it answers, on
both sides of a change of the clocks. A recorder that reads them as times of the calendar
writes offsets that are wrong there. Read by the offset of their fetch, analyses of one hour
are the same in every fetch; read as written, those around a change are an hour off.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path

from core.domain.errors import DataError, DecodeError
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import S_IN_NS
from core.feeds.files.text import read_lines
from core.feeds.port import Quality, Quantity, Reading

_COLUMNS: Mapping[str, Quantity] = {
    "temperature_c": Quantity.TEMPERATURE_C,
    "precipitation_mm": Quantity.PRECIPITATION_MM_H,
    "cloud_cover_percent": Quantity.CLOUD_COVER_PCT,
}
_TIMES = ("fetched_at", "valid_time")

_Row = tuple[int, int, list[float | None]]


def read_vintages(
    path: Path,
    *,
    place: str = "munich",
    source: str = "open-meteo",
) -> tuple[Reading, ...]:
    """
    Load a file: one reading for each fetch, as if it had just come.

    What was of the past at the fetch are observations of a model; the rest is its vintages.

    Args:
        path: A `.csv`, or `.csv.gz`.
        place: Where it is about; the file does not say.
        source: Whose it is.

    Returns:
        In order of the fetches.

    Raises:
        DataError: If it is another file than that, or cannot be read; it names the line.
    """
    readings = []
    last_ns = -1
    for fetched_ns, group in groupby(_rows(path), key=lambda row: row[0]):
        if fetched_ns < last_ns:
            raise DataError(path, "its fetches do not stand in order of time")
        last_ns = fetched_ns
        rows = list(group)
        sheet = Sheet(source, place, fetched_ns, Quality.MODELED)
        times = [row[1] for row in rows]
        try:
            for number, quantity in enumerate(_COLUMNS.values()):
                sheet.put_series(quantity, times, [row[2][number] for row in rows])
        except DecodeError as error:
            raise DataError(path, f"a fetch cannot be used: {error.reason}") from None
        readings.append(sheet.reading())
    return tuple(readings)


def _rows(path: Path) -> Iterator[_Row]:
    lines = csv.DictReader(read_lines(path))
    missing = [name for name in (*_TIMES, *_COLUMNS) if name not in (lines.fieldnames or ())]
    if missing:
        raise DataError(path, f"has no column {', '.join(missing)}")
    for number, row in enumerate(lines, start=2):
        try:
            values = [float(row[name]) if row[name] else None for name in _COLUMNS]
            yield *_moments(row), values
        except (TypeError, ValueError) as error:
            raise DataError(path, f"line {number}: cannot be read: {error}") from None


def _moments(row: Mapping[str, str]) -> tuple[int, int]:
    fetched_at, valid_time = (datetime.fromisoformat(row[name]) for name in _TIMES)
    if fetched_at.tzinfo is None:
        raise ValueError("fetched_at has no offset")
    return _ns(fetched_at), _ns(valid_time.replace(tzinfo=fetched_at.tzinfo))


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * S_IN_NS + moment.microsecond * 1000
