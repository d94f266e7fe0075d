"""A stretch of a recording, as the command line names it."""

from __future__ import annotations

from typing import NamedTuple

from core.domain.errors import ConfigurationError


class Part(NamedTuple):
    """From and to, in per cent of the recording's time: 0 <= start < stop <= 100."""

    start_pct: float
    stop_pct: float


def parse_part(text: str) -> Part:
    """
    Read `A:B`.

    Raises:
        ConfigurationError: If it is not two numbers from 0 to 100, the first one smaller.
    """
    start, colon, stop = text.partition(":")
    try:
        part = Part(float(start), float(stop)) if colon else Part(-1.0, -1.0)
    except ValueError:
        part = Part(-1.0, -1.0)
    if not 0.0 <= part.start_pct < part.stop_pct <= 100.0:
        shown = text if text.isprintable() else repr(text)
        raise ConfigurationError(
            f'--part: "{shown}" is not of the form A:B, two per cents of the recording\'s time '
            "from 0 to 100, for example 0:50"
        )
    return part
