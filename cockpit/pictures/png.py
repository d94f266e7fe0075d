"""
A picture as an image, cell by cell, with a font that comes along.

Letters are the font's. Blocks, lines and dots are drawn, as terminals do: a glyph ends a
fraction of a pixel before its cell does, and a bar of such would show seams.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import as_file, files
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from cockpit.pictures.picture import Picture
from cockpit.pictures.strokes import shapes_of

FONT = "DejaVuSansMono.ttf"
_FONT_SIZE_PX = 20
CELL_WIDTH_PX, CELL_HEIGHT_PX = 12, 24
_MARGIN_PX = 12
_FAINT = 0.5
"""Part of the ground in a faint letter, as Textual has it."""

Rgb: TypeAlias = tuple[int, int, int]


def encode_png(picture: Picture) -> bytes:
    """Draw a picture: 12 by 24 pixels a cell, and a margin."""
    ground = _rgb(picture.colors.background_color)
    width = picture.width * CELL_WIDTH_PX + 2 * _MARGIN_PX
    height = len(picture.rows) * CELL_HEIGHT_PX + 2 * _MARGIN_PX
    image = Image.new("RGB", (width, height), ground)
    _Artist(image, picture).draw()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Split text into what shares a cell or two, with the cells it takes."""
    letters = ""
    width = 0
    for letter in text:
        size = cell_len(letter)
        if size and letters:
            yield letters, width
            letters, width = "", 0
        letters += letter
        width += size
    if letters:
        yield letters, width


class _Artist:
    """Draws one picture on one image."""

    def __init__(self, image: Image.Image, picture: Picture) -> None:
        self._draw = ImageDraw.Draw(image)
        self._picture = picture
        self._colors = picture.colors
        with as_file(files("cockpit.pictures") / "fonts" / FONT) as path:
            self._font = ImageFont.truetype(path, _FONT_SIZE_PX)

    def draw(self) -> None:
        """All rows, from the top."""
        for number, row in enumerate(self._picture.rows):
            x, y = _MARGIN_PX, _MARGIN_PX + number * CELL_HEIGHT_PX
            for text, style, _ in row:
                for letters, width in clusters(text):
                    self._cell(x, y, letters, width, style or Style.null())
                    x += width * CELL_WIDTH_PX

    def _cell(self, x: int, y: int, letters: str, width: int, style: Style) -> None:
        ink, ground = self._inks(style)
        right, bottom = x + width * CELL_WIDTH_PX - 1, y + CELL_HEIGHT_PX - 1
        if width:
            self._draw.rectangle((x, y, right, bottom), ground)
        shapes = shapes_of(letters, CELL_WIDTH_PX, CELL_HEIGHT_PX)
        if shapes is not None:
            for left, top, end, low, strength in shapes:
                box = (x + left, y + top, x + end - 1, y + low - 1)
                self._draw.rectangle(box, _mix(ink, ground, strength))
        elif letters.strip():
            self._draw.text((x, y), letters, ink, self._font)
            if style.bold:
                # One pixel wider, which any font can do.
                self._draw.text((x + 1, y), letters, ink, self._font)
        if style.underline:
            self._draw.line((x, bottom - 1, right, bottom - 1), ink)
        if style.strike:
            middle = y + CELL_HEIGHT_PX // 2
            self._draw.line((x, middle, right, middle), ink)

    def _inks(self, style: Style) -> tuple[Rgb, Rgb]:
        """Color of the letters, and behind them."""
        ink = self._color(style.color, is_ink=True)
        ground = self._color(style.bgcolor, is_ink=False)
        if style.reverse:
            ink, ground = ground, ink
        return (_mix(ink, ground, 1 - _FAINT), ground) if style.dim else (ink, ground)

    def _color(self, color: Color | None, *, is_ink: bool) -> Rgb:
        return _rgb((color or Color.default()).get_truecolor(self._colors, foreground=is_ink))


def _mix(ink: Rgb, ground: Rgb, strength: float) -> Rgb:
    """Lay so much of a color on another one."""
    red, green, blue = (
        round(under + (over - under) * strength) for over, under in zip(ink, ground, strict=True)
    )
    return red, green, blue


def _rgb(color: tuple[int, int, int]) -> Rgb:
    red, green, blue = color
    return red, green, blue
