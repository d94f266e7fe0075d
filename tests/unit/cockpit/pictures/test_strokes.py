"""Shapes fill their cells exactly, so that what touches on a screen touches in a picture."""

from __future__ import annotations

import unicodedata

import pytest

from cockpit.pictures.strokes import shapes_of

WIDTH, HEIGHT = 12, 24


def grid(letter: str) -> list[str]:
    """The cell as text: one character a pixel."""
    shapes = shapes_of(letter, WIDTH, HEIGHT)
    assert shapes is not None
    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    for left, top, right, bottom, _ in shapes:
        for y in range(top, bottom):
            for x in range(left, right):
                rows[y][x] = "#"
    return ["".join(row) for row in rows]


def share(letter: str) -> float:
    return sum(row.count("#") for row in grid(letter)) / (WIDTH * HEIGHT)


@pytest.mark.parametrize("eighths", range(1, 9))
def test_a_lower_block_stands_on_the_bottom_and_is_as_high_as_its_name_says(eighths: int) -> None:
    rows = grid(chr(0x2580 + eighths))
    assert share(chr(0x2580 + eighths)) == eighths / 8
    assert rows[-1] == "#" * WIDTH


@pytest.mark.parametrize("code", range(0x2589, 0x2590))
def test_a_left_block_starts_at_the_left_and_is_as_wide_as_its_name_says(code: int) -> None:
    eighths = 0x2590 - code
    assert abs(share(chr(code)) - eighths / 8) < 0.05
    assert all(row[0] == "#" for row in grid(chr(code)))


@pytest.mark.parametrize(
    ("letter", "corners"),
    [("▘", "#   "), ("▝", " #  "), ("▖", "  # "), ("▗", "   #"), ("▚", "#  #"), ("▞", " ## "),
     ("▙", "# ##"), ("▟", " ###"), ("▛", "### "), ("▜", "## #")],
)  # fmt: skip
def test_a_quadrant_fills_the_corners_of_its_name(letter: str, corners: str) -> None:
    rows = grid(letter)
    assert rows[0][0] + rows[0][-1] + rows[-1][0] + rows[-1][-1] == corners
    assert share(letter) == corners.count("#") / 4


@pytest.mark.parametrize(
    ("letter", "edges"),
    [("─", "lr"), ("│", "ud"), ("┌", "rd"), ("┐", "ld"), ("└", "ru"), ("┘", "lu"), ("├", "udr"),
     ("┤", "udl"), ("┬", "lrd"), ("┴", "lru"), ("┼", "lrud"), ("━", "lr"), ("┃", "ud"),
     ("╭", "rd"), ("╮", "ld"), ("╰", "ru"), ("╯", "lu")],
)  # fmt: skip
def test_a_line_reaches_the_edges_that_it_is_joined_at_and_no_others(
    letter: str, edges: str
) -> None:
    rows = grid(letter)
    middle_row, middle_column = HEIGHT // 2, WIDTH // 2
    reached = {
        "l": rows[middle_row][0],
        "r": rows[middle_row][-1],
        "u": rows[0][middle_column],
        "d": rows[-1][middle_column],
    }
    assert {edge for edge, pixel in reached.items() if pixel == "#"} == set(edges)


@pytest.mark.parametrize(("heavy", "light"), [("━", "─"), ("┃", "│")])
def test_a_heavy_line_is_wider_than_a_light_one(heavy: str, light: str) -> None:
    assert share(heavy) == 3 * share(light)


@pytest.mark.parametrize("code", [0x2801, 0x2808, 0x2840, 0x28B5, 0x28FF])
def test_braille_has_the_dots_of_its_unicode_name(code: int) -> None:
    """BRAILLE PATTERN DOTS-1 and so on: the standard numbers the dots."""
    named = unicodedata.name(chr(code)).removeprefix("BRAILLE PATTERN DOTS-")
    places = {"1": (0, 0), "2": (0, 1), "3": (0, 2), "7": (0, 3),
              "4": (1, 0), "5": (1, 1), "6": (1, 2), "8": (1, 3)}  # fmt: skip
    rows = grid(chr(code))
    for dot, (column, row) in places.items():
        pixel = rows[row * 6 + 3][column * 6 + 3]
        assert (pixel == "#") == (dot in named)


@pytest.mark.parametrize(("letter", "strength"), [("░", 0.25), ("▒", 0.5), ("▓", 0.75)])
def test_a_shade_lays_a_part_of_the_ink_on_all_of_the_cell(letter: str, strength: float) -> None:
    assert shapes_of(letter, WIDTH, HEIGHT) == [(0, 0, WIDTH, HEIGHT, strength)]


@pytest.mark.parametrize("letter", ["a", " ", "▸", "e\u0301", "⟿", "\u2596x", "\u257f", "\u25a0"])
def test_a_letter_is_no_shape(letter: str) -> None:
    assert shapes_of(letter, WIDTH, HEIGHT) is None
