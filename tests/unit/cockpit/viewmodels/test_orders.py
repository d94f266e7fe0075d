"""The orders screen: what is odd about an order is said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.orders import Tab, orders_screen_lines
from cockpit.viewmodels.positions import order_line
from cockpit.viewmodels.view import View
from core.api.topics import Topic
from tests.unit.cockpit import fake_engine as fake
from tests.unit.cockpit.fake_pages import make_page

DOUBTFUL = View(meta=fake.make_meta(), snapshot=fake.make_doubtful_snapshot())
HEALTHY = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())


def text_of(lines) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_an_order_without_an_answer_and_an_orphan_are_named_and_explained() -> None:
    text = text_of(orders_screen_lines(DOUBTFUL, Tab.WORKING, 0, 0, 78, 20))
    assert "UNKNOWN   strategy" in text
    assert "open      ORPHAN" in text
    assert " UNKNOWN: no answer came; the venue is being asked, nothing is sent again" in text
    assert " ORPHAN: found at the venue; no decision of this run stands behind it" in text


def test_usual_orders_need_no_explanation() -> None:
    text = text_of(orders_screen_lines(HEALTHY, Tab.WORKING, 0, 0, 78, 20))
    assert "UNKNOWN" not in text
    assert "ORPHAN" not in text


def test_a_narrow_row_marks_an_order_without_an_answer() -> None:
    """There the state has no column."""
    assert HEALTHY.snapshot is not None
    assert DOUBTFUL.snapshot is not None
    assert text_of([order_line(DOUBTFUL, DOUBTFUL.snapshot.orders[0], 40)]).startswith("   211?")
    assert text_of([order_line(HEALTHY, HEALTHY.snapshot.orders[0], 40)]).startswith("   211 ")


def test_the_explanations_stay_within_the_screen() -> None:
    assert len(orders_screen_lines(DOUBTFUL, Tab.WORKING, 0, 0, 78, 5)) <= 5


HELD = View(meta=fake.make_meta(), snapshot=fake.make_held_snapshot())
DONE = replace(HELD, pages={Topic.ORDERS_DONE: make_page(Topic.ORDERS_DONE)})


def test_linked_and_bracketed_orders_are_marked() -> None:
    text = text_of(orders_screen_lines(HELD, Tab.WORKING, 0, 0, 100, 20))
    assert "∞217" in text
    assert "∞220" in text
    assert "stop 3" in text


def test_the_order_that_waits_for_its_partner_is_marked_and_explained() -> None:
    text = text_of(orders_screen_lines(HELD, Tab.WORKING, 221, 220, 90, 20))
    assert " ∞    220" in text
    assert "order 220: choose another one and press d" in text


def test_stops_say_what_they_close_and_how_far_they_are() -> None:
    rows = text_of(orders_screen_lines(HELD, Tab.STOPS, 4, 0, 90, 20)).splitlines()
    assert any("7_ETF" in row and "50.8" in row and "52.6" in row for row in rows)
    assert any(row.startswith(" ▸ ") and "stop touched, closing" in row for row in rows)
    assert any("waits for order 219" in row for row in rows)
    assert rows[-1].strip() == "the engine watches the stops: if it ends, nothing does"


def test_orders_that_are_over_are_told_with_their_end_and_how_many_there_were() -> None:
    rows = text_of(orders_screen_lines(DONE, Tab.DONE, 112, 0, 130, 30)).splitlines()
    assert any("RATE_LIMIT" in row and "rejected" in row for row in rows)
    assert any(row.startswith(" ▸ ") and "13/" in row and "61.15" in row for row in rows)
    assert rows[-1].strip() == "the newest 52 of 112"


def test_a_list_that_is_asked_for_says_so() -> None:
    assert "asking the engine" in text_of(orders_screen_lines(HELD, Tab.DONE, 0, 0, 90, 20))


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize("width", [40, 78, 120, 200])
def test_every_list_keeps_to_its_space_wherever_the_cursor_is(tab, width) -> None:
    for chosen in (0, 112, 61, 223, 4):
        lines = orders_screen_lines(DONE, tab, chosen, 0, width, 9)
        assert len(lines) <= 9
