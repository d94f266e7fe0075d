"""Prosperity's days: rows to events, and what is wrong with rows."""

from __future__ import annotations

import pytest

from core.data.loader import load_data
from core.data.prosperity import DAY_ZERO_NS, trades_beside
from core.domain.enums import EventKind
from core.domain.errors import DataError
from tests.unit.data.recordings import price_row, write_prices, write_trades

MS = 1_000_000


def skipped(data):
    return data.sources[0].skipped


def test_books_and_trades_become_events_in_order(tmp_path):
    """Of one timestamp the books come first, in the order of the file, then the trades."""
    path = write_prices(
        tmp_path,
        [price_row(0, "KELP", "97;5"), price_row(0, "JAMS", "7;1"), price_row(100, "JAMS", "8;1")],
    )
    write_trades(tmp_path, ["0;;;JAMS;SEASHELLS;101.0;3", "100;A;B;KELP;SEASHELLS;99;2"])
    data = load_data([path])
    assert [str(i.symbol) for i in data.instruments] == ["JAMS", "KELP"]
    rows = [(int(e["kind"]), int(e["instrument"]), int(e["ts_ns"])) for e in data.events]
    book, trade = EventKind.BOOK, EventKind.TRADE
    start, later = DAY_ZERO_NS, DAY_ZERO_NS + 100 * MS
    assert rows == [
        (book, 1, start), (book, 0, start), (trade, 0, start), (book, 0, later), (trade, 1, later),
    ]  # fmt: skip
    assert [int(data.events[2][name]) for name in ("price_ticks", "lots", "side")] == [101, 3, 0]
    assert [source.path.name for source in data.sources] == [
        path.name,
        path.name.replace("prices", "trades"),
    ]


def test_a_side_may_be_empty_and_levels_missing(tmp_path):
    row = "0;0;JAMS;97;5;96;7;;;;;;;;;99.0;0.0"
    event = load_data([write_prices(tmp_path, [row])]).events[0]
    assert event["bid_ticks"][:3].tolist() == [97, 96, 0]
    assert event["bid_lots"][:3].tolist() == [5, 7, 0]
    assert event["ask_lots"].sum() == 0


def test_a_book_with_nothing_in_it_and_a_mid_of_zero_is_kept_empty(tmp_path):
    """What an empty book means is the kernel's to say; its mid is nobody's."""
    event = load_data([write_prices(tmp_path, ["0;0;JAMS;;;;;;;;;;;;;0.0;0.0"])]).events[0]
    assert not event["bid_lots"].any()
    assert not event["ask_lots"].any()


def test_known_products_have_their_limits_and_others_none(tmp_path):
    path = write_prices(tmp_path, [price_row(0, "JAMS"), price_row(0, "UNHEARD_OF")])
    limits = {str(i.symbol): i.position_limit_lots for i in load_data([path]).instruments}
    assert limits == {"JAMS": 350, "UNHEARD_OF": 0}


def test_days_follow_each_other_whatever_the_order_of_the_files(tmp_path):
    later = write_prices(tmp_path, [price_row(5, day=1)], "prices_b.csv")
    first = write_prices(tmp_path, [price_row(7, day=-2)], "prices_c.csv.gz")
    data = load_data([later, first])
    assert data.events["ts_ns"].tolist() == [
        DAY_ZERO_NS - 2_000_000 * MS + 7 * MS,
        DAY_ZERO_NS + 1_000_000 * MS + 5 * MS,
    ]


def test_a_long_day_moves_the_next_one(tmp_path):
    path = write_prices(tmp_path, [price_row(1_500_000), price_row(0, day=1)])
    data = load_data([path])
    assert (data.events["ts_ns"] - DAY_ZERO_NS).tolist() == [1_500_000 * MS, 2_000_000 * MS]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (price_row(100, bid="nan;5"), "not a whole number"),
        (price_row(100, bid="97.5;5"), "not a whole number"),
        (price_row(100, bid="inf;5"), "not a whole number"),
        (price_row(100, bid="ninety;5"), "not a whole number"),
        (price_row(100, bid="99999999999;5"), "not a whole number"),
        (price_row("soon"), "not a whole number"),
        (price_row(""), "no day or timestamp"),
        (price_row(100, product=""), "no product"),
        (price_row(100, bid="97;"), "price without volume"),
        (price_row(-100), "timestamp negative"),
        ("0;100", "no product"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_and_counted(tmp_path, row, reason):
    data = load_data([write_prices(tmp_path, [price_row(0), row, price_row(200)])])
    assert skipped(data) == {reason: 1}
    assert len(data.events) == 2
    assert data.sources[0].rows == 3


def test_of_a_repeated_timestamp_the_last_row_counts(tmp_path):
    path = write_prices(tmp_path, [price_row(0, bid="97;5"), price_row(0, bid="98;6")])
    data = load_data([path])
    assert skipped(data) == {"timestamp repeated, the last one counts": 1}
    assert data.events[0]["bid_ticks"][0] == 98


def test_rows_out_of_order_are_sorted_and_counted(tmp_path):
    path = write_prices(tmp_path, [price_row(200), price_row(100), price_row(300)])
    data = load_data([path])
    assert data.sources[0].repaired == {"out of order, sorted": 1}
    assert ((data.events["ts_ns"] - DAY_ZERO_NS) // MS).tolist() == [100, 200, 300]


@pytest.mark.parametrize("level", ["0;21", "-4;21", "468;0"])
def test_a_level_that_cannot_be_traded_is_left_out_of_its_book(tmp_path, level):
    data = load_data([write_prices(tmp_path, [price_row(0, bid=level)])])
    assert data.sources[0].repaired == {"level left out, price or volume not positive": 1}
    assert data.events[0]["bid_lots"][0] == 0
    assert data.events[0]["ask_lots"][0] == 4


def test_a_crossed_book_is_the_kernels_to_refuse(tmp_path):
    data = load_data([write_prices(tmp_path, [price_row(0, bid="105;5")])])
    assert len(data.events) == 1
    assert not skipped(data)


def test_a_missing_column_names_the_nearest(tmp_path):
    path = write_prices(tmp_path, [price_row(0)])
    path.write_text(path.read_text().replace("bid_volume_2", "bid_vol_2"))
    with pytest.raises(DataError, match=r"no column 'bid_volume_2'; the nearest is 'bid_vol"):
        load_data([path])


def test_a_file_without_a_usable_row_says_what_was_wrong(tmp_path):
    path = write_prices(tmp_path, [price_row(0, bid="nan;5"), price_row(1, bid="nan;5")])
    with pytest.raises(DataError, match=r"no usable row .*not a whole number: 2"):
        load_data([path])
    with pytest.raises(DataError, match="only a header"):
        load_data([write_prices(tmp_path, [])])


def test_a_file_cut_short_is_used_as_far_as_it_goes(tmp_path):
    rows = [price_row(number, bid=f"{number * 7919 % 1000 + 1};5") for number in range(3000)]
    path = write_prices(tmp_path, rows, "prices_round_1_day_0.csv.gz", cut=500)
    data = load_data([path])
    assert skipped(data)["compressed file cut short"] == 1
    assert 0 < len(data.events) < 3000


def test_two_files_of_one_day_are_refused(tmp_path):
    one = write_prices(tmp_path, [price_row(0)], "prices_a.csv")
    two = write_prices(tmp_path, [price_row(5)], "prices_b.csv")
    with pytest.raises(DataError, match="both hold day 0 of JAMS"):
        load_data([one, two])


def test_trades_that_cannot_be_are_left_out_and_counted(tmp_path):
    path = write_prices(tmp_path, [price_row(0)])
    rows = ["0;;;ROSES;S;5;1", "0;;;JAMS;S;0;1", "0;;;JAMS;S;x;1", "-5;;;JAMS;S;5;1"]
    write_trades(tmp_path, [*rows, "0;;;JAMS;S;5.0;1"])
    data = load_data([path])
    assert data.sources[1].skipped == {
        "unknown product": 1,
        "price or volume not positive": 1,
        "not a whole number": 1,
        "timestamp negative": 1,
    }
    assert len(data.events) == 2


def test_trades_of_a_file_with_several_days_belong_to_no_day(tmp_path):
    path = write_prices(tmp_path, [price_row(0), price_row(0, day=1)])
    write_trades(tmp_path, ["0;;;JAMS;S;5;1"])
    assert len(load_data([path]).events) == 2


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["trades_x_wn.csv", "trades_x_nn.csv.gz"], "trades_x_nn.csv.gz"),
        (["trades_x_nn.csv", "trades_x.csv"], "trades_x.csv"),
        (["trades_y.csv"], None),
    ],
)
def test_the_plainest_trades_are_chosen(tmp_path, names, chosen):
    for name in names:
        (tmp_path / name).write_text("")
    found = trades_beside(tmp_path / "prices_x.csv.gz")
    assert (found.name if found else None) == chosen
    assert trades_beside(tmp_path / "other.csv") is None


@pytest.mark.parametrize("day", [901, -901, 1_000_000])
def test_a_day_that_no_round_has_is_left_out(tmp_path, day):
    """Its nanoseconds would not fit."""
    path = write_prices(tmp_path, [price_row(100), price_row(100, day=day)])
    data = load_data([path])
    assert data.sources[0].skipped == {"day impossible": 1}
    assert len(data.events) == 1
