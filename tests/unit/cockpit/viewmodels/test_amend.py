"""Another price or size, a stop and a target: what may be sent, and what is said otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.amend import (
    amend_args,
    amend_form,
    amend_head,
    amend_trouble,
    find_order,
    protect_args,
    protect_form,
    protect_head,
    protect_trouble,
)
from cockpit.viewmodels.form import Form
from cockpit.viewmodels.view import View
from core.domain.enums import BookState
from tests.unit.cockpit import fake_engine as fake

VIEW = View(meta=fake.make_meta(), snapshot=fake.make_held_snapshot(), selected=6)


def filled(form: Form, **texts: str) -> Form:
    return Form(
        tuple(replace(entry, text=texts.get(entry.name, entry.text)) for entry in form.entries)
    )


def amended(order_id: int, **texts: str) -> str:
    order = find_order(VIEW, order_id)
    assert order is not None
    return amend_trouble(filled(amend_form(VIEW, order), **texts), VIEW, order_id)


def test_a_form_begins_with_the_order_as_it_is_and_has_nothing_to_send() -> None:
    order = find_order(VIEW, 221)
    assert order is not None
    assert [entry.text for entry in amend_form(VIEW, order).entries] == ["52.3", "9"]
    assert amended(221) == "nothing is changed yet"


def test_a_change_is_sent_as_it_was_typed() -> None:
    assert amended(221, price="52.4") == ""
    order = find_order(VIEW, 221)
    assert order is not None
    form = filled(amend_form(VIEW, order), price="52.4", size="12")
    assert amend_args(form, 221) == {"order_id": "221", "price": "52.4", "quantity": "12"}


def test_a_size_that_has_traded_already_is_no_size() -> None:
    assert amended(221, size="2").startswith("size: above what has traded")
    assert amended(221, size="3") == ""


def test_an_empty_entry_is_no_change() -> None:
    assert amended(221, price="") == "price and size are both needed"


def test_an_order_that_waits_for_an_answer_is_left_alone() -> None:
    assert amended(219, price="2601").startswith("the venue has yet to answer")


def test_an_order_that_is_over_is_said_to_be() -> None:
    order = find_order(VIEW, 221)
    assert order is not None
    form = amend_form(VIEW, order)
    assert amend_trouble(form, VIEW, 999) == "there is nothing left to change"
    assert "is over" in amend_head(VIEW, 999)[0][0][0]


def protected(index: int = 6, view: View = VIEW, **texts: str) -> str:
    return protect_trouble(filled(protect_form(view), **texts), view, index)


def test_a_stop_stands_on_the_losing_side_of_the_market() -> None:
    row = VIEW.instrument
    assert row is not None
    assert protected(stop=f"{row.bid:.1f}").startswith("stop: below")
    assert protected(stop=f"{row.bid - 0.1:.1f}") == ""
    assert protected(target=f"{row.bid:.1f}").startswith("target: above")
    assert protected(target=f"{row.ask + 0.1:.1f}") == ""


def test_for_what_is_sold_the_sides_change() -> None:
    view = replace(VIEW, selected=0)
    row = view.instrument
    assert row is not None
    assert protected(0, view, stop=f"{row.ask:.0f}").startswith("stop: above")
    assert protected(0, view, stop=f"{row.ask + 1:.0f}") == ""
    assert protected(0, view, target=f"{row.ask:.0f}").startswith("target: below")


def test_both_empty_takes_them_away() -> None:
    assert protected() == ""
    assert protect_args(protect_form(VIEW), "7_ETF") == {"instrument": "7_ETF"}
    form = filled(protect_form(VIEW), stop="50.5")
    assert protect_args(form, "7_ETF") == {"instrument": "7_ETF", "stop": "50.5"}


def test_what_the_strategy_holds_is_its_own() -> None:
    assert protected(1).startswith("nothing is held by hand")


@pytest.mark.parametrize("state", [BookState.EMPTY, BookState.ONE_SIDED])
def test_without_a_book_a_price_cannot_be_judged(state) -> None:
    snapshot = VIEW.snapshot
    assert snapshot is not None
    rows = tuple(replace(row, book_state=state) for row in snapshot.instruments)
    view = replace(VIEW, snapshot=replace(snapshot, instruments=rows))
    assert protected(6, view, stop="50.5").startswith("no two-sided book")
    assert protected(6, view) == ""


def test_the_head_tells_what_is_held_by_hand() -> None:
    text = "".join(part for part, _ in protect_head(VIEW, 6)[0])
    assert "7_ETF" in text
    assert "+13" in text
