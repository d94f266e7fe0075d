"""Where panes stand, for any terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.arrangement import WIDE_COLUMNS, WIDE_ROWS, Rect, arrange

PANES = {"status", "pnl", "obi", "book", "signals", "regime", "positions", "trades", "footer"}


def cells(place: Rect) -> set[tuple[int, int]]:
    return {
        (x, y)
        for x in range(place.x, place.x + place.width)
        for y in range(place.y, place.y + place.height)
    }


@given(st.integers(80, 240), st.integers(24, 80))
def test_from_80x24_on_every_pane_is_there_and_the_terminal_is_filled(columns, rows) -> None:
    """No pane overlaps another, and no cell is left over; `why` takes a wide terminal."""
    places = arrange(columns, rows)
    is_wide = columns >= WIDE_COLUMNS and rows >= WIDE_ROWS
    assert set(places) == (PANES | {"why"} if is_wide else PANES)
    covered: set[tuple[int, int]] = set()
    for place in places.values():
        assert not covered & cells(place)
        covered |= cells(place)
    assert covered == cells(Rect(0, 0, columns, rows))


@given(st.integers(80, 240), st.integers(24, 80))
def test_every_framed_pane_has_room_for_a_line(columns, rows) -> None:
    for name, place in arrange(columns, rows).items():
        assert place.height >= (1 if name in ("status", "footer") else 3)
        assert place.width >= 20


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (200, 8), (30, 50), (1, 1)])
def test_a_tiny_terminal_has_the_account_alone(columns, rows) -> None:
    assert arrange(columns, rows) == {"status": Rect(0, 0, columns, rows)}


def test_between_tiny_and_full_what_matters_stays() -> None:
    assert set(arrange(60, 20)) == {"status", "positions", "trades", "footer"}
