"""Tables by a map of their columns: books by level, orders one by one."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.data.loader import load_data
from core.data.mapped.orders import OrderReader
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.unit.data.mapped_settings import data_settings
from tests.unit.data.recordings import write

BOOKS = "t,bid_px_0,bid_sz_0,ask_px_0,ask_sz_0,bid_px_1,bid_sz_1,ask_px_1,ask_sz_1"
BOOK = {"kind": "book", "time": "t"}
ORDERS = "t,action,order_id,side,price,size"
ORDER = {"kind": "orders", "time": "t"}


def load(tmp_path, header, *rows, name="table.csv", **changed):
    return load_data([write(tmp_path / name, [header, *rows])], data_settings(**changed))


def sides(event):
    return tuple(
        [
            (int(ticks), int(lots))
            for ticks, lots in zip(event[f"{side}_ticks"], event[f"{side}_lots"], strict=True)
            if lots
        ]
        for side in ("bid", "ask")
    )


def test_levels_in_columns_become_a_book(tmp_path):
    data = load(tmp_path, BOOKS, "5,9.75,3,10.0,4.5,9.5,6,10.25,1", **BOOK)
    assert sides(data.events[0]) == ([(975, 30), (950, 60)], [(1000, 45), (1025, 10)])
    assert (data.instruments[0].tick_size, data.instruments[0].lot_size) == (
        Decimal("0.01"),
        Decimal("0.1"),
    )
    assert (data.profile, int(data.events[0]["ts_ns"])) == ("binance", 5)


def test_products_units_and_levels_are_as_the_settings_say(tmp_path):
    """Levels from 1, seconds with a fraction, the venue's clock apart, semicolons."""
    header = "sym;b1;bs1;a1;as1;local;venue"
    data = load(
        tmp_path, header, "KELP;7;1;8;2;1.5;1.25", "JAMS;97;5;98;6;2;", kind="book", separator=";",
        symbol="", symbol_column="sym", time="local", exchange_time="venue", time_unit="s",
        first_level=1, bid_price="b{i}", bid_size="bs{i}", ask_price="a{i}", ask_size="as{i}",
        tick_size=Decimal("0.5"),
    )  # fmt: skip
    assert [str(i.symbol) for i in data.instruments] == ["JAMS", "KELP"]
    assert data.events["instrument"].tolist() == [1, 0]
    assert data.events["ts_ns"].tolist() == [1_500_000_000, 2_000_000_000]
    assert data.events["exch_ts_ns"].tolist() == [1_250_000_000, 0]
    assert data.events["bid_ticks"][:, 0].tolist() == [14, 194]


def test_a_side_may_be_empty_and_odd_levels_are_counted(tmp_path):
    data = load(
        tmp_path, BOOKS, "1,,,10,4,,,,", "2,0,0,10,4,,,,", "3,9,-1,10,4,x,2,,", "soon,9,1,10,1,,,,",
        **BOOK,
    )  # fmt: skip
    assert [sides(event)[0] for event in data.events] == [[], [], []]
    assert data.sources[0].repaired == {"level left out, price or size not positive": 2}
    assert data.sources[0].skipped == {"no time": 1}


def test_a_price_between_ticks_is_moved_and_counted(tmp_path):
    data = load(tmp_path, BOOKS, "1,9.7,3,10,4,,,,", tick_size=Decimal("0.5"), **BOOK)
    assert sides(data.events[0])[0] == [(19, 3)]
    assert data.sources[0].repaired == {"price moved to the tick grid": 1}


def test_rows_out_of_order_are_sorted_and_counted(tmp_path):
    data = load(tmp_path, BOOKS, "9,9,3,10,4,,,,", "5,9,3,10,4,,,,", **BOOK)
    assert data.events["ts_ns"].tolist() == [5, 9]
    assert data.sources[0].repaired == {"out of order, sorted": 1}


def test_parquet_reads_as_the_same_table_in_text(tmp_path):
    rows = ["5,9.75,3,10.0,4.5,9.5,6,10.25,1", "6,9.75,3,10.0,4,,,10.5,1"]
    text = load(tmp_path, BOOKS, *rows, **BOOK)
    pl.read_csv(tmp_path / "table.csv").write_parquet(tmp_path / "table.parquet")
    packed = load_data([tmp_path / "table.parquet"], data_settings(**BOOK))
    assert packed.events.tobytes() == text.events.tobytes()
    assert packed.instruments == text.instruments


def test_a_missing_column_is_named_with_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no column 'bid_px_1'; the nearest is 'bid_px_0'"):
        load(tmp_path, "t,bid_px_0,bid_sz_0,ask_px_0,ask_sz_0", "1,1,1,2,1", first_level=1, **BOOK)
    with pytest.raises(DataError, match=r"no column 'when'; --set data"):
        load(tmp_path, BOOKS, "1,1,1,2,1,,,,", kind="book", time="when")


def test_no_row_with_a_time_is_refused(tmp_path):
    with pytest.raises(DataError, match="no row with a time and a product"):
        load(tmp_path, BOOKS, **BOOK)


def test_a_broken_parquet_file_is_refused(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match="is no Parquet file that can be read"):
        load_data([path], data_settings(**BOOK))


def test_orders_build_the_book_and_tell_of_trades(tmp_path):
    data = load(
        tmp_path, ORDERS,
        "1,A,a,B,9.5,3", "2,A,b,B,9.5,4", "3,A,c,S,10,2",  # two bids at a price, an ask
        "4,E,c,S,10,1",                                    # a buyer takes one
        "5,M,b,B,9.0,6", "6,C,a,B,,1", "7,C,a,B,,",        # moved; smaller; gone
        "8,T,,B,10,5", "9,R,,,,",                          # a print alone; the end
        **ORDER,
    )  # fmt: skip
    books = data.events[data.events["kind"] == EventKind.BOOK]
    assert [sides(event) for event in books] == [
        ([(95, 3)], []),
        ([(95, 7)], []),
        ([(95, 7)], [(100, 2)]),
        ([(95, 7)], [(100, 1)]),
        ([(95, 3), (90, 6)], [(100, 1)]),
        ([(95, 2), (90, 6)], [(100, 1)]),
        ([(90, 6)], [(100, 1)]),
        ([], []),
    ]
    trades = data.events[data.events["kind"] == EventKind.TRADE]
    assert [(int(t["ts_ns"]), int(t["side"]), int(t["lots"])) for t in trades] == [
        (4, 1, 1),
        (8, 1, 5),
    ]


def test_changes_that_make_no_sense_are_counted(tmp_path):
    data = load(
        tmp_path, ORDERS, "1,A,a,B,9,3", "2,A,a,B,8,3", "3,C,zz,B,9,1", "4,X,a,B,9,1",
        "5,A,b,?,9,1", "6,A,c,B,-9,1", **ORDER,
    )  # fmt: skip
    assert data.sources[0].skipped == {
        "order that was never added": 1,
        "unknown action": 1,
        "order without a side or a name": 1,
        "price or size impossible": 1,
    }
    assert data.sources[0].repaired == {"order added twice, the last one counts": 1}
    assert sides(data.events[-1]) == ([(8, 3)], [])


def test_orders_of_one_file_rest_in_the_next(tmp_path):
    one = write(tmp_path / "a.csv", [ORDERS, "1,A,a,B,9,3"])
    two = write(tmp_path / "b.csv", [ORDERS, "2,A,b,S,11.5,3"])
    data = load_data([one, two], data_settings(**ORDER))
    assert sides(data.events[-1]) == ([(90, 3)], [(115, 3)])


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["A", "M", "C", "E"]), st.sampled_from("abcd"), st.sampled_from("BS"),
        st.integers(1, 12), st.integers(1, 5),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=30)
@given(changes=CHANGES)
def test_the_book_is_what_a_plain_sum_of_the_orders_gives(changes):
    """An oracle without levels: orders in a dict, summed for each price."""
    orders = {}
    for action, name, side, price, size in changes:
        if action == "A" or (name in orders and action == "M"):
            orders[name] = (side, price, size)
        elif name in orders:
            old = orders.pop(name)
            if old[2] > size:
                orders[name] = (*old[:2], old[2] - size)
    frame = pl.DataFrame(
        [(n, 0, "XYZ", *c[:3], float(c[3]), float(c[4])) for n, c in enumerate(changes)],
        schema=["ts_ns", "exch_ts_ns", "symbol", "action", "order_id", "side", "price", "size"],
        orient="row",
    )
    reader = OrderReader((Instrument(Symbol("XYZ"), Decimal(1)),), data_settings(**ORDER))
    rows = reader.read(frame, {}, {})
    found = next((sides(row) for row in rows[::-1] if row["kind"] == EventKind.BOOK), ([], []))
    for index, (side, order) in enumerate((("B", -1), ("S", 1))):
        sums = {}
        for s, price, size in orders.values():
            if s == side:
                sums[price] = sums.get(price, 0) + size
        assert found[index] == sorted(sums.items(), key=lambda level: level[0] * order)[:10]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": "book", "bid_price": ""}, 'bid_price = "" names no column'),
        ({"kind": "book", "bid_price": "bid"}, "has no {i} for the level"),
        ({"kind": "orders", "symbol": ""}, "one has to name the product"),
    ],
)
def test_a_map_that_cannot_be_is_refused(changed, sentence):
    with pytest.raises(ValidationError, match=sentence):
        data_settings(**changed)
