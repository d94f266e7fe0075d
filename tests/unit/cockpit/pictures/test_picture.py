"""A caught screen as text, drawing and image, and where it may be written."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from rich.segment import Segment
from rich.style import Style

from cockpit.pictures.picture import Picture, PictureKind, kind_of
from cockpit.pictures.png import CELL_HEIGHT_PX, CELL_WIDTH_PX, clusters
from core.domain.errors import ConfigurationError

GROUND, INK = "#102030", "#e0c0a0"
BASE = Style.parse(f"{INK} on {GROUND}")
MARGIN_PX = 12


def picture(*rows: list[Segment], width: int = 6) -> Picture:
    return Picture("a <title>", width, tuple(map(tuple, rows)))


PLAIN = picture(
    [Segment("ab", BASE), Segment("  ", BASE), Segment("██", BASE)],
    [Segment("<&", BASE), Segment("    ", BASE)],
)


def cell(image: Image.Image, column: int, row: int) -> set[tuple[int, ...]]:
    """Colors of all pixels of a cell."""
    left, top = MARGIN_PX + column * CELL_WIDTH_PX, MARGIN_PX + row * CELL_HEIGHT_PX
    box = (left, top, left + CELL_WIDTH_PX, top + CELL_HEIGHT_PX)
    return {color for _, color in image.crop(box).getcolors(1000)}


def drawn(shown: Picture) -> Image.Image:
    return Image.open(io.BytesIO(shown.encode(PictureKind.PNG))).convert("RGB")


def rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def test_text_is_the_letters_without_what_is_blank_at_the_end() -> None:
    assert PLAIN.text() == "ab  ██\n<&\n"


def test_a_drawing_is_sound_xml_that_needs_nothing_from_the_network() -> None:
    svg = PLAIN.svg()
    root = ET.fromstring(svg)
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a <title>" in [(word or "").replace("\u00a0", " ") for word in words]
    assert any("<&" in (word or "") for word in words)
    assert re.findall(r"https?://[^\"' ]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "url(http" not in svg


def test_an_image_has_every_cell_and_the_ground_around_them() -> None:
    image = drawn(PLAIN)
    assert image.size == (6 * 12 + 24, 2 * 24 + 24)
    assert image.getpixel((0, 0)) == rgb(GROUND)
    assert cell(image, 4, 0) == {rgb(INK)}
    assert cell(image, 2, 0) == {rgb(GROUND)}
    assert {rgb(INK), rgb(GROUND)} < cell(image, 0, 0)
    assert cell(image, 0, 0) != cell(image, 1, 0)


@pytest.mark.parametrize(
    ("style", "ink", "ground"),
    [
        (BASE + Style(reverse=True), GROUND, INK),
        (BASE + Style(dim=True), "#787068", GROUND),
        (Style.parse("bright_green on red"), "#00ff00", "#cd0000"),
        (Style.parse("default on default"), "#e5e5e5", GROUND),
    ],
)
def test_an_image_has_the_colors_of_the_style(style: Style, ink: str, ground: str) -> None:
    """Names mean what they mean in xterm."""
    image = drawn(picture([Segment("█ ", style), Segment("    ", BASE)]))
    assert cell(image, 0, 0) == {rgb(ink)}
    assert cell(image, 1, 0) == {rgb(ground)}


def test_bold_letters_are_wider_and_underlined_ones_have_a_line() -> None:
    image = drawn(
        picture(
            [
                Segment("i", BASE),
                Segment("i", BASE + Style(bold=True)),
                Segment(" ", BASE + Style(underline=True)),
                Segment(" ", BASE + Style(strike=True)),
                Segment("  ", BASE),
            ]
        )
    )

    def inked(column: int) -> int:
        left = MARGIN_PX + column * CELL_WIDTH_PX
        crop = image.crop((left, MARGIN_PX, left + CELL_WIDTH_PX, MARGIN_PX + CELL_HEIGHT_PX))
        return sum(count for count, color in crop.getcolors(1000) if color != rgb(GROUND))

    assert inked(1) > inked(0) > 0
    assert inked(2) == inked(3) == CELL_WIDTH_PX
    assert inked(4) == 0


def test_a_wide_letter_takes_two_cells_and_an_accent_none() -> None:
    assert list(clusters("e\u0301x漢")) == [("e\u0301", 1), ("x", 1), ("漢", 2)]
    image = drawn(picture([Segment("漢█", BASE), Segment("   ", BASE)]))
    assert cell(image, 2, 0) == {rgb(INK)}


def test_the_ending_tells_what_is_written(tmp_path: Path) -> None:
    for name, start in (("a.SVG", b"<svg"), ("a.png", b"\x89PNG\r\n"), ("a.txt", b"ab  ")):
        PLAIN.write(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.html"])
def test_an_ending_without_a_meaning_is_refused_with_those_that_have_one(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"allowed: \.svg, \.png, \.txt"):
        kind_of(Path(name))


def test_a_file_that_is_there_is_kept_unless_that_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("precious")
    with pytest.raises(ConfigurationError, match=r"exists already: .* --force"):
        PLAIN.write(path)
    assert path.read_text() == "precious"
    PLAIN.write(path, force=True)
    assert path.read_text() == PLAIN.text()


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written: No such file or directory"):
        PLAIN.write(tmp_path / "none" / "a.svg")
