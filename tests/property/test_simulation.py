"""What holds for any recording and any orders of ours."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import EventKind, IntentKind, LiquiditySide, OrderStatus
from core.domain.events import IOC, POST_ONLY, book, load, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.kernel import matching
from core.kernel import simulation as sim

ticks = st.integers(95, 105)
lots = st.integers(1, 20)
sides = st.sampled_from([1, -1])


@st.composite
def books(draw):
    """A book as recordings hold them: mostly sane, now and then empty or crossed."""
    bids = sorted(draw(st.dictionaries(ticks, lots, max_size=4)).items(), reverse=True)
    asks = sorted(draw(st.dictionaries(ticks, lots, max_size=4)).items())
    if draw(st.integers(0, 9)) > 0 and bids:
        asks = [level for level in asks if level[0] > bids[0][0]]
    return "book", bids, asks


steps = st.lists(
    st.one_of(
        books(),
        st.tuples(st.just("trade"), st.sampled_from([1, -1, 0]), ticks, lots),
        st.tuples(
            st.just("place"), st.integers(1, 6), sides, ticks, lots,
            st.sampled_from([0, IOC, POST_ONLY]),
        ),
        st.tuples(st.just("replace"), st.integers(1, 6), ticks, lots),
        st.tuples(st.just("cancel"), st.integers(1, 6)),
    ),
    max_size=40,
)  # fmt: skip

KINDS = {"place": IntentKind.PLACE, "replace": IntentKind.REPLACE, "cancel": IntentKind.CANCEL}


class Market:
    """Runs steps and keeps the reports of the last one."""

    def __init__(self):
        self.venue = sim.make_simulation([Instrument(Symbol("ETF"), Decimal(1))])
        self.reports = sim.make_reports()
        self.intents = allocate(INTENT, 1)
        self.events = load([book(0, [], [])])
        self.sides = {}

    def do(self, step):
        kind, *args = step
        if kind == "book":
            self.events = load([book(0, *args)])
            return self.take(sim.on_book(self.venue, self.events, 0, self.reports, 0))
        if kind == "trade":
            side, price, size = args
            events = load([trade(0, price, size, side)])
            return self.take(sim.on_trade(self.venue, events, 0, self.reports, 0))
        intent = self.intents[0]
        intent["kind"], intent["order_id"] = KINDS[kind], args[0]
        intent["terms"] = args[4] if kind == "place" else 0
        if kind == "place":
            intent["side"], intent["price_ticks"], intent["lots"] = args[1:4]
        elif kind == "replace":
            intent["price_ticks"], intent["lots"] = args[1:3]
            intent["side"] = self.sides.get(args[0], 1)
        reports = self.take(
            sim.on_intent(self.venue, self.events, self.intents, 0, self.reports, 0)
        )
        if kind == "place" and reports[0]["status"] == OrderStatus.OPEN:
            self.sides[args[0]] = args[1]
        return reports

    def take(self, count):
        return [row.copy() for row in self.reports[:count]]

    @property
    def book(self):
        return matching.book_at(self.venue.books, 0)


def fills_of(reports):
    return [row for row in reports if row["kind"] == EventKind.FILL]


@settings(deadline=None)  # the first call compiles
@given(steps)
def test_reports_tell_the_whole_story_of_every_order(steps):
    """Leaves fall by what is filled, never below 0, and end with the order."""
    market, leaves = Market(), Counter()
    trade_ids = []
    for step in steps:
        for report in market.do(step):
            order_id = int(report["order_id"])
            if report["kind"] == EventKind.FILL:
                leaves[order_id] -= int(report["lots"])
                assert report["lots"] > 0
                assert leaves[order_id] == report["leaves_lots"] >= 0
                trade_ids.append(int(report["trade_id"]))
            elif report["status"] == OrderStatus.OPEN:
                leaves[order_id] = int(report["leaves_lots"])
            elif report["status"] == OrderStatus.CANCELED:
                leaves[order_id] = 0
        for order_id in range(1, 7):
            row = matching.find(market.book, order_id)
            standing = 0 if row == matching.NOWHERE else market.book.orders[row]["leaves_lots"]
            assert standing == leaves[order_id]
        assert market.venue.markets[0]["live_orders"] == sum(1 for n in leaves.values() if n)
    assert len(set(trade_ids)) == len(trade_ids)


@settings(deadline=None)  # the first call compiles
@given(steps)
def test_we_never_trade_more_than_the_recording_had(steps):
    """We take what the last book showed, once, and are hit by what came; never beyond our limit."""
    market, shown, limits = Market(), {1: 0, -1: 0}, {}
    for step in steps:
        came = {1: 0, -1: 0}
        if step[0] == "book":
            shown = {1: sum(n for _, n in step[1]), -1: sum(n for _, n in step[2])}
            came = dict(shown)
        elif step[0] == "trade":
            came = {1: step[3], -1: step[3]}
        reports = market.do(step)
        for report in reports:
            if report["kind"] == EventKind.ORDER_REPORT and report["status"] == OrderStatus.OPEN:
                limits[int(report["order_id"])] = int(report["price_ticks"])
        for fill in fills_of(reports):
            side, size = int(fill["side"]), int(fill["lots"])
            limit = limits[int(fill["order_id"])]
            if fill["code"] == LiquiditySide.TAKER:
                shown[-side] -= size
                assert (limit - fill["price_ticks"]) * side >= 0
            else:
                came[-side] -= size
                if step[0] == "book":
                    # What has hit us no longer stands there to be taken.
                    shown[-side] -= size
                assert fill["price_ticks"] == limit
        assert min(*came.values(), *shown.values()) >= 0 or crossed_before(market)
        assert_uncrossed(market.book)


def crossed_before(market):
    """A crossed recording is not taken over, so the volume of the book before it stands."""
    event = market.events[0]
    bid, ask = event["bid_ticks"][0], event["ask_ticks"][0]
    return event["bid_lots"][0] > 0 and event["ask_lots"][0] > 0 and bid >= ask


def assert_uncrossed(matching_book):
    bid, ask = matching.best_ticks(matching_book, 1), matching.best_ticks(matching_book, -1)
    assert bid == 0 or ask == 0 or bid < ask
