"""Outside oracles for colors: WCAG 2.1 contrast, and eyes that see two colors only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme

RGB = tuple[float, float, float]

XTERM = TerminalTheme(
    (0, 0, 0),
    (229, 229, 229),
    [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205),
     (0, 205, 205), (229, 229, 229)],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255),
     (0, 255, 255), (255, 255, 255)],
)  # fmt: skip
VGA = TerminalTheme(
    (0, 0, 0),
    (170, 170, 170),
    [(0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170),
     (0, 170, 170), (170, 170, 170)],
    [(85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255),
     (85, 255, 255), (255, 255, 255)],
)  # fmt: skip
"""What sixteen colors are on an xterm, and on the console of a PC."""

MACHADO = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB."""


def linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def rgb(color: Color, terminal: TerminalTheme = XTERM) -> RGB:
    """Linear RGB of a color, 0 to 1."""
    red, green, blue = color.get_truecolor(terminal)
    return linear(red / 255), linear(green / 255), linear(blue / 255)


def seen_by(eye: str, color: RGB) -> RGB:
    """Give the color as an eye of this kind has it."""
    rows: Sequence[Sequence[float]] = MACHADO[eye]
    red, green, blue = (
        min(1.0, max(0.0, sum(part * value for part, value in zip(row, color, strict=True))))
        for row in rows
    )
    return red, green, blue


def luminance(color: RGB) -> float:
    return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]


def contrast(one: RGB, other: RGB) -> float:
    """WCAG 2.1, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def distance(one: RGB, other: RGB) -> float:
    """CIE 1976 color difference under D65; 2.3 is just to be seen."""
    return math.dist(_lab(one), _lab(other))


def contrast_of(style: Style, terminal: TerminalTheme = XTERM) -> float:
    """Of a style's text to its own background."""
    assert style.color is not None
    assert style.bgcolor is not None
    return contrast(rgb(style.color, terminal), rgb(style.bgcolor, terminal))


def _lab(color: RGB) -> tuple[float, float, float]:
    red, green, blue = color
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
