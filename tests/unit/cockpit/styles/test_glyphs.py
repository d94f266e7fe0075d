"""Plain letters in the same columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.styles.glyphs import ASCII, to_ascii
from cockpit.viewmodels.cells import cell_width


@given(st.text(st.characters(exclude_categories=("C",)), max_size=30))
def test_any_text_becomes_ascii_of_the_same_width(text) -> None:
    written = to_ascii(text)
    assert written.isascii()
    assert len(written) == cell_width(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_ascii_stays(text) -> None:
    assert to_ascii(text) == text


@pytest.mark.parametrize(("dots", "letter"), [("⠀", " "), ("⠉", "'"), ("⣀", "."), ("⡇", ":")])
def test_a_line_of_dots_keeps_its_height(dots, letter) -> None:
    """Charts are drawn with eight dots a cell."""
    assert to_ascii(dots) == letter


def test_every_glyph_has_one_letter_for_its_one_column() -> None:
    for glyph, letter in ASCII.items():
        assert cell_width(glyph) == 1
        assert len(letter) == 1
        assert letter.isprintable()
        assert letter.isascii()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("╭─ PnL ─╮", "+- PnL -+"),
        ("Zürich", "Zurich"),
        ("µs", "us"),
        ("東京 7", "???? 7"),
        ("8…", "8~"),
    ],
)
def test_examples(text, written) -> None:
    assert to_ascii(text) == written


@pytest.mark.parametrize(
    "glyphs", ["●◐◌○", "✓✗∅→■", "┊┃", "◆┊", "▔▀█", " ▁▃▄▅▆▇█", "↑↓←→"], ids=str
)
def test_marks_that_mean_different_things_stay_different(glyphs) -> None:
    assert len({to_ascii(glyph) for glyph in glyphs}) == len(glyphs)
