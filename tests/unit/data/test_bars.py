"""Bars: a book around each close, and what is assumed for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.data.loader import load_data
from core.domain.enums import EventKind
from core.domain.errors import DataError
from tests.recorded_data import find
from tests.unit.data.mapped_settings import data_settings
from tests.unit.data.recordings import write

HEADER = "timestamp,open,high,low,close,volume"
START_NS = 1_640_991_660_000_000_000
MINUTE_NS = 60_000_000_000
ASSUMED = "book of one tick a side assumed around the close"


def bar(minute, close="10.5", volume="7.25", low="9.5"):
    return f"2021-12-31 23:{minute:02}:00,10.0,11.0,{low},{close},{volume}"


def load(tmp_path, *rows, settings=None, header=HEADER):
    return load_data([write(tmp_path / "btc-perp_1m.csv.gz", [header, *rows])], settings)


def test_a_bar_is_a_book_and_a_trade_at_its_end(tmp_path):
    data = load(tmp_path, bar(1), bar(2, "10.6", "0.5"))
    books = data.events[data.events["kind"] == EventKind.BOOK]
    trades = data.events[data.events["kind"] == EventKind.TRADE]
    assert books["ts_ns"].tolist() == [START_NS + MINUTE_NS, START_NS + 2 * MINUTE_NS]
    assert (books["bid_ticks"][:, 0].tolist(), books["ask_ticks"][:, 0].tolist()) == (
        [104, 105],
        [106, 107],
    )
    assert trades["price_ticks"].tolist() == [105, 106]
    assert trades["lots"].tolist() == books["bid_lots"][:, 0].tolist() == [725, 50]
    assert data.instruments[0].tick_size == Decimal("0.1")
    assert data.instruments[0].lot_size == Decimal("0.01")
    assert str(data.instruments[0].symbol) == "BTC-PERP_1M"
    assert data.sources[0].repaired == {ASSUMED: 2}


def test_gaps_and_disorder_are_counted(tmp_path):
    data = load(tmp_path, bar(1), bar(3), bar(2), bar(4), bar(9))
    assert data.sources[0].repaired == {
        "out of order, sorted": 1,
        "longer than a step since the bar before": 1,
        ASSUMED: 5,
    }
    assert (data.events["ts_ns"][1:] >= data.events["ts_ns"][:-1]).all()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("soon,1,1,1,1,1", "no time"),
        (bar(2, close="cheap"), "not a number"),
        (bar(2, close=""), "not a number"),
        (bar(2, volume="-1"), "price or volume impossible"),
        (bar(2, low="-1"), "price or volume impossible"),
        (bar(2, close="11.5"), "close outside of low and high"),
        (bar(1, close="9.5"), "timestamp repeated, the last one counts"),
    ],
)
def test_a_bar_that_cannot_be_is_left_out_and_counted(tmp_path, row, reason):
    data = load(tmp_path, bar(1), row, bar(3))
    assert data.sources[0].skipped == {reason: 1}
    assert data.sources[0].rows == 3


def test_no_usable_bar_says_why(tmp_path):
    with pytest.raises(DataError, match=r"no usable bar \(no time: 1\)"):
        load(tmp_path, "soon,1,1,1,1,1")


def test_settings_name_the_product_and_its_steps(tmp_path):
    settings = data_settings(kind="", symbol="BTC", tick_size=Decimal("0.5"), profile="kraken")
    data = load(tmp_path, "1640991660000,10,11,9,10.5,0", settings=settings, header=HEADER)
    assert (str(data.instruments[0].symbol), data.profile) == ("BTC", "kraken")
    assert data.events["bid_ticks"][0, 0] == 20
    assert data.events["ts_ns"].tolist() == [START_NS]


def test_a_month_of_recorded_minutes_has_no_gap():
    """As its source says: 45,031 bars, each a minute after the last."""
    data = load_data([find("bars/btc-perp-20211231-20220201_1m.csv.gz")])
    assert data.sources[0].repaired == {ASSUMED: 45_031}
    assert data.sources[0].rows == 45_031
    assert not data.sources[0].skipped
