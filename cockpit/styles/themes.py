"""
The themes: for each tone of text one style, on one ground.

Contrast to the ground is that of the Web Content Accessibility Guidelines, at least 4.5 for
whatever is read; tests hold every theme to it, and `colorblind` to three kinds of eyes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.style import Style

from cockpit.styles import dark, light, terminal_colors
from cockpit.viewmodels.cells import Tone


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """How tones look."""

    name: str
    ground: str
    """Behind everything, as a color of Textual's style sheets."""
    styles: Mapping[Tone, Style]
    """Every tone, with the ground in it where the theme has colors of its own."""
    is_of_terminal: bool = False
    """Whether its colors are the terminal's own, by name: nothing may mix or replace them."""


def _drawn(name: str, ground: str, colors: Mapping[Tone, str]) -> Theme:
    base = Style.parse(f"on {ground}")
    return Theme(name, ground, {tone: base + Style.parse(color) for tone, color in colors.items()})


def _of_terminal(name: str, ground: str, styles: Mapping[Tone, str], base: str = "none") -> Theme:
    under = Style.parse(base)
    looks = {tone: under + Style.parse(style) for tone, style in styles.items()}
    return Theme(name, ground, looks, is_of_terminal=True)


DARK = _drawn("dark", dark.GROUND, dark.DARK)
LIGHT = _drawn("light", light.GROUND, light.LIGHT)
HIGH_CONTRAST = _drawn("high-contrast", "#000000", dark.HIGH_CONTRAST)
COLORBLIND = _drawn("colorblind", dark.GROUND, dark.COLORBLIND)
ANSI = _of_terminal("ansi", "ansi_black", terminal_colors.ANSI, "on black")
ANSI_COLORBLIND = _of_terminal(
    "ansi-colorblind", "ansi_black", terminal_colors.ANSI_COLORBLIND, "on black"
)
MONO = _of_terminal("mono", "ansi_default", terminal_colors.MONO)

THEMES: Mapping[str, Theme] = {
    theme.name: theme
    for theme in (DARK, LIGHT, HIGH_CONTRAST, COLORBLIND, ANSI, ANSI_COLORBLIND, MONO)
}
"""All themes by name."""
