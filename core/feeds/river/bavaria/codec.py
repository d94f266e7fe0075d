"""
Reads pages of the HND and the GKD: no other form of the data is served as they come.

Source: https://www.hnd.bayern.de and https://www.gkd.bayern.de, Bayerisches Landesamt für
Umwelt. Times are local, decimals have commas, `--` is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from core.domain.errors import DecodeError
from core.feeds.common.german import decimal
from core.feeds.common.local_time import OutOfOrder, resolve
from core.feeds.common.sheet import Sheet
from core.feeds.common.wire import quoted
from core.feeds.port import Answer, Quality, Quantity, Reading
from core.feeds.river.bavaria.html import Page, read_page
from core.feeds.river.columns import COLUMNS, find_column

ZONE = ZoneInfo("Europe/Berlin")

_BY_UNIT: Mapping[str, Quantity] = {unit: quantity for (_, unit), quantity in COLUMNS.items()}

_LATEST = re.compile(
    r"Letzter Messwert vom (\d\d\.\d\d\.\d\d \d\d:\d\d) Uhr: ([\d.,-]+) (cm|m³/s|°C)"
)
_TABLE_TIME = "%d.%m.%Y %H:%M"
_PAGE_TIME = "%d.%m.%y %H:%M"

_Row = tuple[datetime, Quantity, float | None]


def read_gauge(answer: Answer, source: str, station: str) -> Reading:
    """
    Read a page of one gauge: its table, or its latest value where it has none.

    Args:
        answer: The page.
        source: Name of the source.
        station: Number of the gauge.

    Raises:
        DecodeError: If it is another page than that, or its times go back and forth.
    """
    page = read_page(answer.body)
    try:
        rows = list(_table_rows(page)) or list(_latest_row(page))
        moments = resolve([row[0] for row in rows], ZONE, answer.fetched_ts_ns)
    except OutOfOrder as error:
        raise DecodeError(
            source, f"gauge {station}: {error}, so its moment cannot be told"
        ) from None
    except ValueError as error:
        raise DecodeError(
            source, f"gauge {station}: a row cannot be read: {quoted(str(error))}"
        ) from None
    if not rows:
        raise DecodeError(
            source,
            f"gauge {station}: the page has neither table nor latest value; check the station "
            "of the place, or the site has changed",
        )
    sheet = Sheet(source, station, answer.fetched_ts_ns, Quality.MEASURED)
    for (_, quantity, value), moment_ns in zip(rows, moments, strict=True):
        if moment_ns is not None:
            sheet.put(quantity, value, moment_ns)
    return sheet.filled()


def _table_rows(page: Page) -> Iterable[_Row]:
    for table in page.tables:
        found = find_column(table.header)
        if found is None:
            continue
        column, quantity = found
        for cells in table.rows:
            if len(cells) > column:
                moment = datetime.strptime(cells[0], _TABLE_TIME)  # noqa: DTZ007  local: resolved
                yield moment, quantity, decimal(cells[column])
        return


def _latest_row(page: Page) -> Iterable[_Row]:
    match = _LATEST.search(page.text)
    if match is None:
        return
    moment = datetime.strptime(match[1], _PAGE_TIME)  # noqa: DTZ007  local: resolved later
    yield moment, _BY_UNIT[match[3].lower()], decimal(match[2])
