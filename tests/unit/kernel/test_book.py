"""Books: taken in, judged, measured."""

from __future__ import annotations

import math

import pytest

from core.domain import events
from core.domain.enums import BookState
from core.kernel.book import judge_book, microprice, order_flow
from tests.unit.kernel.kernel_rig import KernelRig


@pytest.mark.parametrize(
    ("bid_lots", "ask_lots", "imbalance", "price"),
    [
        (20, 471, 0.040733, 14.330407),
        (25, 148, 0.144509, 14.331445),
        (31, 95, 0.246032, 14.332460),
        (29, 92, 0.239669, 14.332397),
        (21, 65, 0.244186, 14.332442),
    ],
)
def test_microprice_agrees_with_the_published_rows(bid_lots, ask_lots, imbalance, price) -> None:
    """BAC, 2011-03-01, 14.33 / 14.34: sstoikov/microprice, cell output of the notebook."""
    found = microprice(1433, bid_lots, 1434, ask_lots) / 100
    assert found == pytest.approx(price, abs=5e-7)
    assert (found - 14.33) / 0.01 == pytest.approx(imbalance, abs=5e-5)


def test_imbalance_counts_five_levels_the_nearest_most_and_no_more() -> None:
    """Level m weighs 1 / m; the sixth has no say."""
    rig = KernelRig()
    bids = [(100 - i, lots) for i, lots in enumerate([4, 1, 2, 3, 5, 900])]
    asks = [(102 + i, lots) for i, lots in enumerate([1, 1, 1, 1, 1, 700])]
    rig.feed(events.book(0, bids, asks))
    bid = 4 + 1 / 2 + 2 / 3 + 3 / 4 + 5 / 5
    ask = 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5
    assert rig.instrument()["obi"] == pytest.approx((bid - ask) / (bid + ask), abs=1e-15)


@pytest.mark.parametrize(
    ("before", "after", "flow"),
    [
        ((100, 5, 102, 7), (100, 9, 102, 7), 4),  # more on the bid
        ((100, 5, 102, 7), (101, 3, 102, 7), 3),  # a better bid
        ((100, 5, 102, 7), (99, 8, 102, 7), -5),  # the bid is gone
        ((100, 5, 102, 7), (100, 5, 102, 2), 5),  # less on offer
        ((100, 5, 102, 7), (100, 5, 101, 4), -4),  # a better offer
        ((100, 5, 102, 7), (100, 5, 103, 6), 7),  # the offer is gone
    ],
)
def test_order_flow_counts_each_kind_of_change(before, after, flow) -> None:
    """Cont, Kukanov, Stoikov (2014), eq. 10, one term at a time."""
    bid, bid_lots, ask, ask_lots = before
    new_bid, new_bid_lots, new_ask, new_ask_lots = after
    assert flow == order_flow(
        bid, bid_lots, new_bid, new_bid_lots, ask, ask_lots, new_ask, new_ask_lots
    )


@pytest.mark.parametrize(
    ("bids", "asks", "state"),
    [
        ([(100, 3)], [(101, 4)], BookState.OK),
        ([], [], BookState.EMPTY),
        ([(100, 3)], [], BookState.ONE_SIDED),
        ([], [(101, 4)], BookState.ONE_SIDED),
        ([(101, 3)], [(101, 4)], BookState.CROSSED),
        ([(102, 3)], [(101, 4)], BookState.CROSSED),
        ([(100, -3)], [(101, 4)], BookState.INVALID),
        ([(0, 3)], [(101, 4)], BookState.INVALID),
        ([(100, 3)], [(-5, 4)], BookState.INVALID),
        ([(100, 3), (-1, 2)], [(101, 4)], BookState.INVALID),
        ([(100 - i, 3) for i in range(10)], [(101 + i, 4) for i in range(10)], BookState.OK),
        ([(100 - i, 3) for i in range(9)] + [(-1, 3)], [(101, 4)], BookState.INVALID),
    ],
)
def test_a_book_is_judged_before_it_is_believed(bids, asks, state) -> None:
    assert judge_book(events.load([events.book(0, bids, asks)])[0]) == state


def test_a_bad_book_is_shown_but_keeps_the_last_good_mark() -> None:
    """A crossed book must not revalue a position."""
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.fill(1, 1, 3401, 10)
    equity = int(rig.account["equity_nanos"])
    rig.book(9000, 100)
    assert rig.instrument()["book_state"] == BookState.CROSSED
    assert rig.instrument()["bid_ticks"][0] == 9000
    assert rig.instrument()["mid2_ticks"] == 3400 + 3402
    assert int(rig.account["equity_nanos"]) == equity
    assert rig.instrument()["bad_books"] == 1


def test_a_fill_before_the_first_book_does_not_spoil_the_order_flow() -> None:
    """After a restart the fills that were missed come first."""
    rig = KernelRig()
    rig.fill(1, 1, 3401, 5)
    rig.book()
    rig.book(3401, 3403)
    assert math.isfinite(rig.instrument()["ofi_scale"])
    assert rig.instrument()["ofi_scale"] > 0
    assert rig.account["trading_state"] == 0
