"""A run as a market to trade again: books without our orders, trades that met them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.assembly.own_session import load_session
from core.domain.enums import EventKind, IntentKind, LiquiditySide, OrderStatus, VenueState
from core.domain.errors import DataError
from core.domain.events import (
    book,
    fill,
    order_report,
    position_report,
    stamp,
    timer,
    trade,
    venue_state,
)
from core.domain.memory import allocate
from core.domain.records import INTENT, PARAMS
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from tests.unit.kernel.kernel_rig import NANOS
from tests.unit.runtime.test_verify import make_beginning

START_NS = 1_763_800_000 * NANOS
MS = 1_000_000
BUY, SELL = 1, -1


def session(folder: Path, *steps):
    """Write a journal; a step is a row, or (row, intents) for one that was decided on."""
    beginning = make_beginning(parameters=dict.fromkeys(PARAMS.names or (), 1.0))
    journal = JournalWriter.open(folder / JOURNAL, beginning.to_meta() | {"profile": "practice"})
    first = [venue_state(VenueState.CONNECTED), position_report(0, 0)]
    for number, step in enumerate([*first, venue_state(VenueState.SYNCED), *steps], start=1):
        row, intents = step if isinstance(step, tuple) else (step, ())
        stamp(row, number, START_NS + number * 10 * MS)
        journal.append([row])
        if intents:
            rows = allocate(INTENT, len(intents))
            for target, (kind, order_id) in zip(rows, intents, strict=True):
                target["kind"], target["order_id"] = kind, order_id
            journal.decide(number, rows.tobytes())
    journal.close()
    return load_session(folder)


def offer(order_id, side, ticks, leaves, *, status=OrderStatus.OPEN):
    return order_report(
        0, order_id, status, side=side, price_ticks=ticks, lots=leaves, leaves_lots=leaves
    )


def levels(row, side):
    return [
        (int(ticks), int(lots))
        for ticks, lots in zip(row[f"{side}_ticks"], row[f"{side}_lots"], strict=True)
        if lots
    ]


def of_kind(data, kind):
    return data.events[data.events["kind"] == kind]


def test_our_own_offer_is_taken_out_of_the_books_while_it_rests(tmp_path):
    shown = [(90, 12), (88, 4)], [(93, 5)]
    data = session(
        tmp_path,
        book(0, *shown),
        offer(7, BUY, 90, 9),
        book(0, *shown),
        book(1, *shown),
        offer(7, BUY, 90, 0, status=OrderStatus.CANCELED),
        book(0, *shown),
    )
    books = of_kind(data, EventKind.BOOK)
    assert [levels(row, "bid")[0] for row in books] == [(90, 12), (90, 3), (90, 12), (90, 12)]
    assert [levels(row, "ask") for row in books] == [[(93, 5)]] * 4


def test_a_price_that_was_all_ours_goes(tmp_path):
    data = session(tmp_path, offer(7, SELL, 92, 9), book(0, [(90, 1)], [(92, 9), (93, 5), (95, 2)]))
    assert levels(of_kind(data, EventKind.BOOK)[0], "ask") == [(93, 5), (95, 2)]


def test_a_partly_filled_order_is_taken_out_by_what_is_left_of_it(tmp_path):
    data = session(
        tmp_path,
        offer(7, BUY, 90, 9),
        fill(0, 7, 1, BUY, 90, 4, leaves_lots=5, fee_nanos=0, liquidity=LiquiditySide.MAKER),
        book(0, [(90, 12)], [(93, 5)]),
    )
    assert levels(of_kind(data, EventKind.BOOK)[0], "bid") == [(90, 7)]


def test_a_trade_in_which_we_took_is_left_out_and_one_that_met_us_is_marked(tmp_path):
    data = session(
        tmp_path,
        trade(0, 93, 2, BUY, 500),
        trade(0, 93, 2, BUY, 500),
        fill(
            0, 8, 1, BUY, 93, 2, leaves_lots=0, fee_nanos=0, liquidity=LiquiditySide.TAKER,
            exch_ts_ns=500,
        ),
        trade(0, 90, 6, SELL, 700),
        fill(
            0, 7, 2, BUY, 90, 6, leaves_lots=0, fee_nanos=0, liquidity=LiquiditySide.MAKER,
            exch_ts_ns=700,
        ),
        book(0, [(90, 1)], [(93, 5)]),
    )  # fmt: skip
    trades = of_kind(data, EventKind.TRADE)
    assert trades["price_ticks"].tolist() == [93, 90]
    assert trades["order_id"].tolist() == [0, 7]


def test_what_comes_from_our_orders_is_left_out_and_the_rest_is_kept(tmp_path):
    data = session(
        tmp_path,
        book(0, [(90, 1)], [(93, 5)]),
        offer(7, BUY, 80, 9),
        position_report(0, 3),
        timer(),
    )
    kinds = [EventKind(int(kind)) for kind in data.events["kind"]]
    assert kinds == [
        EventKind.VENUE_STATE, EventKind.POSITION_REPORT, EventKind.VENUE_STATE, EventKind.BOOK,
        EventKind.TIMER,
    ]  # fmt: skip
    assert data.is_session
    assert data.sources[0].skipped == {"orders and fills of the engine, which are made anew": 2}


def test_how_long_the_venue_took_is_known_by_when_an_order_was_sent(tmp_path):
    """The first is answered two events later, the two of the next event after two and three."""
    data = session(
        tmp_path,
        (book(0, [(90, 1)], [(93, 5)]), [(IntentKind.PLACE, 7)]),
        (book(0, [(90, 2)], [(93, 5)]), [(IntentKind.CANCEL, 7), (IntentKind.PLACE, 8)]),
        offer(7, BUY, 90, 9),
        offer(7, BUY, 90, 0, status=OrderStatus.CANCELED),
        offer(8, BUY, 90, 2),
    )
    table = data.latencies
    assert (table["ts_ns"] - START_NS).tolist() == [40 * MS, 50 * MS, 50 * MS]
    assert table["order_ns"].tolist() == [20 * MS, 20 * MS, 30 * MS]
    assert not table["answer_ns"].any()


def test_one_without_an_answer_takes_as_long_as_the_slowest_beside_it(tmp_path):
    data = session(
        tmp_path,
        (book(0, [(90, 1)], [(93, 5)]), [(IntentKind.PLACE, 7), (IntentKind.PLACE, 8)]),
        (book(0, [(90, 2)], [(93, 5)]), [(IntentKind.PLACE, 9)]),
        offer(8, BUY, 90, 2),
    )
    table = data.latencies
    assert (table["ts_ns"] - START_NS).tolist() == [40 * MS, 40 * MS]
    assert table["order_ns"].tolist() == [20 * MS, 20 * MS]


def test_a_run_without_a_book_cannot_be_traded_again(tmp_path):
    with pytest.raises(DataError, match="no order book"):
        session(tmp_path, timer())


def test_no_time_goes_back(tmp_path):
    data = session(tmp_path, book(0, [(90, 1)], [(93, 5)]), timer())
    assert (np.diff(data.events["ts_ns"]) >= 0).all()
