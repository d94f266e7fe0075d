"""Lines of toned text, and what of a line has changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.cells import (
    Line,
    Span,
    cell_width,
    changed_spans,
    fit,
    fit_line,
    line_width,
    plain,
)

WIDTH = 24
texts = st.text(alphabet="ab █┈é価", min_size=0, max_size=9)
tones = st.sampled_from(["text", "dim", "up"])
lines = st.lists(st.tuples(texts, tones), max_size=8).map(lambda line: fit_line(line, WIDTH))


def columns(line: Line) -> list[tuple[str, str]]:
    """Spread a line over its columns; the second half of a wide character is empty."""
    cells = []
    for text, tone in line:
        for character in text:
            cells += [(character, tone)] + [("", tone)] * (cell_width(character) - 1)
    return cells


def repaint(old: Line, new: Line, spans: list[Span]) -> list[tuple[str, str]]:
    """Do what a terminal does: overwrite the spans, keep the rest."""
    cells, fresh = columns(old), columns(new)
    for start, length in spans:
        cells[start : start + length] = fresh[start : start + length]
    return cells


@given(lines, lines)
def test_repainting_the_spans_gives_the_new_line(old, new) -> None:
    """Whatever a span leaves out was equal already."""
    assert repaint(old, new, changed_spans(old, new)) == columns(new)


@given(lines)
def test_an_equal_line_needs_no_repaint(line) -> None:
    assert changed_spans(line, tuple(line)) == []


@given(lines, st.integers(0, 40))
def test_a_fitted_line_has_exactly_its_width(line, width) -> None:
    assert line_width(fit_line(line, width)) == width


def test_two_distant_changes_are_two_spans() -> None:
    """A table whose first and last column move does not repaint the middle."""
    old: Line = (("12", "text"), (" unchanged text ", "dim"), ("345", "up"))
    new: Line = (("13", "text"), (" unchanged text ", "dim"), ("346", "up"))
    assert changed_spans(old, new) == [(1, 1), (20, 1)]


def test_changes_that_are_near_become_one_span() -> None:
    """Moving the cursor costs more than writing three cells."""
    assert changed_spans((("1 2 3", "text"),), (("4 2 5", "text"),)) == [(0, 5)]


def test_a_tone_alone_is_a_change() -> None:
    assert changed_spans((("5", "up"),), (("5", "down"),)) == [(0, 1)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("abc", 5, "abc  "), ("abcdef", 4, "abc…"), ("価格表", 4, "価… "), ("x", 0, "")],
)
def test_fit_pads_and_cuts_to_columns(text, width, expected) -> None:
    """A wide character counts as the two columns it takes."""
    assert fit(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("BTCUSDT@binance", 10, "BTCUSDT@bi"),
        ("BTCUSDT@bybit", 10, "BTCUSDT@by"),
        ("BTC@bybit", 10, "BTC@bybit "),
        ("2_Eisbach_Call@cmi", 9, "2_Eis…@cm"),
        ("SELL 25 @ 49.6 post", 9, "SELL 25 …"),
    ],
)
def test_a_product_that_two_venues_have_stays_told_apart(text, width, expected) -> None:
    assert fit(text, width) == expected


def test_fit_can_align_to_the_right() -> None:
    assert fit("7", 3, right=True) == "  7"


def test_control_characters_of_others_do_not_reach_the_terminal() -> None:
    """A reject text that clears the screen is shown, not obeyed."""
    assert plain("bad\x1b[2J\nprice\u202e") == "bad [2J price "


def test_plain_keeps_what_is_harmless() -> None:
    assert plain("Tür 価格 ok") == "Tür 価格 ok"
