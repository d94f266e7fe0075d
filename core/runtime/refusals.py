"""Why a command cannot be done, and how its words are read."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

from core.domain.errors import CoreError


class CommandRefused(CoreError):
    """A command that cannot be done; its text says why, and what would be allowed."""


def read_number(text: str, name: str) -> float:
    """
    Read a finite number.

    Raises:
        CommandRefused: If it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CommandRefused(f"{name}: {text or '(none)'} is not a number")
    return value


def nearest(word: str, known: Iterable[str]) -> str:
    """End of a sentence that names the likeliest word, or else all there are."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"
