"""The orders screen: what is odd about an order is said in words."""

from __future__ import annotations

from cockpit.viewmodels.orders import orders_screen_lines
from cockpit.viewmodels.positions import order_line
from cockpit.viewmodels.view import View
from tests.unit.cockpit import fake_engine as fake

DOUBTFUL = View(meta=fake.make_meta(), snapshot=fake.make_doubtful_snapshot())
HEALTHY = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())


def text_of(lines) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_an_order_without_an_answer_and_an_orphan_are_named_and_explained() -> None:
    text = text_of(orders_screen_lines(DOUBTFUL, 0, 78, 20))
    assert "UNKNOWN   strategy" in text
    assert "open      ORPHAN" in text
    assert " UNKNOWN: no answer came; the venue is being asked, nothing is sent again" in text
    assert " ORPHAN: found at the venue; no decision of this run stands behind it" in text


def test_usual_orders_need_no_explanation() -> None:
    text = text_of(orders_screen_lines(HEALTHY, 0, 78, 20))
    assert "UNKNOWN" not in text
    assert "ORPHAN" not in text


def test_a_narrow_row_marks_an_order_without_an_answer() -> None:
    """There the state has no column."""
    assert HEALTHY.snapshot is not None
    assert DOUBTFUL.snapshot is not None
    assert text_of([order_line(DOUBTFUL, DOUBTFUL.snapshot.orders[0], 40)]).startswith("   211?")
    assert text_of([order_line(HEALTHY, HEALTHY.snapshot.orders[0], 40)]).startswith("   211 ")


def test_the_explanations_stay_within_the_screen() -> None:
    assert len(orders_screen_lines(DOUBTFUL, 0, 78, 5)) <= 5
