"""Letters that are shapes: blocks, lines and dots, as rectangles that fill their cell exactly."""

from __future__ import annotations

from typing import TypeAlias

Shape: TypeAlias = tuple[int, int, int, int, float]
"""Left, top, right and bottom in pixels of the cell (the last two not part of it), and how much
of the ink is laid on, in 0 to 1."""

_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_QUADRANTS = {
    "▘": 0b1000, "▝": 0b0100, "▖": 0b0010, "▗": 0b0001, "▚": 0b1001, "▞": 0b0110,
    "▙": 0b1011, "▟": 0b0111, "▛": 0b1110, "▜": 0b1101,
}  # fmt: skip
"""Upper left, upper right, lower left, lower right."""
_ARMS = {
    "─": "lr", "━": "LR", "│": "ud", "┃": "UD", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu",
    "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru", "┼": "lrud",
    "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu",
}  # fmt: skip
"""Where a line goes from the middle; capitals are heavy."""
_ROUND = frozenset("╭╮╰╯")
_BRAILLE = 0x2800
_BRAILLE_PLACES = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each dot, by the bits of the code point (Unicode 17, chapter 21.1)."""


def shapes_of(letter: str, width: int, height: int) -> list[Shape] | None:
    """
    Cut a letter into rectangles; None for one that is no shape.

    Args:
        letter: One character.
        width: Of its cell, in pixels.
        height: The same.
    """
    if len(letter) != 1:
        return None
    if letter in _SHADES:
        return [(0, 0, width, height, _SHADES[letter])]
    if letter in _QUADRANTS:
        return _quadrants(_QUADRANTS[letter], width, height)
    if letter in _ARMS:
        arms = _ARMS[letter]
        return (_round_corner if letter in _ROUND else _arms)(arms, width, height)
    if _BRAILLE <= ord(letter) < _BRAILLE + 0x100:
        return _dots(ord(letter) - _BRAILLE, width, height)
    return _bar(ord(letter), width, height)


def _bar(code: int, width: int, height: int) -> list[Shape] | None:
    """Cut a block of eighths: U+2580 to U+2590, U+2594 and U+2595."""
    if 0x2581 <= code <= 0x2588:
        return [(0, height - round(height * (code - 0x2580) / 8), width, height, 1.0)]
    if 0x2589 <= code <= 0x258F:
        return [(0, 0, max(1, round(width * (0x2590 - code) / 8)), height, 1.0)]
    others: dict[int, Shape] = {
        0x2580: (0, 0, width, height // 2, 1.0),
        0x2590: (width // 2, 0, width, height, 1.0),
        0x2594: (0, 0, width, round(height / 8), 1.0),
        0x2595: (width - max(1, round(width / 8)), 0, width, height, 1.0),
    }
    return [others[code]] if code in others else None


def _quadrants(bits: int, width: int, height: int) -> list[Shape]:
    across, down = width // 2, height // 2
    places = ((0, 0, across, down), (across, 0, width, down), (0, down, across, height),
              (across, down, width, height))  # fmt: skip
    return [(*place, 1.0) for number, place in enumerate(places) if bits >> (3 - number) & 1]


def _arms(arms: str, width: int, height: int) -> list[Shape]:
    thick = 3 if arms.isupper() else 1
    left, top = width // 2 - thick // 2, height // 2 - thick // 2
    right, bottom = left + thick, top + thick
    boxes: dict[str, Shape] = {
        "l": (0, top, right, bottom, 1.0),
        "r": (left, top, width, bottom, 1.0),
        "u": (left, 0, right, bottom, 1.0),
        "d": (left, top, right, height, 1.0),
    }
    return [boxes[arm] for arm in arms.lower()]


def _round_corner(arms: str, width: int, height: int) -> list[Shape]:
    """Two arms that stop short of the middle, and a step between them."""
    left, top = width // 2, height // 2
    is_right, is_down = arms[0] == "r", arms[1] == "d"
    across = (left + 2, width) if is_right else (0, left - 1)
    down = (top + 2, height) if is_down else (0, top - 1)
    step_left, step_top = left + (1 if is_right else -1), top + (1 if is_down else -1)
    return [
        (across[0], top, across[1], top + 1, 1.0),
        (left, down[0], left + 1, down[1], 1.0),
        (step_left, step_top, step_left + 1, step_top + 1, 1.0),
    ]


def _dots(bits: int, width: int, height: int) -> list[Shape]:
    across, down = width / 2, height / 4
    size = max(1, round(min(across, down) / 2))
    shapes: list[Shape] = []
    for bit, (column, row) in enumerate(_BRAILLE_PLACES):
        if bits >> bit & 1:
            left = round((column + 0.5) * across - size / 2)
            top = round((row + 0.5) * down - size / 2)
            shapes.append((left, top, left + size, top + size, 1.0))
    return shapes
