"""The palette finds what is meant by a few letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.palette import Entry, found, palette_lines

ENTRIES = (
    Entry("halt", "Safe mode: cancel every order", "s"),
    Entry("statistics", "Statistics: PnL by regime", "i"),
    Entry("7_ETF", "Look at 7_ETF", "", 6),
    Entry("log", "Log of the engine", "l"),
)


@pytest.mark.parametrize(
    ("needle", "names"),
    [
        ("", ["halt", "statistics", "7_ETF", "log"]),
        ("stat", ["statistics"]),
        ("etf", ["7_ETF"]),
        ("PNL regime", ["statistics"]),
        ("lo", ["7_ETF", "log"]),
        ("sfm", ["halt"]),
        ("zzz", []),
    ],
)
def test_words_and_letters_in_order_find_entries(needle, names) -> None:
    found_names = [entry.name for entry in found(ENTRIES, needle)]
    assert found_names[: len(names)] == names
    if not names:
        assert found_names == []


@given(st.text(max_size=30), st.integers(0, 9), st.integers(10, 120), st.integers(3, 20))
def test_whatever_is_typed_it_fits(text, place, width, height) -> None:
    matches = found(ENTRIES, text)
    lines = palette_lines(matches, min(place, max(0, len(matches) - 1)), text, "", width, height)
    assert len(lines) <= height


def test_the_chosen_entry_is_marked_and_in_sight() -> None:
    lines = palette_lines(ENTRIES, 3, "", "", 40, 4)
    text = "\n".join("".join(part for part, _ in line) for line in lines)
    assert "▸ Log of the engine" in text
    assert "Safe mode" not in text
