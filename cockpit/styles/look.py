"""How a cockpit is drawn: the theme in force, and whether only ASCII may be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rich.segment import Segment

from cockpit.styles.glyphs import to_ascii
from cockpit.styles.themes import DARK, Theme
from cockpit.viewmodels.cells import Line


@dataclass(frozen=True, slots=True)
class Look:
    """A theme on a kind of terminal."""

    theme: Theme = DARK
    is_ascii: bool = False

    def draw(self, line: Line) -> list[Segment]:
        """Turn toned text into styled text of the same width."""
        styles = self.theme.styles
        if self.is_ascii:
            return [Segment(to_ascii(text), styles[tone]) for text, tone in line]
        return [Segment(text, styles[tone]) for text, tone in line]


class Dressed(Protocol):
    """An app whose panels are drawn in a look that it chooses."""

    look: Look
