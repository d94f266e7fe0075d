"""A screen that was caught: its cells row by row, and the files they can become."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.color import Color
from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme

from core.domain.errors import ConfigurationError

_SVG_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own, but for the fonts: that one fetches them from the network."""

_BLACK, _WHITE = (0, 0, 0), (229, 229, 229)
_TERMINAL = TerminalTheme(
    _BLACK,
    _WHITE,
    [_BLACK, (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205),
     (0, 205, 205), _WHITE],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255),
     (0, 255, 255), (255, 255, 255)],
)  # fmt: skip
"""What a terminal's own colors are in xterm, where nobody has changed them."""

Row = Sequence[Segment]


class PictureKind(StrEnum):
    """What a picture can be written as, by the ending of its file."""

    SVG = ".svg"
    PNG = ".png"
    TEXT = ".txt"


def kind_of(path: Path) -> PictureKind:
    """
    Tell by the ending what a file is to hold.

    Raises:
        ConfigurationError: If nothing can be written with this ending.
    """
    try:
        return PictureKind(path.suffix.lower())
    except ValueError as error:
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise ConfigurationError(
            f"{path} {found}; allowed: {', '.join(PictureKind)} (a drawing, an image, plain text)"
        ) from error


@dataclass(frozen=True, slots=True)
class Picture:
    """Every cell of a screen."""

    title: str
    width: int
    """In cells."""
    rows: tuple[Row, ...]

    def write(self, path: Path, *, force: bool = False) -> None:
        """
        Write it as what the ending of the file says.

        Args:
            path: See `PictureKind`.
            force: Replace a file that is there.

        Raises:
            ConfigurationError: If the ending is another one, a file is there that may not be
                replaced, or it cannot be written.
        """
        content = self.encode(kind_of(path))
        try:
            with path.open("wb" if force else "xb") as file:
                file.write(content)
        except FileExistsError as error:
            raise exists_already(path) from error
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error

    def encode(self, kind: PictureKind) -> bytes:
        """Make the bytes of a file of some kind."""
        match kind:
            case PictureKind.SVG:
                return self.svg().encode()
            case PictureKind.TEXT:
                return self.text().encode()
            case PictureKind.PNG:
                from cockpit.pictures.png import encode_png

                return encode_png(self)

    def text(self) -> str:
        """Letters alone, without what is blank at the end of a row."""
        rows = ("".join(segment.text for segment in row).rstrip() for row in self.rows)
        return "\n".join(rows) + "\n"

    def svg(self) -> str:
        """Draw it in a window, with a title, as Textual does; needs no network."""
        console = Console(
            width=self.width,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            record=True,
            legacy_windows=False,
            safe_box=False,
        )
        console.print(Segments(list(self._in_lines())), end="")
        return console.export_svg(title=self.title, theme=self.colors, code_format=_SVG_FORMAT)

    @property
    def colors(self) -> TerminalTheme:
        """What a terminal's own colors look like here; the ground is that of the picture."""
        ground = self._ground()
        if ground is None:
            return _TERMINAL
        theme = TerminalTheme(_BLACK, _WHITE, [])
        theme.background_color = ground.get_truecolor(_TERMINAL, foreground=False)
        theme.ansi_colors = _TERMINAL.ansi_colors
        return theme

    def _ground(self) -> Color | None:
        """Behind the last cell, where nothing is marked; None for the terminal's own."""
        style = self.rows[-1][-1].style if self.rows and self.rows[-1] else None
        color = style.bgcolor if style else None
        return None if color is None or color.is_default else color

    def _in_lines(self) -> Iterator[Segment]:
        for number, row in enumerate(self.rows):
            if number:
                yield Segment.line()
            yield from (Segment(segment.text, segment.style) for segment in row)


def exists_already(path: Path) -> ConfigurationError:
    """Say that a file is there, and what to do."""
    return ConfigurationError(f"{path} exists already: give another name, or --force to replace it")
