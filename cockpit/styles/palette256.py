"""
Themes for terminals with 256 colors, which is what most lines over SSH are taken for.

Rich's own reduction turns a dark grey-blue into teal; this takes the color that looks nearest
(CIE 1994, over L*a*b* under D65), a grey for what is nearly grey, and a color for what is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from cockpit.styles.themes import Theme

Lab = tuple[float, float, float]

_CUBE = (0, 95, 135, 175, 215, 255)
"""The steps of the 6x6x6 cube; its colors are number 16 and up, then come 24 greys."""
READABLE = 4.5
"""Contrast that text needs."""

_NEARLY_GREY = 16.0
"""Chroma up to which a color is read as a grey."""
_WHITE = (0.95047, 1.0, 1.08883)
"""Of D65, in CIE XYZ."""


@cache
def in_256_colors(theme: Theme) -> Theme:
    """Give a theme's colors the nearest of the 240 that every such terminal agrees on."""
    if theme.is_of_terminal:
        return theme
    styles = {tone: _reduced(style) for tone, style in theme.styles.items()}
    ground = _palette()[nearest(Color.parse(theme.ground).get_truecolor())][0]
    return Theme(theme.name, ground.hex, styles)


def nearest(color: ColorTriplet, ground: ColorTriplet | None = None, least: float = 1.0) -> int:
    """
    Find the number of the color that looks most like this one.

    Args:
        color: To look like.
        ground: What it is read on; None for a ground itself.
        least: Contrast to the ground that it must have.
    """
    wanted = lab(color)
    is_grey = _chroma(wanted) <= _NEARLY_GREY
    known = {
        number: found
        for number, (triplet, found) in _palette().items()
        if ((_chroma(found) < 1) is is_grey or triplet == color)
        and (ground is None or contrast(triplet, ground) >= least)
    }
    return min(known, key=lambda number: difference(wanted, known[number]))


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """Contrast by the Web Content Accessibility Guidelines, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: ColorTriplet) -> float:
    red, green, blue = map(_linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def difference(one: Lab, other: Lab) -> float:
    """How different a color looks from a first one, about 1 where that is just to be seen."""
    chroma = _chroma(one)
    chroma_apart = chroma - _chroma(other)
    apart = (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2
    hue_apart = math.sqrt(max(0.0, apart - chroma_apart**2))
    return math.hypot(
        one[0] - other[0], chroma_apart / (1 + 0.045 * chroma), hue_apart / (1 + 0.015 * chroma)
    )


def _chroma(color: Lab) -> float:
    return math.hypot(color[1], color[2])


def lab(color: ColorTriplet) -> Lab:
    """Coordinates in which distance is about as large as the difference looks."""
    red, green, blue = map(_linear, color)
    x = 0.4124564 * red + 0.3575761 * green + 0.1804375 * blue
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = 0.0193339 * red + 0.1191920 * green + 0.9503041 * blue
    fx, fy, fz = (_root(part / white) for part, white in zip((x, y, z), _WHITE, strict=True))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _reduced(style: Style) -> Style:
    if style.color is None or style.bgcolor is None:
        return style
    color, ground = style.color.get_truecolor(), style.bgcolor.get_truecolor()
    under = nearest(ground)
    # What could be read before must not become harder to read.
    least = min(contrast(color, ground), READABLE)
    over = nearest(color, _palette()[under][0], least)
    return style + Style(color=Color.from_ansi(over), bgcolor=Color.from_ansi(under))


@cache
def _palette() -> dict[int, tuple[ColorTriplet, Lab]]:
    return {number: (color, lab(color)) for number, color in enumerate(_fixed_colors(), start=16)}


def _fixed_colors() -> Iterator[ColorTriplet]:
    for red in _CUBE:
        for green in _CUBE:
            for blue in _CUBE:
                yield ColorTriplet(red, green, blue)
    for step in range(24):
        grey = 8 + 10 * step
        yield ColorTriplet(grey, grey, grey)


def _linear(level: int) -> float:
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _root(share: float) -> float:
    return math.cbrt(share) if share > 216 / 24389 else (24389 / 27 * share + 16) / 116
