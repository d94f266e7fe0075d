"""The simulated venue: how recorded books and trades meet our orders."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from core.domain.enums import (
    EventKind,
    IntentKind,
    LiquiditySide,
    OrderStatus,
    RejectReason,
    Side,
)
from core.domain.events import IOC, POST_ONLY, book, load, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_ORDERS
from core.kernel import simulation as sim

TICK_VALUE_NANOS = 500_000_000


class Venue:
    """Two instruments; everything is about the second one unless said otherwise."""

    def __init__(self, maker_fee_bps=-1.0, taker_fee_bps=4.0, *, limit_lots=0, halts=None, **terms):
        instruments = [
            Instrument(
                symbol=Symbol(name),
                tick_size=Decimal("0.5"),
                maker_fee_bps=maker_fee_bps,
                taker_fee_bps=taker_fee_bps,
                position_limit_lots=limit_lots,
            )
            for name in ("OTHER", "ETF")
        ]
        row = allocate(sim.VENUE_TERMS, 1)
        for field, value in terms.items():
            row[0][field] = value
        self.simulation = sim.make_simulation(
            instruments, row, None if halts is None else np.array(halts, np.int64)
        )
        self.now_ns = 0
        self.reports = sim.make_reports()
        self.intents = allocate(INTENT, 1)
        self.events = load([bytes(book(1, [], []))])

    def book(self, bids, asks):
        self.events = load([book(1, bids, asks)])
        return self.read(sim.on_book(self.simulation, self.events, 0, self.reports, self.now_ns))

    def trade(self, side, ticks, lots, *, met=0):
        events = load([trade(1, ticks, lots, side)])
        events["order_id"] = met
        return self.read(sim.on_trade(self.simulation, events, 0, self.reports, self.now_ns))

    def ask_for(self, kind, order_id, side, ticks, lots, flags=0, instrument=1):
        intent = self.intents[0]
        for field, value in {
            "kind": kind,
            "instrument": instrument,
            "order_id": order_id,
            "side": side,
            "price_ticks": ticks,
            "lots": lots,
            "terms": flags,
        }.items():
            intent[field] = value
        return self.read(
            sim.on_intent(self.simulation, self.events, self.intents, 0, self.reports, self.now_ns)
        )

    def place(self, order_id, side, ticks, lots, flags=0, instrument=1):
        return self.ask_for(IntentKind.PLACE, order_id, side, ticks, lots, flags, instrument)

    def replace(self, order_id, side, ticks, lots):
        return self.ask_for(IntentKind.REPLACE, order_id, side, ticks, lots)

    def cancel(self, order_id):
        return self.ask_for(IntentKind.CANCEL, order_id, Side.BUY, 100, 0)

    def read(self, count):
        """Reports as ("OPEN", price, lots, leaves, reason) and ("FILL", price, lots, leaves)."""
        answers = []
        for row in self.reports[:count]:
            if row["kind"] == EventKind.FILL:
                liquidity = LiquiditySide(int(row["code"])).name
                answers.append(
                    (liquidity, int(row["price_ticks"]), int(row["lots"]), int(row["leaves_lots"]))
                )
            else:
                reason = RejectReason(int(row["code"])).name
                status = OrderStatus(int(row["status"])).name
                answers.append((status, int(row["price_ticks"]), int(row["leaves_lots"]), reason))
        return answers


def test_a_crossing_order_takes_the_recorded_levels():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4), (102, 7)])
    assert venue.place(1, Side.BUY, 102, 9, IOC) == [
        ("OPEN", 102, 9, "NONE"),
        ("TAKER", 101, 4, 5),
        ("TAKER", 102, 5, 0),
    ]


def test_what_an_ioc_order_leaves_is_canceled():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    assert venue.place(1, Side.BUY, 101, 9, IOC)[-1] == ("CANCELED", 101, 0, "NONE")
    assert venue.simulation.markets[1]["live_orders"] == 0


def test_volume_that_we_took_is_gone_until_the_next_book():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 101, 3, IOC)
    assert venue.place(2, Side.BUY, 101, 3, IOC)[1:] == [
        ("TAKER", 101, 1, 2),
        ("CANCELED", 101, 0, "NONE"),
    ]
    venue.book([(99, 5)], [(101, 4)])
    assert venue.place(3, Side.BUY, 101, 3, IOC)[1:] == [("TAKER", 101, 3, 0)]


def test_a_trade_takes_the_queue_ahead_of_us_first():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    assert venue.place(1, Side.BUY, 99, 6) == [("OPEN", 99, 6, "NONE")]
    assert venue.trade(Side.SELL, 99, 3) == []
    assert venue.trade(Side.SELL, 99, 4) == [("MAKER", 99, 2, 4)]


def test_a_trade_of_unknown_side_is_taken_for_the_nearer_one():
    venue = Venue()
    venue.book([(98, 1)], [(103, 4)])
    venue.place(1, Side.BUY, 98, 6)
    assert venue.trade(0, 101, 5) == []
    assert venue.trade(0, 98, 5) == [("MAKER", 98, 4, 2)]


def test_a_trade_in_the_middle_of_an_unknown_side_moves_nothing():
    venue = Venue()
    venue.book([(98, 1)], [(102, 4)])
    venue.place(1, Side.BUY, 100, 6)
    assert venue.trade(0, 101, 5) == []


def test_a_level_that_shrinks_loses_behind_us_first():
    """5 stood before us and 4 came behind: at 5 left, all of those are before us."""
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.book([(99, 9)], [(101, 4)])
    venue.book([(99, 5)], [(101, 4)])
    assert venue.trade(Side.SELL, 99, 5) == []
    assert venue.trade(Side.SELL, 99, 1) == [("MAKER", 99, 1, 5)]


def test_a_level_that_shrinks_further_brings_us_forward():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.book([(99, 2)], [(101, 4)])
    assert venue.trade(Side.SELL, 99, 3) == [("MAKER", 99, 1, 5)]


def test_a_level_that_grows_does_so_behind_us():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.book([(99, 50)], [(101, 4)])
    assert venue.trade(Side.SELL, 99, 7) == [("MAKER", 99, 2, 4)]


def test_the_market_coming_through_us_trades_at_our_price():
    venue = Venue()
    venue.book([(99, 5)], [(103, 4)])
    venue.place(1, Side.BUY, 101, 6)
    assert venue.book([(97, 5)], [(100, 4), (102, 9)]) == [("MAKER", 101, 4, 2)]


def test_the_market_coming_up_to_our_offer_trades_at_our_price():
    venue = Venue()
    venue.book([(99, 5)], [(103, 4)])
    venue.place(1, Side.SELL, 102, 3)
    assert venue.book([(102, 8)], [(104, 4)]) == [("MAKER", 102, 3, 0)]
    assert venue.simulation.markets[1]["live_orders"] == 0


def test_a_crossed_book_leaves_our_queue_as_it_was():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    assert venue.book([(105, 5)], [(98, 4)]) == []
    assert venue.trade(Side.SELL, 99, 6) == [("MAKER", 99, 1, 5)]


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([(105, 5)], [(98, 4)]),
        ([(99, 5)], [(101, 4), (0, 3)]),
        ([(99, 5), (100, 5)], [(101, 4)]),
    ],
)
def test_nothing_can_be_taken_from_an_impossible_book(bids, asks):
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 101, 1, IOC)
    venue.book(bids, asks)
    assert venue.place(2, Side.BUY, 110, 1, IOC)[1:] == [("CANCELED", 110, 0, "NONE")]


def test_a_queue_survives_being_scrolled_out_of_a_full_depth():
    ten = [(90 - n, 3) for n in range(10)]
    venue = Venue()
    venue.book([(80, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 80, 6)
    venue.book(ten, [(101, 4)])
    venue.book([(80, 7)], [(101, 4)])
    assert venue.trade(Side.SELL, 80, 6) == [("MAKER", 80, 1, 5)]


def test_an_empty_side_takes_the_market_out_of_it():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 98, 6)
    venue.book([], [(101, 4)])
    assert venue.trade(Side.SELL, 97, 2) == [("MAKER", 98, 2, 4)]


def test_post_only_is_refused_where_it_would_take():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    assert venue.place(1, Side.BUY, 101, 6, POST_ONLY) == [("REJECTED", 101, 0, "WOULD_CROSS")]
    assert venue.place(1, Side.BUY, 100, 6, POST_ONLY) == [("OPEN", 100, 6, "NONE")]


def test_our_orders_do_not_trade_with_each_other():
    venue = Venue()
    venue.book([(99, 5)], [(103, 4)])
    venue.place(1, Side.SELL, 101, 2)
    assert venue.place(2, Side.BUY, 101, 6) == [
        ("OPEN", 101, 6, "NONE"),
        ("CANCELED", 101, 0, "SELF_TRADE"),
    ]


def test_cancel_answers_once():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    assert venue.cancel(1) == [("CANCELED", 100, 0, "NONE")]
    assert venue.cancel(1) == [("REJECTED", 100, 0, "UNKNOWN_ORDER")]


def test_a_replacement_counts_what_has_traded():
    """6 wanted, 2 traded, 7 wanted now: 5 are open."""
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.trade(Side.SELL, 99, 7)
    assert venue.replace(1, Side.BUY, 100, 7) == [("OPEN", 100, 5, "NONE")]
    assert venue.reports[0]["lots"] == 7


def test_a_replacement_may_take():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    assert venue.replace(1, Side.BUY, 101, 6) == [("OPEN", 101, 6, "NONE"), ("TAKER", 101, 4, 2)]


def test_a_refused_replacement_says_that_the_order_stands():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6, POST_ONLY)
    assert venue.replace(1, Side.BUY, 101, 8) == [("OPEN", 99, 6, "WOULD_CROSS")]
    assert venue.replace(2, Side.BUY, 101, 8) == [("REJECTED", 101, 0, "UNKNOWN_ORDER")]


def test_an_unknown_instrument_is_refused():
    venue = Venue()
    for instrument in (-1, 2):
        assert venue.place(1, Side.BUY, 99, 6, instrument=instrument) == [
            ("REJECTED", 99, 0, "UNKNOWN_INSTRUMENT")
        ]


def test_an_order_number_that_is_in_use_is_refused():
    """Rows are numbers modulo the table, as in the kernel's own."""
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    refused = [("REJECTED", 98, 0, "DUPLICATE_ORDER_ID")]
    assert venue.place(1, Side.BUY, 98, 6) == refused
    assert venue.place(1 + MAX_ORDERS, Side.BUY, 98, 6) == refused
    assert venue.place(0, Side.BUY, 98, 6) == refused
    assert venue.simulation.tape[0]["refusals"] == 3


def test_orders_before_the_first_book_rest_alone():
    venue = Venue()
    assert venue.place(1, Side.BUY, 99, 6) == [("OPEN", 99, 6, "NONE")]


def test_fees_are_paid_to_take_and_earned_to_make():
    """4 bps of 101 x 4 lots and -1 bps of 99 x 2, in nanos of half a unit a tick."""
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 101, 4, IOC)
    assert venue.reports[1]["fee_nanos"] == 101 * 4 * TICK_VALUE_NANOS * 4 // 10_000
    venue.place(2, Side.BUY, 99, 6)
    venue.trade(Side.SELL, 99, 7)
    assert venue.reports[0]["fee_nanos"] == -99 * 2 * TICK_VALUE_NANOS // 10_000


def test_every_execution_has_an_id_of_its_own():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4), (102, 4)])
    venue.place(1, Side.BUY, 102, 8, IOC)
    first = [int(row["trade_id"]) for row in venue.reports[1:3]]
    venue.place(2, Side.SELL, 99, 1, IOC)
    assert len({*first, int(venue.reports[1]["trade_id"])}) == 3


def test_reports_carry_nothing_of_older_ones():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 101, 4, IOC)
    venue.reports.view(np.ndarray)[:] = np.ones(1, venue.reports.dtype)
    venue.cancel(5)
    report = venue.reports[0]
    unused = ("seq", "ts_ns", "exch_ts_ns", "leaves_lots", "trade_id", "fee_nanos", "key", "value")
    assert [report[name] for name in unused] == [0] * len(unused)


def test_a_question_changes_nothing_and_is_answered():
    venue = Venue()
    venue.book([(99, 4)], [(103, 3)])
    venue.place(5, Side.BUY, 103, 8)
    before = [array.tobytes() for array in (*venue.simulation.books, venue.simulation.orders)]
    assert venue.ask_for(IntentKind.QUERY, 5, 0, 0, 0) == [("OPEN", 103, 5, "NONE")]
    assert (venue.reports[0]["side"], venue.reports[0]["lots"]) == (Side.BUY, 8)
    (unknown,) = venue.ask_for(IntentKind.QUERY, 6, 0, 0, 0)
    assert unknown == ("CANCELED", 0, 0, "UNKNOWN_ORDER")
    assert [
        array.tobytes() for array in (*venue.simulation.books, venue.simulation.orders)
    ] == before


@pytest.mark.parametrize("kind", [IntentKind.RECONCILE, IntentKind.CANCEL_EVERYTHING])
def test_what_concerns_the_whole_account_is_not_taken_for_an_order(kind):
    """It names no instrument and must not be refused like an order that does not."""
    venue = Venue()
    venue.place(5, Side.BUY, 99, 8)
    assert venue.ask_for(kind, 0, 0, 0, 0, instrument=-1) == []
    assert venue.simulation.tape[0]["refusals"] == 0


def test_volume_that_we_took_stays_taken_where_our_orders_have_impact():
    """Until the recording itself shows less at that price."""
    venue = Venue(has_impact=1)
    venue.book([(99, 5)], [(101, 4), (103, 9)])
    venue.place(1, Side.BUY, 101, 3, IOC)
    venue.book([(99, 5)], [(101, 4), (103, 9)])
    assert venue.place(2, Side.BUY, 101, 3, IOC)[1] == ("TAKER", 101, 1, 2)
    venue.book([(99, 5)], [(103, 9)])
    venue.book([(99, 5)], [(101, 4), (103, 9)])
    assert venue.place(3, Side.BUY, 101, 3, IOC)[1] == ("TAKER", 101, 3, 0)


def test_a_book_that_came_through_our_order_does_not_fill_it_again():
    """Its three lots met us; shown once more they are the same three lots."""
    venue = Venue(has_impact=1)
    venue.book([(99, 5)], [(105, 4)])
    venue.place(1, Side.BUY, 102, 9)
    assert venue.book([(99, 5)], [(101, 3)]) == [("MAKER", 102, 3, 6)]
    assert venue.book([(99, 5)], [(101, 3)]) == []
    assert venue.book([(99, 5)], [(101, 5)]) == [("MAKER", 102, 2, 4)]


def test_taking_costs_the_slippage_beyond_the_book():
    venue = Venue(slippage_ticks=2)
    venue.book([(99, 5)], [(101, 4)])
    assert venue.place(1, Side.BUY, 101, 1, IOC)[1] == ("TAKER", 103, 1, 0)
    assert venue.place(2, Side.SELL, 99, 1, IOC)[1] == ("TAKER", 97, 1, 0)
    venue.place(3, Side.BUY, 100, 1)
    assert venue.trade(Side.SELL, 100, 1) == [("MAKER", 100, 1, 0)]


@pytest.mark.parametrize(("power", "ahead"), [(0.0, 17), (1.0, 10), (2.0, 8)])
def test_a_queue_model_says_how_many_of_those_ahead_cancel(power, ahead):
    """
    Twenty ahead, fifteen behind, eighteen cancel.

    In proportion that is 18 x 20 / 35 = 10.3 ahead; with squares 18 x 400 / 625 = 11.5, and
    with nobody ahead canceling three of those ahead must go all the same.
    """
    venue = Venue(queue_power=power)
    venue.book([(99, 20)], [(101, 4)])
    venue.place(1, Side.BUY, 99, 6)
    venue.book([(99, 35)], [(101, 4)])
    venue.book([(99, 17)], [(101, 4)])
    assert venue.trade(Side.SELL, 99, ahead) == []
    assert venue.trade(Side.SELL, 99, 1) == [("MAKER", 99, 1, 5)]


def test_the_venue_refuses_what_would_pass_its_position_limit():
    venue = Venue(limit_lots=10)
    venue.book([(99, 50)], [(101, 50)])
    venue.place(1, Side.BUY, 101, 8, IOC)
    assert venue.place(2, Side.BUY, 101, 3, IOC) == [("REJECTED", 101, 0, "POSITION_LIMIT")]
    assert venue.place(3, Side.SELL, 99, 18, IOC)[1] == ("TAKER", 99, 18, 0)


def test_a_position_beyond_the_limit_may_be_reduced():
    venue = Venue(limit_lots=10)
    venue.simulation.markets["position_lots"] = 30
    venue.book([(99, 50)], [(101, 50)])
    assert venue.place(1, Side.SELL, 99, 5, IOC)[1] == ("TAKER", 99, 5, 0)


def test_nobody_trades_in_a_halt_and_everybody_after_it():
    venue = Venue(halts=[(100, 200)])
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 100, 6)
    venue.now_ns = 100
    assert venue.trade(Side.SELL, 100, 3) == []
    assert venue.book([(98, 5)], [(99, 4)]) == []
    assert venue.place(2, Side.BUY, 99, 1) == [("REJECTED", 99, 0, "MARKET_CLOSED")]
    assert venue.replace(1, Side.BUY, 99, 2) == [("OPEN", 100, 6, "MARKET_CLOSED")]
    venue.now_ns = 200
    assert venue.book([(98, 5)], [(99, 4)]) == [("MAKER", 100, 4, 2)]


def test_an_order_may_be_canceled_in_a_halt():
    venue = Venue(halts=[(100, 200)])
    venue.book([(99, 5)], [(101, 4)])
    venue.place(1, Side.BUY, 100, 6)
    venue.now_ns = 150
    assert venue.cancel(1)[0][0] == "CANCELED"


def test_kept_books_are_traded_on_when_their_rows_are_gone():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    sim.keep_books(venue.simulation, venue.events)
    venue.events["ask_ticks"] = 7
    assert venue.place(1, Side.BUY, 101, 3, IOC)[1] == ("TAKER", 101, 3, 0)


def test_a_trade_that_is_known_to_have_met_us_meets_us_first():
    """Five stand ahead of us in the book, but the recording says that they were gone."""
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(3, Side.BUY, 99, 6)
    assert venue.trade(Side.SELL, 99, 2, met=7) == [("MAKER", 99, 2, 4)]
    assert venue.trade(Side.SELL, 99, 6, met=7) == [("MAKER", 99, 4, 0)]
    assert venue.simulation.markets[1]["live_orders"] == 0


def test_a_trade_that_met_an_order_we_do_not_have_meets_the_market():
    venue = Venue()
    venue.book([(99, 5)], [(101, 4)])
    venue.place(3, Side.BUY, 98, 6)
    assert venue.trade(Side.SELL, 99, 5, met=7) == []
