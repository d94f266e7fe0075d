"""Targets that are recordings of markets."""

from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from core.data.dataset import in_memory
from core.data.loader import load_data
from core.data.store.export import export_market, is_export, open_export
from core.settings.data import DataSettings
from tests.fuzz.folder import FileSubject
from tests.fuzz.mutate import JSON_TOKENS, ODD_NUMBERS, ODD_TEXTS, Mutator, text_template
from tests.fuzz.target import Source, Target
from tests.unit.data import recordings
from tests.unit.data.mapped_settings import data_settings
from tests.unit.data.recordings import PRICES_HEADER, TRADES_HEADER, price_row

_TOKENS = tuple(text.encode() for text in (*ODD_NUMBERS, *ODD_TEXTS, ";", "\n", ",", '"', "\r\n"))


def _prices(*rows: str) -> bytes:
    return "\n".join((PRICES_HEADER, *rows, "")).encode()


class _Packed:
    """Every fourth recording is compressed, and some of those are damaged."""

    def __init__(self, files: Source) -> None:
        self._files = files

    def generate(self, random: Random) -> bytes:
        data = self._files.generate(random)
        if random.random() < 0.75:
            return data
        packed = bytearray(gzip.compress(data, 1, mtime=0))
        if random.random() < 0.5:
            packed[random.randrange(len(packed))] ^= 1 << random.randrange(8)
        if random.random() < 0.3:
            del packed[random.randrange(len(packed)) :]
        return bytes(packed)


def _load(columns: DataSettings | None, path: Path) -> None:
    data = load_data([path], columns)
    assert len(data.events) > 0, "a recording without events"
    assert 0 <= data.first_ts_ns <= data.last_ts_ns, "time runs backwards"


_ROWS = (
    price_row(100, "ROSES", "99;3", "101;2"),
    price_row(200, "ROSES", "98;3", ""),
    price_row(200, "STARS", "9;3", "11;2"),
    price_row(0, "ROSES", "99;1", "102;2", day=1),
)


def prosperity() -> Target:
    """Days as semicolons separate them."""
    templates = [text_template(_prices(*_ROWS)), text_template(_prices(_ROWS[0]))]
    source = _Packed(Mutator(templates, _TOKENS, deep=b";"))
    return Target(
        source, lambda: FileSubject("prices_round_1_day_0.csv", partial(_load, None)), per_cent=0.5
    )


def prosperity_trades() -> Target:
    """The trades of a day, beside its prices."""
    rows = (TRADES_HEADER, "100;a;b;ROSES;SEASHELLS;99.0;3", "200;;;STARS;SEASHELLS;10;7", "")
    source = _Packed(Mutator([text_template("\n".join(rows).encode())], _TOKENS, deep=b";"))

    def read(path: Path) -> None:
        prices = path.with_name("prices_round_1_day_0.csv")
        prices.write_bytes(_prices(*_ROWS[:3]))
        _load(None, prices)

    return Target(source, lambda: FileSubject("trades_round_1_day_0.csv", read), per_cent=0.5)


def binance() -> Target:
    """Streams as they were received."""
    lines = (
        recordings.snapshot(1_000, 10, [["50.1", "3"]], [["50.3", "4"]]),
        recordings.diff(2_000, 11, 12, [["50.1", "0"], ["50.0", "7"]], []),
        recordings.ticker(3_000, 13, ("50.0", "5"), ("50.2", "1")),
        recordings.print_trade(4_000, "50.2", "1"),
        recordings.diff(5_000, 13, 15, [], [["50.4", "2.5"]]),
    )
    future = (
        recordings.snapshot(1_000, 10, [["50.1", "3"]], []),
        recordings.diff(2_000, 8, 12, [["50", "1"]], [["51", "1"]], previous=7),
    )
    templates = [text_template("\n".join((*part, "")).encode()) for part in (lines, future)]
    source = _Packed(Mutator(templates, (*_TOKENS, *JSON_TOKENS)))
    return Target(source, lambda: FileSubject("xyz.jsonl", partial(_load, None)), per_cent=1)


def prosperity_log() -> Target:
    """Logs of the site, in three parts and as one document."""
    prices = _prices(*_ROWS[:3]).decode()
    trade = '{"timestamp": 100, "symbol": "ROSES", "price": 99.0, "quantity": 3, "buyer": "SUB"%s}'
    parts = f"Sandbox logs:\n{{}}\nActivities log:\n{prices}\nTrade History:\n[{trade % ','}]\n"
    document = json.dumps({"activitiesLog": prices, "tradeHistory": [json.loads(trade % "")]})
    templates = [text_template(text.encode()) for text in (parts, document)]
    source = _Packed(Mutator(templates, (*_TOKENS, *JSON_TOKENS), deep=b"{"))
    return Target(source, lambda: FileSubject("17.log", partial(_load, None)), per_cent=0.5)


def bars() -> Target:
    """Minutes as commas separate them."""
    lines = (
        "timestamp,open,high,low,close,volume",
        "2021-12-31 23:01:00.5,10,11.5,9,10.5,7.25",
        "2021-12-31T23:02:00Z,10,11,9,10,0",
        "2022-01-01 01:03:00+01:00,10,11,9,9,3",
        "",
    )
    source = _Packed(Mutator([text_template("\n".join(lines).encode())], _TOKENS, deep=b","))
    return Target(source, lambda: FileSubject("bars.csv", partial(_load, None)), per_cent=0.5)


def orders_table() -> Target:
    """A table of orders, by the map of its columns."""
    lines = (
        "timestamp,action,order_id,side,price,size", "1000,A,x,B,9.5,3", "2000,A,y,S,10,2",
        "3000,E,y,S,10,1", "4000,M,x,B,9.0,6", "5000,C,x,B,,1", "6000,T,,B,10,5", "7000,R,,,,", "",
    )  # fmt: skip
    source = _Packed(Mutator([text_template("\n".join(lines).encode())], _TOKENS, deep=b","))
    columns = data_settings(kind="orders")
    return Target(source, lambda: FileSubject("l3.csv", partial(_load, columns)), per_cent=0.5)


class _Part:
    """Bytes of a stored part, some of them others."""

    def __init__(self) -> None:
        self._whole = _exported()

    def generate(self, random: Random) -> bytes:
        data = bytearray(self._whole)
        for _ in range(random.randrange(1, 5)):
            data[random.randrange(len(data))] = random.randrange(256)
        if random.random() < 0.2:
            del data[random.randrange(len(data)) :]
        return bytes(data)


def _exported() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "prices.csv"
        path.write_bytes(_prices(*_ROWS))
        exported = Path(folder) / "x.parquet"
        export_market(load_data([path]), exported, "test")
        return exported.read_bytes()


def parquet() -> Target:
    """Our own export, damaged: refused, or a market in order."""

    def read(path: Path) -> None:
        if is_export(path):
            ts_ns = in_memory(open_export(path)).events["ts_ns"]
            assert (ts_ns[1:] >= ts_ns[:-1]).all(), "time runs backwards"

    return Target(_Part(), lambda: FileSubject("x.parquet", read), per_cent=0.5)
