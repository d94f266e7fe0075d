"""IMC Prosperity's matching inside the kernel: one tick, its orders, and what they meet."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from core.domain import events
from core.domain.enums import LiquiditySide, Outcome, OwnStrategy, VenueState
from core.domain.events import load, stamp
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import as_records
from core.kernel.batch import run_events
from core.kernel.prosperity import (
    MATCH_ALL,
    MATCH_NONE,
    MATCH_WORSE,
    NOBODY,
    make_floor,
    run_tick,
)
from core.kernel.recorder import make_recorder
from core.kernel.state import make_state
from tests.unit.kernel.kernel_rig import NANOS, make_params

SECOND_NS = 1_000_000_000
START_NS = 1_000 * SECOND_NS
# Asymmetric on purpose: one has a limit and fees, the other neither.
KELP = Instrument(
    Symbol("KELP"), Decimal(1), position_limit_lots=10, maker_fee_bps=-1.0, taker_fee_bps=5.0
)
RESIN = Instrument(Symbol("RESIN"), Decimal(1))
BIDS = [(99, 4), (98, 3)]
ASKS = [(102, 5), (104, 6)]


class Rig:
    """Ticks of (books, trades), run one by one with orders in between."""

    def __init__(self, ticks, **params):
        wide = {"max_position_pct": 100, "max_exposure_pct": 100, "max_order_lots": 1_000}
        self.state = make_state(
            [KELP, RESIN], make_params(**wide | params), 1_000_000 * NANOS,
            own_strategy=OwnStrategy.TRADER,
        )  # fmt: skip
        rows, bounds = [], []
        for number, (books, trades, *at_s) in enumerate(ticks):
            at_ns = START_NS + int(at_s[0] if at_s else number) * SECOND_NS
            first = len(rows)
            rows += [events.book(index, *sides) for index, sides in books.items()]
            bounds.append([first, len(rows), len(rows) + len(trades)])
            rows += [events.trade(index, price, lots, 0) for index, price, lots in trades]
            for row in rows[first:]:
                stamp(row, 0, at_ns)
        self.events = as_records(load(rows))
        self.bounds = np.array(bounds, np.int64)
        self.floor = make_floor([KELP, RESIN], 8, 64, 4)
        self.recorder = make_recorder(2, 3, 1)
        connect = [events.venue_state(VenueState.CONNECTED), events.venue_state(VenueState.SYNCED)]
        for number, row in enumerate(connect, 1):
            stamp(row, number, START_NS)
        run_events(self.state, load(connect), 0, 2, self.floor.intents)
        self.tick = -1
        self.go()

    def go(self, *orders, matching=MATCH_ALL):
        """Settle these orders of (instrument, price, lots) and show the next tick."""
        for row, order in enumerate(orders):
            self.floor.wanted[row] = order
        count = run_tick(
            self.state, self.floor, self.recorder, self.events, self.bounds, self.tick,
            len(orders), matching,
        )  # fmt: skip
        self.tick += 1
        return [tuple(row) for row in self.floor.meetings[:count].tolist()]

    def outcome(self, index=0):
        return Outcome(int(self.state.instruments[index]["outcome"]))


QUIET = ({0: (BIDS, ASKS), 1: (BIDS, ASKS)}, [])


def test_an_order_takes_level_after_level_at_their_prices():
    rig = Rig([QUIET])
    assert rig.go((0, 104, 7)) == [(0, 1, 102, 5, NOBODY), (0, 1, 104, 2, NOBODY)]
    assert rig.state.instruments[0]["position_lots"] == 7
    # 5 basis points of 5 x 102 + 2 x 104.
    assert rig.state.account[0]["fees_nanos"] == 359_000_000
    first = rig.recorder.fills[0]
    assert (first["liquidity"], first["decision_mid2_ticks"]) == (LiquiditySide.TAKER, 201)


def test_a_second_order_finds_what_the_first_has_left():
    rig = Rig([QUIET])
    assert rig.go((0, 98, -5), (0, 98, -4)) == [
        (0, -1, 99, 4, NOBODY), (0, -1, 98, 1, NOBODY), (0, -1, 98, 2, NOBODY),
    ]  # fmt: skip
    assert rig.floor.tally[0]["sent"] == 2
    assert rig.state.account[0]["open_orders"] == 0


@pytest.mark.parametrize(
    ("matching", "met"),
    [
        (MATCH_ALL, [(0, 1, 101, 2, 0), (0, 1, 101, 3, 1)]),
        (MATCH_WORSE, [(0, 1, 101, 3, 1)]),
        (MATCH_NONE, []),
    ],
)
def test_what_is_left_meets_trades_at_its_own_price(matching, met):
    rig = Rig([({0: (BIDS, ASKS)}, [(0, 101, 2), (0, 100, 3), (1, 90, 9), (0, 103, 9)])])
    assert rig.go((0, 101, 6), matching=matching) == met
    if met:
        assert rig.recorder.fills[0]["liquidity"] == LiquiditySide.MAKER


def test_each_trade_has_two_places_and_who_comes_first_has_them():
    rig = Rig([({0: (BIDS, ASKS)}, [(0, 100, 3)])])
    assert rig.go((0, 101, 2), (0, 101, 2), (0, 100, -3)) == [
        (0, 1, 101, 2, 0), (0, 1, 101, 1, 0), (0, -1, 100, 3, 0),
    ]  # fmt: skip
    assert rig.floor.left[0].tolist() == [0, 0]


def test_all_orders_of_a_product_go_if_together_they_could_breach_its_limit():
    rig = Rig([QUIET])
    assert rig.go((0, 102, 6), (0, 102, 5), (1, 102, 5)) == [(1, 1, 102, 5, NOBODY)]
    assert rig.floor.tally[0]["over_limit"] == 2
    assert rig.outcome() is Outcome.POSITION_LIMIT
    assert rig.state.instruments[0]["outcome_value"] == 11
    assert Rig([QUIET]).go((0, 99, -11)) == []


def test_a_product_without_a_limit_is_bounded_by_the_gate_alone():
    rig = Rig([QUIET], max_order_lots=4)
    assert rig.go((1, 102, 5)) == []
    assert rig.outcome(1) is Outcome.POSITION_LIMIT
    assert (rig.floor.tally[0]["over_limit"], rig.floor.tally[0]["sent"]) == (0, 0)


def test_a_product_that_is_not_shown_offers_nothing():
    """Its last book is of an earlier tick; what the tick trades may still be met."""
    rig = Rig([QUIET, ({1: (BIDS, ASKS)}, [(0, 102, 1)])])
    rig.go()
    assert rig.go((0, 102, 3)) == [(0, 1, 102, 1, 0)]


def test_a_level_that_is_left_out_does_not_hide_the_next():
    rig = Rig([({0: (BIDS, [(102, 1), (0, 0), (103, 2)])}, [])])
    assert rig.go((0, 103, 9)) == [(0, 1, 102, 1, NOBODY), (0, 1, 103, 2, NOBODY)]


def test_timers_pass_in_event_time_but_not_through_a_long_silence():
    rig = Rig([QUIET, (*QUIET, 0.5), (*QUIET, 1), (*QUIET, 500)])
    rig.go()
    rig.go()
    before = int(rig.state.account[0]["events"])
    rig.go()
    assert int(rig.state.account[0]["events"]) - before == 2 + 241
    assert rig.recorder.curves.ts_ns[:3].tolist() == [START_NS, START_NS + SECOND_NS,
                                                      START_NS + 500 * SECOND_NS]  # fmt: skip


def test_nothing_follows_the_last_tick():
    rig = Rig([QUIET])
    seq = int(rig.state.account[0]["seq"])
    assert rig.go() == []
    assert int(rig.state.account[0]["seq"]) == seq
