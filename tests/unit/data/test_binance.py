"""Recorded streams: snapshot, diffs, best levels, trades, and what breaks the chain."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.data.loader import load_data
from core.domain.enums import EventKind
from core.domain.errors import DataError
from tests.unit.data.recordings import diff, line, print_trade, snapshot, ticker, write

BIDS = [["9.98", "5.0"], ["9.96", "7.5"]]
ASKS = [["10.01", "4.0"], ["10.05", "2.5"]]
START = snapshot(1_000_000_000, 100, BIDS, ASKS)
NEXT = diff(1_000_000_500, 101, 102)
MORE = 1_000_001_000


def load(tmp_path, *lines):
    return load_data([write(tmp_path / "stream.gz", lines)])


def sides(event):
    """Ticks of a hundredth and lots of a half, zeros left out."""
    return tuple(
        [
            (int(ticks), int(lots))
            for ticks, lots in zip(event[f"{side}_ticks"], event[f"{side}_lots"], strict=True)
            if lots
        ]
        for side in ("bid", "ask")
    )


def test_a_snapshot_is_a_book_on_the_grid_of_its_decimals(tmp_path):
    data = load(tmp_path, START, NEXT)
    instrument = data.instruments[0]
    assert (instrument.tick_size, instrument.lot_size) == (Decimal("0.01"), Decimal("0.1"))
    assert sides(data.events[0]) == ([(998, 50), (996, 75)], [(1001, 40), (1005, 25)])
    assert len(data.events) == 1


def test_a_diff_sets_and_removes_levels(tmp_path):
    change = diff(MORE, 103, 104, [["9.98", "0.0"], ["9.97", "1.0"]], [["10.05", "9.0"]])
    data = load(tmp_path, START, NEXT, change)
    assert sides(data.events[1]) == ([(997, 10), (996, 75)], [(1001, 40), (1005, 90)])
    assert data.events[1]["ts_ns"] == MORE
    assert data.events[1]["exch_ts_ns"] == MORE // 10**6 * 10**6


def test_a_diff_that_changes_nothing_visible_is_no_event(tmp_path):
    data = load(tmp_path, START, diff(MORE, 101, 102, [["9.98", "5.0"]], [["30.00", "0.0"]]))
    assert len(data.events) == 1


def test_diffs_before_the_snapshot_catch_it_up(tmp_path):
    early = [diff(1, 90, 100, [["9.98", "1.0"]]), diff(2, 101, 103, [["9.98", "2.0"]])]
    data = load(tmp_path, *early, START, diff(MORE, 104, 105, [["9.90", "1.0"]]))
    assert sides(data.events[0])[0][0] == (998, 20)
    assert data.sources[0].skipped == {"no snapshot yet": 2}


def test_the_best_level_is_known_sooner_from_the_ticker(tmp_path):
    """It takes away what stands better, and outlives an older diff."""
    sooner = ticker(MORE, 110, ("9.96", "3.0"), ("9.98", "1.0"))
    older = diff(MORE + 1, 103, 105, [["9.98", "5.0"]], [["10.05", "9.0"]])
    data = load(tmp_path, START, NEXT, sooner, older)
    assert sides(data.events[1]) == ([(996, 30)], [(998, 10), (1001, 40), (1005, 25)])
    assert sides(data.events[2]) == ([(996, 30)], [(998, 10), (1001, 40), (1005, 90)])


def test_an_old_ticker_and_an_old_diff_change_nothing(tmp_path):
    old = [ticker(MORE, 99, ("9.99", "3.0"), ("10.00", "1.0")), diff(MORE, 90, 99, [["9.99", "1"]])]
    data = load(tmp_path, START, NEXT, *old)
    assert len(data.events) == 1
    assert data.sources[0].skipped == {"older than the book": 2}


def test_trades_say_who_attacked(tmp_path):
    data = load(
        tmp_path, START, NEXT, print_trade(MORE, "10.01", "1.5"),
        print_trade(MORE, "9.98", "2.0", is_buyer_maker=True),
    )  # fmt: skip
    rows = data.events[data.events["kind"] == EventKind.TRADE]
    assert rows["side"].tolist() == [1, -1]
    assert rows["price_ticks"].tolist() == [1001, 998]
    assert rows["lots"].tolist() == [15, 20]


@pytest.mark.parametrize("futures", [True, False])
def test_a_gap_empties_the_book_until_the_next_snapshot(tmp_path, futures):
    gap = diff(MORE, 107, 108, [["9.97", "1.0"]], previous=106 if futures else None)
    blind = ticker(MORE + 1, 120, ("9.96", "3.0"), ("9.98", "1.0"))
    again = snapshot(MORE + 2, 107, BIDS, ASKS)
    first = diff(1_000_000_500, 101, 102, previous=99 if futures else None)
    data = load(tmp_path, START, first, gap, blind, again)
    assert sides(data.events[1]) == ([], [])
    assert sides(data.events[2])[0] == [(998, 50), (997, 10), (996, 75)]
    assert data.sources[0].skipped == {"gap in the update ids": 1, "no snapshot yet": 1}


def test_futures_are_chained_by_the_previous_id_not_by_counting(tmp_path):
    """The snapshot falls between two links, and ids have holes."""
    first = diff(1_000_000_500, 95, 130, [["9.97", "1.0"]], previous=94)
    second = diff(MORE, 150, 160, [["9.95", "1.0"]], previous=130)
    data = load(tmp_path, START, first, second)
    assert len(data.events) == 3
    assert str(data.instruments[0].symbol) == "XYZ-PERP"


@pytest.mark.parametrize(
    "bad",
    [
        "not a line",
        '17 {"stream": 4',
        "x {}",
        "17 {}",
        '17 {"news":' + "[" * 100_000,
        '18446744073709551616 {"lastUpdateId": 7}',
        '-5 {"lastUpdateId": 7}',
        '1000001000 {"data":{"s":"XYZ","E":9223372036855}}',
        '1000001000 {"stream":"xyz@trade","data":{"s":"XYZ","p":"cheap","q":"1"}}',
    ],
)
def test_a_line_that_cannot_be_read_is_counted(tmp_path, bad):
    data = load(tmp_path, START, NEXT, bad)
    assert data.sources[0].skipped == {"not a stream message": 1}
    assert data.sources[0].rows == 3


@pytest.mark.parametrize(
    "bad",
    [
        print_trade(MORE, "-5.0", "1.0"),
        print_trade(MORE, "10.0", "0.0"),
        print_trade(MORE, "10.0", "-1.0"),
        print_trade(MORE, "nan", "1.0"),
        print_trade(MORE, "1e300", "1.0"),
        ticker(MORE, 110, ("10.02", "3.0"), ("10.01", "1.0")),
        ticker(MORE, 110, ("-1.0", "3.0"), ("10.01", "1.0")),
    ],
)
def test_numbers_that_no_order_can_have_are_counted(tmp_path, bad):
    data = load(tmp_path, START, NEXT, bad)
    assert data.sources[0].skipped == {"price or size impossible": 1}
    assert len(data.events) == 1


def test_an_impossible_level_is_left_out_of_its_diff(tmp_path):
    change = diff(MORE, 103, 104, [["-9.98", "1.0"], ["9.97", "1.0"]])
    data = load(tmp_path, START, NEXT, change)
    assert data.sources[0].repaired == {"level left out, price or size impossible": 1}
    assert sides(data.events[1])[0] == [(998, 50), (997, 10), (996, 75)]


def test_a_clock_that_goes_back_is_held(tmp_path):
    data = load(tmp_path, START, NEXT, print_trade(5, "10.01", "1.5"))
    assert data.sources[0].repaired == {"clock went back, held": 1}
    assert (data.events["ts_ns"][1:] >= data.events["ts_ns"][:-1]).all()


def test_without_a_snapshot_there_is_no_book(tmp_path):
    with pytest.raises(DataError, match="no depth snapshot"):
        load(tmp_path, NEXT)


def test_two_symbols_in_one_file_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds 2: ABC, XYZ"):
        load(tmp_path, START, NEXT, diff(MORE, 103, 104, symbol="ABC"))


def test_a_snapshot_alone_names_no_symbol(tmp_path):
    with pytest.raises(DataError, match="holds 0: none"):
        load(tmp_path, START)


def test_two_files_are_merged_by_time(tmp_path):
    one = write(tmp_path / "one.gz", [START, NEXT, print_trade(3_000_000_000, "10.01", "1.0")])
    other = [text.replace('"XYZ"', '"ABC"') for text in (START, NEXT)]
    two = write(
        tmp_path / "two.gz",
        [*other, line(2_000_000_000, {"s": "ABC", "p": "10", "q": "1"}, "abc@trade")],
    )
    data = load_data([one, two])
    assert [str(i.symbol) for i in data.instruments] == ["ABC", "XYZ"]
    assert data.events["instrument"][-2:].tolist() == [0, 1]
    assert len(data.sources) == 2


def test_a_stream_cut_short_is_used_as_far_as_it_goes(tmp_path):
    trades = [
        print_trade(MORE + n, f"{10 + n * 7919 % 1000 / 100:.2f}", "1.0") for n in range(3000)
    ]
    data = load_data([write(tmp_path / "stream.gz", [START, NEXT, *trades], cut=900)])
    assert data.sources[0].skipped == {"compressed file cut short": 1}
    assert 1 < len(data.events) < 3001


def test_decimals_finer_than_money_are_refused(tmp_path):
    with pytest.raises(DataError, match="decimals too fine to count money in"):
        load(tmp_path, START, NEXT, print_trade(MORE, "0.123456789", "0.000001"))


def test_a_ticker_with_one_side_is_no_ticker(tmp_path):
    half = line(MORE, {"u": 110, "s": "XYZ", "b": "9.97", "B": "1.0"}, "xyz@bookTicker")
    data = load(tmp_path, START, NEXT, half)
    assert data.sources[0].skipped == {"not a stream message": 1}


def test_a_recording_in_which_nothing_happens_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no usable message"):
        load(tmp_path, snapshot(1_000, 100, [], []), diff(2_000, 101, 102))


def test_a_diff_older_than_the_ticker_may_leave_a_side_empty(tmp_path):
    """Nothing to keep ahead of it where no best level was known on both sides."""
    bare = snapshot(1_000_000_000, 100, BIDS, [])
    data = load(tmp_path, bare, diff(MORE, 101, 102, [["9.98", "0"], ["9.96", "0"]]))
    assert sides(data.events[-1]) == ([], [])


def test_the_first_quote_may_come_before_the_first_book(tmp_path):
    """A ticker builds no book, but windows of order flow are counted from it."""
    early = ticker(900_000_000, 90, ("9.98", "5.0"), ("10.01", "4.0"))
    waiting = diff(800_000_000, 80, 89)
    traded = print_trade(700_000_000, "9.98", "1.0")
    data = load(tmp_path, traded, waiting, early, START, NEXT)
    assert data.first_quote_ts_ns == {"XYZ": 900_000_000}
    assert data.first_ts_ns == 700_000_000


def test_without_a_ticker_the_first_quote_is_the_snapshots(tmp_path):
    assert load(tmp_path, START, NEXT).first_quote_ts_ns == {"XYZ": 1_000_000_000}


def test_an_update_that_calls_itself_a_snapshot_is_none(tmp_path):
    with pytest.raises(DataError, match="has no depth snapshot"):
        load(tmp_path, '5 {"lastUpdateId":1,"data":{"s":"XYZ","b":[],"a":[]}}')
