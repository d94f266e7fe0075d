"""Keys as people write them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import _character_to_key

from cockpit.key_names import CHARACTERS, character_name, key_named, spoken


@given(st.sampled_from(string.printable[:95]))
def test_characters_are_named_as_textual_names_them(character) -> None:
    assert character_name(character) == _character_to_key(character)


@given(st.sampled_from(sorted(set(string.printable[:95]) - {" "})))
def test_what_is_spoken_is_understood(character) -> None:
    assert spoken(key_named(character)) == character


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        ("S", "S"),
        (" ", "space"),
        ("-", "minus"),
        ("F5", "f5"),
        ("ctrl+k", "ctrl+k"),
        ("Ctrl-K", "ctrl+k"),
        ("shift-tab", "shift+tab"),
        ("ctrl+home", "ctrl+home"),
    ],
)
def test_a_key_may_be_written_in_the_usual_ways(text, key) -> None:
    assert key_named(text) == key


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pgup", "did you mean pageup?"),
        ("f13", "did you mean f"),
        ("", "write one such as k, ?, f5 or ctrl+k"),
        ("ab", "is not a key"),
        ("shift+s", "is not a key"),
        ("ctrl+?", "is not a key"),
        ("alt+k", "is not a key"),
        ("ctrl+shift+k", "is not a key"),
        ("\x1b", "is not a key"),
    ],
)
def test_what_no_terminal_sends_is_refused(text, hint) -> None:
    with pytest.raises(ValueError, match="is not a key") as refused:
        key_named(text)
    assert hint in str(refused.value)


def test_only_characters_that_are_no_letters_have_names() -> None:
    assert set(CHARACTERS.values()) == set(string.punctuation)
