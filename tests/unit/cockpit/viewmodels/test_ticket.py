"""A ticket says what is wrong with it, and what it would do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.ticket import (
    Field,
    Terms,
    Ticket,
    command_args,
    erase,
    move,
    new_ticket,
    step,
    ticket_lines,
    ticket_sentence,
    trouble,
    type_character,
)
from cockpit.viewmodels.view import View
from core.api.commands import parse_command
from core.domain.enums import BookState, Side
from tests.unit.cockpit.fake_engine import make_instrument, make_meta, make_snapshot

PRESETS = (1.0, 5.0, 25.0)
ETF = 6


def view_of(**row: object) -> View:
    snapshot = make_snapshot()
    rows = list(snapshot.instruments)
    fields = {"bid": 49.9, "ask": 50.2, "book_state": BookState.OK, "position": 3.0, **row}
    rows[ETF] = replace(make_instrument(ETF), **fields)
    return View(meta=make_meta(), snapshot=replace(snapshot, instruments=tuple(rows)), selected=ETF)


VIEW = view_of()


def ticket(**changes: object) -> Ticket:
    return replace(new_ticket(VIEW, Side.BUY, PRESETS), **changes)


def typed(form: Ticket, text: str) -> Ticket:
    for character in text:
        form = type_character(form, character)
    return form


def text_of(form: Ticket, view: View = VIEW) -> str:
    lines = ticket_lines(form, view, is_listening=True)
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, "49.9"), (Side.SELL, "50.2")])
def test_a_new_ticket_rests_at_our_side_of_the_book(side, price) -> None:
    form = new_ticket(VIEW, side, PRESETS)
    assert (form.size, form.price, form.terms) == ("1", price, Terms.POST)
    assert trouble(form, VIEW) == ""


def test_the_first_digit_replaces_and_the_next_ones_follow() -> None:
    form = typed(ticket(), "12")
    assert form.size == "12"
    assert erase(form).size == "1"
    assert typed(form, "x-e+").size == "12"
    assert typed(ticket(field=Field.PRICE), "5..1").price == "5.1"


def test_steps_are_presets_ticks_and_terms() -> None:
    form = ticket()
    sizes = []
    for _ in range(4):
        form = step(form, VIEW, PRESETS, 1)
        sizes.append(form.size)
    assert sizes == ["5", "25", "50", "75"]
    for _ in range(5):
        form = step(form, VIEW, PRESETS, -1)
    assert form.size == "1"
    assert step(ticket(field=Field.PRICE), VIEW, PRESETS, -1).price == "49.8"
    assert step(ticket(field=Field.TERMS), VIEW, PRESETS, 1).terms is Terms.LIMIT
    assert step(ticket(field=Field.STOP), VIEW, PRESETS, -1).stop == "49.8"


@pytest.mark.parametrize(
    ("side", "ours", "theirs"), [(Side.BUY, "49.9", "50.2"), (Side.SELL, "50.2", "49.9")]
)
def test_the_price_follows_the_terms_until_somebody_names_one(side, ours, theirs) -> None:
    form = replace(new_ticket(VIEW, side, PRESETS), field=Field.TERMS)
    prices = []
    for _ in range(3):
        prices.append(form.price)
        form = step(form, VIEW, PRESETS, 1)
    assert prices == [ours, ours, theirs]
    named = replace(typed(replace(form, field=Field.PRICE), "48.7"), field=Field.TERMS)
    assert step(named, VIEW, PRESETS, -1).price == "48.7"
    clicked = replace(new_ticket(VIEW, side, PRESETS, price=48.6), field=Field.TERMS)
    assert step(step(clicked, VIEW, PRESETS, 1), VIEW, PRESETS, 1).price == "48.6"


def test_fields_go_around_and_the_best_price_needs_none() -> None:
    form = ticket()
    seen = []
    for _ in range(6):
        seen.append(form.field)
        form = move(form, 1)
    assert seen == [*Field, Field.SIZE]
    best = ticket(terms=Terms.BEST, field=Field.TERMS)
    assert move(best, 1).field is Field.STOP
    assert move(ticket(), -1).field is Field.TARGET


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": ""}, "size: type how much"),
        ({"size": "0"}, "size: type how much"),
        ({"size": "1.5"}, "size: a multiple of 1"),
        ({"price": ""}, "price: type one"),
        ({"price": "50.03"}, "price: a multiple of 0.1"),
        ({"stop": "50.5"}, "stop: below 49.9"),
        ({"stop": "49.9"}, "stop: below 49.9"),
        ({"stop": "."}, "stop: a multiple of 0.1, or nothing"),
        ({"target": "49"}, "target: above 49.9"),
        ({"side": Side.SELL, "stop": "49"}, "stop: above 49.9"),
        ({"side": Side.SELL, "target": "51"}, "target: below 49.9"),
    ],
)
def test_what_keeps_it_from_being_sent_is_said(changes, words) -> None:
    assert trouble(ticket(**changes), VIEW).startswith(words)
    assert words in text_of(ticket(**changes))


def test_without_a_book_there_is_no_best_price() -> None:
    empty = view_of(book_state=BookState.ONE_SIDED)
    assert "price" in trouble(ticket(terms=Terms.BEST), empty)
    assert "no two-sided book" in text_of(ticket(), empty)


def test_what_it_would_do_is_said() -> None:
    assert "makes the position +28" in text_of(ticket(size="25"))
    assert "makes the position -2" in text_of(ticket(side=Side.SELL, size="5", price="50.2"))


@pytest.mark.parametrize(
    ("changes", "args"),
    [
        ({}, {"quantity": "1", "price": "49.9", "post_only": "true"}),
        ({"terms": Terms.LIMIT, "size": "7"}, {"quantity": "7", "price": "49.9"}),
        ({"terms": Terms.IOC}, {"quantity": "1", "price": "49.9", "ioc": "true"}),
        ({"terms": Terms.BEST}, {"quantity": "1"}),
        ({"stop": "48", "target": "54"},
         {"quantity": "1", "price": "49.9", "post_only": "true", "stop": "48", "target": "54"}),
    ],
)  # fmt: skip
def test_the_command_says_what_was_filled_in(changes, args) -> None:
    symbol = make_meta().instruments[ETF].symbol
    assert command_args(ticket(**changes), VIEW) == {"instrument": symbol, **args}


def test_the_engine_reads_the_same_words() -> None:
    meta = make_meta()
    symbol = meta.instruments[ETF].symbol
    said = parse_command(f"buy {symbol} 1 @ 49.9 post-only", "cockpit", meta)
    assert said.args == command_args(ticket(), VIEW)


@given(
    st.lists(st.sampled_from(["up", "down", "+", "-", "erase", *"0123456789."]), max_size=60),
    st.sampled_from(Side),
)
def test_whatever_is_pressed_fits_the_dialog_and_never_crashes(keys, side) -> None:
    form = new_ticket(VIEW, side, PRESETS)
    for key in keys:
        if key in ("up", "down"):
            form = move(form, 1 if key == "down" else -1)
        elif key in ("+", "-"):
            form = step(form, VIEW, PRESETS, 1 if key == "+" else -1)
        elif key == "erase":
            form = erase(form)
        else:
            form = type_character(form, key)
        lines = ticket_lines(form, VIEW, is_listening=False)
        assert len(lines) == 10
        assert max(line_width(line) for line in lines) <= 100
    if not trouble(form, VIEW):
        assert command_args(form, VIEW)["quantity"]


def test_a_market_order_is_offered_where_the_venue_has_it() -> None:
    form = ticket(field=Field.TERMS)
    assert step(form, VIEW, PRESETS, -1).terms is Terms.BEST
    able = replace(VIEW, meta=make_meta(has_market_orders=True))
    market = step(form, able, PRESETS, -1)
    assert market.terms is Terms.MARKET
    assert Field.PRICE not in market.fields
    args = command_args(market, able)
    assert args["market"] == "true"
    assert "price" not in args
    assert "what the book has" in ticket_sentence(market, able)
