"""One side of a public book."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import DecodeError
from core.domain.events import DEPTH
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.market import side as side_module
from core.venues.market.side import Side
from core.venues.market.units import Units

TERMS = Instrument(Symbol("BTCUSDT"), Decimal("0.05"), Decimal("0.001"))


def bids() -> Side:
    return Side(Units(TERMS), is_bid=True)


def asks() -> Side:
    return Side(Units(TERMS), is_bid=False)


def test_bids_are_shown_from_the_highest_and_asks_from_the_lowest() -> None:
    levels = [("9.95", "2"), ("10.05", "0.004"), ("10.00", "1.5")]
    buy, sell = bids(), asks()
    buy.reset(levels)
    sell.reset(levels)
    assert buy.show() == [(201, 4), (200, 1500), (199, 2000)]
    assert sell.show() == [(199, 2000), (200, 1500), (201, 4)]
    assert (buy.best, sell.best) == (201, 199)


def test_an_update_changes_adds_and_removes() -> None:
    side = asks()
    side.reset([("10.00", "1"), ("10.05", "2")])
    assert side.apply([("10.00", "0.000"), ("10.05", "3"), ("10.10", "4"), ("99.00", "0")])
    assert side.show() == [(201, 3000), (202, 4000)]


def test_what_changes_beyond_the_levels_shown_is_not_news() -> None:
    side = bids()
    side.reset([(f"{100 - n}.00", "1") for n in range(DEPTH + 5)])
    assert len(side.show()) == DEPTH
    assert not side.apply([("87.00", "7"), ("88.00", "0")])
    assert side.apply([("91.00", "7")])
    assert side.show()[-1] == (1820, 7000)


def test_what_is_less_than_a_lot_is_not_shown_but_stays() -> None:
    side = asks()
    side.reset([("10.00", "0.0009"), ("10.05", "0.0019")])
    assert side.show() == [(201, 1)]
    assert side.best == 200
    assert side.texts(2) == [("10.00", "0.0009"), ("10.05", "0.0019")]


def test_crumbs_at_the_best_prices_hide_no_level_behind_them() -> None:
    side = asks()
    crumbs = [(f"{10 + n}.00", "0.0001") for n in range(side_module._NEAR + 40)]
    side.reset([*crumbs, ("900.00", "2")])
    assert side.show() == [(18_000, 2000)]


@pytest.mark.parametrize("zero", ["0", "0.0", "0.00000000", "0E-8", "0e0"])
def test_every_zero_means_that_nothing_is_there(zero: str) -> None:
    side = bids()
    side.reset([("10.00", "1"), ("9.00", "2")])
    side.apply([("10.00", zero)])
    assert side.show() == [(180, 2000)]


def test_a_price_is_the_same_however_it_is_written() -> None:
    side = bids()
    side.reset([("10.0", "1")])
    side.apply([("1E1", "2")])
    side.apply([("10.00", "3")])
    side.apply([("10", "4")])
    assert side.show() == [(200, 4000)]
    side.apply([("1.000e+1", "0")])
    assert side.show() == []


@pytest.mark.parametrize(
    "price", ["", "abc", "-1.00", "+1.00", "1_0.00", " 10.00", "1.2.3", ".05", "10.", "0", "0.00",
              "NaN", "Infinity", "1e400", "\u0661\u0660.\u0660\u0660", "9" * 40]
)  # fmt: skip
def test_what_is_no_price_is_refused(price: str) -> None:
    """Before and after numbers of two places were seen, which has a faster way."""
    for known in ([], [("10.05", "1")]):
        side = bids()
        side.reset(known)
        with pytest.raises(DecodeError):
            side.apply([(price, "1")])


def test_a_price_off_the_grid_says_what_to_set() -> None:
    side = bids()
    side.reset([("10.05", "1")])
    with pytest.raises(DecodeError, match=r"price 10.06 is not a multiple of 0.05; set its tick"):
        side.apply([("10.06", "1")])


@pytest.mark.parametrize("size", ["", "x", "-1", "1_000", "9" * 30])
def test_a_size_that_is_none_is_refused_when_it_would_be_shown(size: str) -> None:
    side = bids()
    side.reset([("10.00", "1.000")])
    side.apply([("10.05", size)])
    with pytest.raises(DecodeError):
        side.show()


def test_a_snapshot_that_cannot_be_read_leaves_nothing() -> None:
    side = bids()
    with pytest.raises(DecodeError):
        side.reset([("10.00", "1"), ("x", "1")])
    assert len(side) == 0
    assert side.show() == []
    assert side.best == 0


def test_the_worst_levels_are_forgotten_beyond_a_depth() -> None:
    side = asks()
    side.reset([(f"{n}.00", "1") for n in range(10, 20)])
    side.truncate(3)
    assert side.texts(9) == [("10.00", "1"), ("11.00", "1"), ("12.00", "1")]
    side.apply([("12.00", "0")])
    assert len(side) == 2


_CHANGES = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from([0, 0, 0, 1, 2, 30])), max_size=400
)


@given(st.integers(0, 300), _CHANGES, st.booleans(), st.integers(0, 99))
def test_it_shows_what_a_plain_dictionary_would(
    start: int, changes: list[tuple[int, int]], is_bid: bool, seed: int
) -> None:
    """Few levels are kept in order, which nobody may notice."""
    random = Random(seed)
    side = Side(Units(TERMS), is_bid=is_bid)
    plain = dict.fromkeys(random.sample(range(1, 401), start), 5)
    side.reset([(_price(tick), "0.005") for tick in plain])
    for first in range(0, len(changes), 25):
        part = changes[first : first + 25]
        side.apply([(_price(tick), f"0.{lots:03d}") for tick, lots in part])
        for tick, lots in part:
            plain.pop(tick, None)
            if lots:
                plain[tick] = lots
        best = sorted(plain.items(), reverse=is_bid)[:DEPTH]
        assert side.show() == best
        assert side.best == (best[0][0] if best else 0)
        assert len(side) == len(plain)


def _price(tick: int) -> str:
    return f"{Decimal('0.05') * tick:.2f}"
