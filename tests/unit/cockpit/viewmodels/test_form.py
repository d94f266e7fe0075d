"""A form: numbers that are typed or stepped."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.form import MAX_CHARACTERS, Entry, Form, form_lines

PRICE = Entry("price", "51.2", 0.1, 1, note="was 51.2")
SIZE = Entry("size", "4", 1.0, 0)
STOP = Entry("stop", "", 0.1, 1, start=51.3)


def test_the_first_digit_replaces_what_stood_there() -> None:
    assert Form((PRICE,)).typed("5").typed("0").here.text == "50"


def test_a_step_is_one_unit_and_never_below_one() -> None:
    form = Form((PRICE, SIZE))
    assert form.stepped(1).here.text == "51.3"
    assert form.moved(1).stepped(-1).here.text == "3"
    assert Form((Entry("size", "1", 1.0, 0),)).stepped(-1).here.text == "1"


def test_stepping_an_empty_entry_begins_where_it_says() -> None:
    assert Form((STOP,)).stepped(-1).here.text == "51.2"
    assert Form((Entry("stop", "", 0.1, 1),)).stepped(-1).here.text == ""


def test_erasing_what_was_there_before_takes_all_of_it() -> None:
    form = Form((PRICE,))
    assert form.erased().here.text == ""
    assert form.typed("4").typed("9").erased().here.text == "4"


def test_moving_goes_around_and_makes_the_next_digit_replace() -> None:
    form = Form((PRICE, SIZE)).typed("9").moved(-1)
    assert (form.here.name, form.is_fresh) == ("size", True)
    assert form.moved(1).here.text == "9"


def test_trouble_is_named_with_what_is_allowed() -> None:
    assert Form((PRICE, SIZE)).trouble == ""
    assert Form((STOP,)).trouble == ""
    assert Form((Entry("price", "51.25", 0.1, 1),)).trouble == "price: a multiple of 0.1"
    assert Form((PRICE, Entry("size", "0", 1.0, 0))).trouble == "size: a number above 0"
    assert Form((Entry("size", ".", 1.0, 0),)).trouble == "size: a number above 0"


@given(st.lists(st.sampled_from("0123456789.x \té"), max_size=40))
def test_whatever_is_typed_is_a_short_number_at_most(characters) -> None:
    form = Form((PRICE,))
    for character in characters:
        form = form.typed(character)
    assert len(form.here.text) <= MAX_CHARACTERS
    assert set(form.here.text) <= set("0123456789.")
    value = form.here.value
    assert value is None or math.isfinite(value)


def test_the_cursor_stands_in_the_entry_that_keys_change() -> None:
    lines = ["".join(text for text, _ in line) for line in form_lines(
        Form((PRICE, SIZE), 1), [], "", "send", is_listening=True)]  # fmt: skip
    assert any(line.startswith(" ▸ size") and "4▏" in line for line in lines)
    assert any(line.startswith("   price") and "was 51.2" in line for line in lines)
