"""Help names what each page can do that others cannot."""

from __future__ import annotations

from cockpit.actions import ACTIONS
from cockpit.keymap import DEFAULT_KEYMAP, PAGE_KEYS
from cockpit.screens.help import EVERYWHERE, PAGE_HINTS
from cockpit.viewmodels.help import help_lines, page_key_rows


def rows(width: int = 80) -> list[tuple[str, str]]:
    return page_key_rows(PAGE_HINTS, {*EVERYWHERE, *DEFAULT_KEYMAP.spoken()}, width)


def test_every_page_with_keys_of_its_own_has_a_row() -> None:
    texts = dict(rows(400))
    assert texts["orders"] == "←→ list, c cancel it, a amend, d link two, c take away"
    assert texts["alerts"] == "enter seen, a all seen"
    assert "W save" in texts["parameters"]
    assert "l level" in texts["log, notes, about"]


def test_what_a_key_does_everywhere_is_not_told_again() -> None:
    keys = {part.split()[0] for title, text in rows(400) if title for part in text.split(", ")}
    assert not keys & {"s", "x", "U", "g", "space", "esc"}
    assert "safe mode" in ACTIONS["halt"].short


def test_keys_of_pages_are_kept_from_being_bound_to_anything_else() -> None:
    named = {"/": "slash", "*": "asterisk", "←→": "left"}
    for _, hints in PAGE_HINTS:
        for key, word in hints:
            if key not in EVERYWHERE and key not in DEFAULT_KEYMAP.spoken():
                assert named.get(key, key) in PAGE_KEYS, word


def test_long_rows_are_broken_where_the_page_ends() -> None:
    sections = [("On a page", rows(66))]
    lines = help_lines(sections, 66, 24)
    wide = [line for line in lines[: len(rows(66)) + 1] if sum(len(text) for text, _ in line) > 66]
    assert wide == []
    assert len(rows(66)) > len(rows(400))
