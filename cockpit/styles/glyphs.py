"""Everything that is drawn, in letters that every terminal has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from cockpit.viewmodels.cells import cell_width

ASCII: Mapping[str, str] = {
    # Frames and rules.
    "─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "├": "+", "└": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "┈": ".", "┊": ":", "┃": "!", "━": "=",
    # Areas, from below and from above.
    "▁": "_", "▂": "_", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#",
    "▔": "'", "▀": "=",
    # Bars: the left parts of a cell.
    "▏": "|", "▎": "|", "▍": "|", "▌": "=", "▋": "=", "▊": "=", "▉": "#",
    # Marks.
    "●": "O", "◐": "c", "◌": ".", "○": "o", "■": "#", "◆": "@", "▸": ">", "◂": "<",
    "✓": "+", "✗": "x", "∅": "-", "·": ".", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "…": "~", "±": "~", "»": ">", "—": "-", "\N{EN DASH}": "-", "\N{MULTIPLICATION SIGN}": "x",
    "≤": "<", "≥": ">", "∞": "&",
    "▲": "^", "▼": "v", "½": "h", "△": "^", "▽": "v", "•": "*", "°": "o", "µ": "u", "μ": "u",
    # Greek letters in the names of numbers.
    "\N{GREEK SMALL LETTER ALPHA}": "a", "β": "b", "\N{GREEK SMALL LETTER GAMMA}": "g", "δ": "d",
    "Δ": "D", "ε": "e", "ζ": "z", "η": "n",
    "κ": "k", "λ": "l", "π": "p", "\N{GREEK SMALL LETTER RHO}": "r",
    "\N{GREEK SMALL LETTER SIGMA}": "s", "Σ": "S", "τ": "t", "φ": "f",
    "ß": "s", "ø": "o", "Ø": "O", "æ": "e", "Æ": "E", "ł": "l", "Ł": "L", "€": "E",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT SINGLE QUOTATION MARK}": "'", "“": '"',
    "”": '"',
}  # fmt: skip
"""One letter for each glyph that is one column wide."""

UNKNOWN = "?"

_BRAILLE = "\N{BRAILLE PATTERN BLANK}"
_UPPER_DOTS, _LOWER_DOTS = 0b00011011, 0b11100100
"""Of a braille cell, by the bits of its code point."""


@lru_cache(4096)
def to_ascii(text: str) -> str:
    """Write a text in ASCII, in as many columns as it takes on a terminal."""
    if text.isascii():
        return text
    written = "".join(map(_letters, text))
    # Neighbors may share columns that each would take alone, as parts of an emoji do.
    width = cell_width(text)
    return written[:width].ljust(width)


def _letters(character: str) -> str:
    if character.isascii():
        return character
    if character in ASCII:
        return ASCII[character]
    if 0 <= (dots := ord(character) - ord(_BRAILLE)) < 256:
        return " '.:"[bool(dots & _UPPER_DOTS) + 2 * bool(dots & _LOWER_DOTS)]
    width = cell_width(character)
    base = unicodedata.normalize("NFKD", character)[0]
    return base if width == 1 and base.isascii() and base.isprintable() else UNKNOWN * width
