"""Every theme can be read by whoever looks at it."""

from __future__ import annotations

from typing import get_args

import pytest
from rich.color import Color

from cockpit.styles.palette256 import in_256_colors
from cockpit.styles.themes import ANSI, ANSI_COLORBLIND, DARK, HIGH_CONTRAST, MONO, THEMES, Theme
from cockpit.viewmodels.cells import Tone
from tests.unit.cockpit.styles.eyes import (
    MACHADO,
    VGA,
    XTERM,
    contrast,
    contrast_of,
    distance,
    rgb,
    seen_by,
)

TONES = get_args(Tone)
QUIET = {"faint", "border", "border_stale", "up_fill", "up_area", "down_fill", "down_area"}
"""Frames, rules and areas: nothing is read in them that is not said elsewhere."""

OPPOSITES = [
    ("up", "down"),
    ("up_fill", "down_fill"),
    ("up_area", "down_area"),
    ("state_active", "state_halted"),
    ("stamp_paper", "stamp_live"),
    ("stamp_testnet", "stamp_live"),
    ("heat+4", "heat-4"),
    ("heat+3", "heat-3"),
    ("heat+2", "heat-2"),
    ("trend", "revert"),
    ("trend", "volatile"),
    ("revert", "volatile"),
]
FAR_APART = 20.0
"""Nine times the difference that is just to be seen."""

COLORED = [theme for theme in THEMES.values() if theme is not MONO]
DRAWN = [theme for theme in COLORED if not theme.is_of_terminal]
REDUCED = [in_256_colors(theme) for theme in DRAWN]


def ids(theme: Theme) -> str:
    return theme.name


@pytest.mark.parametrize("theme", THEMES.values(), ids=ids)
def test_a_theme_has_a_style_for_every_tone(theme) -> None:
    assert set(theme.styles) == set(TONES)
    assert THEMES[theme.name] is theme


@pytest.mark.parametrize("theme", [*COLORED, *REDUCED], ids=ids)
@pytest.mark.parametrize("terminal", [XTERM, VGA], ids=["xterm", "console"])
@pytest.mark.parametrize("tone", sorted(set(TONES) - QUIET))
def test_what_is_read_has_the_contrast_that_wcag_asks_of_text(theme, terminal, tone) -> None:
    assert contrast_of(theme.styles[tone], terminal) >= 4.5


@pytest.mark.parametrize("theme", [*COLORED, *REDUCED], ids=ids)
@pytest.mark.parametrize("tone", sorted(QUIET))
def test_frames_and_areas_can_be_seen(theme, tone) -> None:
    assert contrast_of(theme.styles[tone]) >= 1.5


@pytest.mark.parametrize("tone", TONES)
def test_high_contrast_has_the_contrast_of_the_stricter_level(tone) -> None:
    """WCAG AAA for text, and that of plain text for frames and areas."""
    wanted = 4.5 if tone in QUIET else 7.0
    assert contrast_of(HIGH_CONTRAST.styles[tone]) >= wanted


def apart(theme: Theme, one: Tone, other: Tone, eye: str) -> float:
    """Difference of two tones as an eye sees it, in letters or in backgrounds."""
    first, second = theme.styles[one], theme.styles[other]
    pairs = [(first.color, second.color), (first.bgcolor, second.bgcolor)]
    return max(
        distance(seen_by(eye, rgb(here)), seen_by(eye, rgb(there)))
        for here, there in pairs
        if isinstance(here, Color) and isinstance(there, Color)
    )


@pytest.mark.parametrize(
    "theme", [THEMES["colorblind"], in_256_colors(THEMES["colorblind"]), ANSI_COLORBLIND], ids=ids
)
@pytest.mark.parametrize("eye", MACHADO)
@pytest.mark.parametrize(("one", "other"), OPPOSITES, ids=map("-".join, OPPOSITES))
def test_opposites_are_told_apart_by_eyes_that_see_two_colors(theme, eye, one, other) -> None:
    assert apart(theme, one, other, eye) >= FAR_APART


@pytest.mark.parametrize("eye", ["protanopia", "deuteranopia"])
def test_the_dark_theme_would_fail_those_eyes(eye) -> None:
    """The test above is worth nothing if this one fails."""
    assert apart(DARK, "up_area", "down_area", eye) < FAR_APART


@pytest.mark.parametrize("eye", MACHADO)
@pytest.mark.parametrize("tone", sorted(set(TONES) - QUIET))
def test_such_eyes_can_read_every_word(eye, tone) -> None:
    style = THEMES["colorblind"].styles[tone]
    assert contrast(seen_by(eye, rgb(style.color)), seen_by(eye, rgb(style.bgcolor))) >= 4.5


def test_without_color_there_is_none() -> None:
    for style in MONO.styles.values():
        assert style.color is None
        assert style.bgcolor is None
    assert MONO.styles["alarm"].reverse
    assert not MONO.styles["text"].reverse


def test_sixteen_colors_are_the_terminals_own() -> None:
    for theme in (ANSI, ANSI_COLORBLIND):
        for style in theme.styles.values():
            assert style.color is not None
            assert style.color.is_system_defined
