"""Targets that are recordings of markets."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

from core.data.loader import load_data
from tests.fuzz.folder import FileSubject
from tests.fuzz.mutate import JSON_TOKENS, ODD_NUMBERS, ODD_TEXTS, Mutator, text_template
from tests.fuzz.target import Source, Target
from tests.unit.data import recordings
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


def _load(path: Path) -> None:
    data = load_data([path])
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
    return Target(source, lambda: FileSubject("prices_round_1_day_0.csv", _load), per_cent=0.5)


def prosperity_trades() -> Target:
    """The trades of a day, beside its prices."""
    rows = (TRADES_HEADER, "100;a;b;ROSES;SEASHELLS;99.0;3", "200;;;STARS;SEASHELLS;10;7", "")
    source = _Packed(Mutator([text_template("\n".join(rows).encode())], _TOKENS, deep=b";"))

    def read(path: Path) -> None:
        prices = path.with_name("prices_round_1_day_0.csv")
        prices.write_bytes(_prices(*_ROWS[:3]))
        _load(prices)

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
    return Target(source, lambda: FileSubject("xyz.jsonl", _load), per_cent=1)
