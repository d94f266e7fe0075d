"""What lies beside Prosperity's prices and only a Trader asks for: names and observations."""

from __future__ import annotations

import csv
import io
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np

from core.backtest.trader import Beside
from core.data.dataset import DataSet
from core.data.days import prosperity_day_start_ns
from core.data.files import read_content
from core.data.prosperity import trades_beside
from core.domain.enums import EventKind
from core.strategies.datamodel import ConversionObservation
from core.strategies.trader import Name

_NS_PER_MS = 1_000_000

_CONVERTED = "MAGNIFICENT_MACARONS"
"""What observations that name no product are about."""

_OBSERVED = (
    "bidPrice", "askPrice", "transportFees", "exportTariff", "importTariff", "sugarPrice",
    "sunlightIndex",
)  # fmt: skip


def read_beside(data: DataSet) -> Beside:
    """
    Read who traded, and what the other island showed.

    What is not there is left out, as it is where several days are run at once: a row names
    no day.
    """
    paths = [file.path for file in data.sources if file.path.name.startswith("prices_")]
    if len(paths) != 1:
        return Beside()
    return Beside(_names(data, paths[0]), _observations(data, paths[0]))


def _names(data: DataSet, prices: Path) -> dict[int, Name]:
    """Buyer and seller of each market trade, by its row among the events."""
    path = trades_beside(prices)
    if path is None:
        return {}
    told: dict[tuple[int, str, int, int], deque[Name]] = defaultdict(deque)
    for row in _rows(path, ";"):
        buyer, seller = row.get("buyer") or "", row.get("seller") or ""
        key = _trade_key(row)
        if key is not None and (buyer or seller):
            told[key].append((buyer, seller))
    if not told:
        return {}
    start_ns = prosperity_day_start_ns(data.first_ts_ns)
    symbols = [str(instrument.symbol) for instrument in data.instruments]
    names: dict[int, Name] = {}
    for place in np.flatnonzero(data.events["kind"] == EventKind.TRADE).tolist():
        event = data.events[place]
        timestamp = (int(event["ts_ns"]) - start_ns) // _NS_PER_MS
        symbol = symbols[int(event["instrument"])]
        waiting = told.get((timestamp, symbol, int(event["price_ticks"]), int(event["lots"])))
        if waiting:
            names[place] = waiting.popleft()
    return names


def _trade_key(row: dict[str, str]) -> tuple[int, str, int, int] | None:
    """Time, product, price and quantity; None for a row that the loader leaves out as well."""
    try:
        return (
            int(float(row["timestamp"])), row["symbol"], int(float(row["price"])),
            int(float(row["quantity"])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None


def _observations(data: DataSet, prices: Path) -> dict[int, dict[str, Any]]:
    """Observations by time in ns, of `observations_*.csv` beside the prices."""
    stem = prices.name.replace("prices_", "observations_", 1).removesuffix(".gz")
    files = [prices.with_name(name) for name in (stem, f"{stem}.gz")]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        return {}
    start_ns = prosperity_day_start_ns(data.first_ts_ns)
    observed: dict[int, dict[str, Any]] = {}
    for row in _rows(found, ","):
        try:
            numbers = [float(row[name]) for name in _OBSERVED if row.get(name)]
            moment_ns = start_ns + int(float(row["timestamp"])) * _NS_PER_MS
            observed[moment_ns] = {_CONVERTED: ConversionObservation(*numbers)}
        except (KeyError, TypeError, ValueError):
            continue
    return observed


def _rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    text = read_content(path).text.decode(errors="replace")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
