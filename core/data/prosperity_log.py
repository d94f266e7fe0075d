"""
The log that Prosperity's site hands out after a submission.

Older logs have three parts under headings: `Sandbox logs:`, `Activities log:` (the day's
prices) and `Trade History:`, a list with a comma after the last field of each trade, which
JSON does not allow. Newer ones are one JSON document with `activitiesLog` and `tradeHistory`.
Trades of the submission itself are kept out: a backtest makes its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import polars as pl

from core.data.cells import NOT_WHOLE, Sheet, is_whole
from core.data.dataset import SourceFile
from core.data.files import Content
from core.data.prosperity_rows import Table, faults_of_trades, read_books, trade_table
from core.domain.errors import DataError

OWN = "the submission's own trade"
NO_DAY = "trade of a log with several days, so of no day"

_HEADING = "Sandbox logs:"
_SUBMISSION = "SUBMISSION"
_KEYS = ('"activitiesLog"', '"tradeHistory"', '"sandboxLog', '"submissionId"')
_ACTIVITIES = re.compile(rb"^Activities log:[ \t\r]*$", re.MULTILINE)
_TRADES = re.compile(rb"^Trade History:[ \t\r]*$", re.MULTILINE)
_OBJECT = re.compile(rb"\{[^{}]*\}")
_LAST_COMMA = re.compile(rb",(?=\s*\})")


class _Trade(msgspec.Struct):
    timestamp: int
    symbol: str
    price: float
    quantity: float
    buyer: str | None = None
    seller: str | None = None


class _Document(msgspec.Struct):
    activities: str = msgspec.field(name="activitiesLog")
    trades: list[msgspec.Raw] | str | None = msgspec.field(name="tradeHistory", default=None)


_DECODER = msgspec.json.Decoder(_Trade, strict=False)


def is_prosperity_log(beginning: str) -> bool:
    """Tell a log by its first heading, or by the keys of its JSON."""
    if beginning.startswith(_HEADING):
        return True
    return beginning.startswith("{") and any(key in beginning for key in _KEYS)


def read_log(content: Content) -> tuple[Table, Table | None]:
    """
    Read the books of a log, and its trades by others where they belong to one day.

    Raises:
        DataError: If the log has no activities, or none of them can be used.
    """
    activities, trades = _parts(content)
    books = read_books(replace(content, text=activities))
    sheet = _trade_sheet(trades)
    sheet.sift([(OWN, pl.any_horizontal(pl.col("buyer", "seller") == _SUBMISSION))])
    fits = pl.all_horizontal(
        [is_whole(pl.col(name)) for name in ("timestamp", "price", "quantity")]
    )
    sheet.sift([(NOT_WHOLE, ~fits), *faults_of_trades(books.symbols)])
    days = books.frame["day"].unique().to_list()
    if len(days) != 1:
        sheet.sift([(NO_DAY, pl.lit(value=True) | pl.col("price").is_null())])
    source = SourceFile(content.path, content.sha256, sheet.rows, sheet.skipped)
    frame = sheet.frame.with_columns(pl.col("timestamp", "price", "quantity").cast(pl.Int32))
    return books, trade_table(frame.with_columns(day=pl.lit(days[0])), books.symbols, source)


def _parts(content: Content) -> tuple[bytes, list[bytes]]:
    """Find the text of the prices, and that of each trade."""
    if content.text.lstrip().startswith(b"{"):
        return _document(content)
    start, end = _ACTIVITIES.search(content.text), _TRADES.search(content.text)
    if start is None:
        raise DataError(content.path, 'is a log without the heading "Activities log:"')
    activities = content.text[start.end() : end.start() if end else len(content.text)]
    return activities.strip() + b"\n", _objects(content.text[end.end() :]) if end else []


def _document(content: Content) -> tuple[bytes, list[bytes]]:
    try:
        document = msgspec.json.decode(content.text, type=_Document)
    except (ValueError, RecursionError) as error:
        raise DataError(content.path, f"is no whole JSON log: {error}") from error
    trades = document.trades or []
    if isinstance(trades, str):
        return document.activities.encode(), _objects(trades.encode())
    return document.activities.encode(), [bytes(each) for each in trades]


def _objects(text: bytes) -> list[bytes]:
    """Split a list of trades that is almost JSON; what is cut at its end is one of them too."""
    found = _OBJECT.findall(text)
    return [
        *(_LAST_COMMA.sub(b"", each) for each in found),
        *[b""] * (text.count(b"{") - len(found)),
    ]


def _trade_sheet(texts: Sequence[bytes]) -> Sheet:
    sound: list[_Trade] = []
    for text in texts:
        try:
            sound.append(_DECODER.decode(text))
        except (ValueError, RecursionError):
            continue
    broken = len(texts) - len(sound)
    columns: dict[str, Any] = {
        name: [getattr(trade, name) for trade in sound] for name in _Trade.__struct_fields__
    }
    kinds = dict.fromkeys(("symbol", "buyer", "seller"), pl.String)
    frame = pl.DataFrame(
        columns, schema={**dict.fromkeys(columns, pl.Float64), **kinds}, strict=False
    ).with_columns(pl.col("buyer", "seller").fill_null(""))
    return Sheet(frame, len(texts), {"not a trade": broken} if broken else {})
