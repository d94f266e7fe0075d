"""Panes in the slots that a person wants, and no hole where one is hidden."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from cockpit.viewmodels.arrangement import Rect, arrange
from cockpit.viewmodels.panes import PANES, PaneOrder, place

SIZES = st.tuples(st.integers(41, 240), st.integers(11, 80))


def cells(rect: Rect) -> set[tuple[int, int]]:
    columns = range(rect.x, rect.x + rect.width)
    return {(x, y) for x in columns for y in range(rect.y, rect.y + rect.height)}


@given(SIZES)
def test_the_usual_order_changes_nothing(size) -> None:
    slots = arrange(*size)
    assert place(slots) == slots


@given(SIZES, st.permutations(PANES), st.sets(st.sampled_from(PANES)))
def test_any_wish_fills_the_terminal_without_overlap(size, order, hidden) -> None:
    slots = arrange(*size)
    movable = {pane for slot, pane in zip(PANES, order, strict=True) if slot in slots}
    assume(movable - hidden)
    places = place(slots, PaneOrder(tuple(order), frozenset(hidden)))
    assert set(places) == (slots.keys() - set(PANES)) | (movable - hidden)
    covered: set[tuple[int, int]] = set()
    for rect in places.values():
        assert not covered & cells(rect)
        covered |= cells(rect)
    assert covered == cells(Rect(0, 0, *size))


def test_a_pane_stands_in_the_slot_it_is_named_for() -> None:
    slots = arrange(160, 48)
    order = ("book", "obi", "pnl", "regime", "signals", "positions", "why", "trades")
    places = place(slots, PaneOrder(order))
    assert places["book"] == slots["pnl"]
    assert places["pnl"] == slots["book"]
    assert places["status"] == slots["status"]


def test_the_neighbor_above_takes_the_room_before_others() -> None:
    slots = arrange(160, 48)
    places = place(slots, PaneOrder(hidden=frozenset({"obi"})))
    assert places["pnl"].height == slots["pnl"].height + slots["obi"].height
    assert places["book"] == slots["book"]


def test_where_every_pane_that_fits_is_hidden_the_room_stays_empty() -> None:
    places = place(arrange(60, 20), PaneOrder(hidden=frozenset({"positions", "trades"})))
    assert set(places) == {"status", "footer"}
