"""Fewer colors that still look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet

from cockpit.styles.palette256 import difference, in_256_colors, lab, nearest
from cockpit.styles.themes import ANSI, DARK, LIGHT

LEVEL = st.integers(0, 255)


@given(st.integers(16, 255))
def test_a_color_that_exists_stays_as_it_looks(number) -> None:
    """Compared by look: the cube and the greys have eight colors in common."""
    color = Color.from_ansi(number).get_truecolor()
    assert Color.from_ansi(nearest(color)).get_truecolor() == color


@given(LEVEL, LEVEL, LEVEL)
def test_the_nearest_is_one_that_every_such_terminal_has(red, green, blue) -> None:
    """The first sixteen are the user's to change."""
    assert 16 <= nearest(ColorTriplet(red, green, blue)) <= 255


@pytest.mark.parametrize("hexadecimal", ["#76849a", "#24303c", "#c4ced9"])
def test_what_is_nearly_grey_becomes_grey(hexadecimal) -> None:
    """Where Rich's own reduction makes teal and violet of it."""
    red, green, blue = Color.from_ansi(
        nearest(Color.parse(hexadecimal).get_truecolor())
    ).get_truecolor()
    assert red == green == blue


@pytest.mark.parametrize(
    ("color", "published"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_coordinates_are_the_published_ones(color, published) -> None:
    """Values of Bruce Lindbloom's calculator for sRGB under D65."""
    assert lab(ColorTriplet(*color)) == pytest.approx(published, abs=0.02)


def test_difference_is_zero_for_one_color_and_of_lightness_for_greys() -> None:
    assert difference((40.0, 10.0, -5.0), (40.0, 10.0, -5.0)) == 0
    assert difference((40.0, 0.0, 0.0), (55.0, 0.0, 0.0)) == pytest.approx(15.0)


def test_a_difference_in_hue_counts_more_than_the_same_in_chroma() -> None:
    """From (50, 40, 0): ten along the radius, and ten across it."""
    vivid, turned = (50.0, 50.0, 0.0), (50.0, 40.0, 10.0)
    assert difference((50.0, 40.0, 0.0), turned) > difference((50.0, 40.0, 0.0), vivid)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_a_reduced_theme_needs_no_more_reduction(theme) -> None:
    """Its ground in the style sheet becomes the same color as its ground in the lines."""
    reduced = in_256_colors(theme)
    ground = Color.parse(reduced.ground).downgrade(ColorSystem.EIGHT_BIT)
    assert {style.color.triplet for style in reduced.styles.values()} == {None}
    assert reduced.styles["text"].bgcolor.number == ground.number
    assert reduced.styles["title"].bold


def test_a_theme_of_the_terminals_own_colors_stays() -> None:
    assert in_256_colors(ANSI) is ANSI
