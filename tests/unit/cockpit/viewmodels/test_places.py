"""Where to go: what is offered, what is found, and how a place is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.places import PLACES, matching, place_lines, written
from cockpit.viewmodels.view import View
from core.api.replay_words import read_place
from core.domain.commands import CommandName
from core.domain.errors import ConfigurationError
from tests.unit.cockpit.fake_replay import PAST, replayed

VIEW = View(meta=PAST, snapshot=replayed())


def text_of(lines) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_every_place_that_is_offered_can_be_read() -> None:
    """By the reader of the command line, which the engine's is no stricter than."""
    for place in PLACES:
        assert read_place(CommandName.SEEK, [place.where]) == place.where


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("", 14),
        ("fill", 2),
        ("FILL before", 1),
        ("back", 2),
        ("noon", 0),
    ],
)
def test_words_find_places(typed, where) -> None:
    assert len(matching(PLACES, typed)) == where


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("14:03:27", "14:03:27"),
        ("+30s", "+30s"),
        ("-fill", "-fill"),
        ("End", "end"),
        ("12345", "seq 12345"),
        ("seq 12", "seq 12"),
    ],
)
def test_a_place_may_be_typed(typed, where) -> None:
    assert written(typed) == where


@pytest.mark.parametrize("typed", ["noon", "", "1 2", "²", "-5"])
def test_what_is_no_place_is_said_with_what_is(typed) -> None:
    with pytest.raises(ConfigurationError, match="is no place; a time such as 14:03:27"):
        written(typed)


def test_the_head_says_where_it_is_and_what_there_is() -> None:
    text = text_of(place_lines(VIEW, PLACES, 0, "", "", 64, 16))
    assert "now 14:03:27Z  event 6,127 of 15,842" in text
    assert "recorded from 14:02:56 to 14:04:26 UTC" in text
    assert "enter goes there" in text


def test_a_choice_beyond_the_last_row_scrolls_the_list() -> None:
    text = text_of(place_lines(VIEW, PLACES, 13, "", "", 64, 16))
    assert "▸ end" in text
    assert "next fill" not in text


def test_trouble_takes_the_place_of_the_help() -> None:
    text = text_of(place_lines(VIEW, [], 0, "noon", "noon is no place", 64, 16))
    assert text.rstrip().endswith("noon is no place")
    assert "enter goes there" not in text


@given(st.integers(8, 200), st.integers(1, 40), st.text(max_size=40))
def test_it_can_be_drawn_in_any_room(width, height, trouble) -> None:
    for view in (VIEW, View()):
        lines = place_lines(view, PLACES, 0, "", trouble, width, height)
        assert lines
        assert all(line_width(line) >= 0 for line in lines)
