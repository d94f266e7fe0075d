"""Sample messages of the venues, written to the shapes that their documents show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[1] / "fixtures"


def text(venue: str, name: str) -> bytes:
    """One sample, as it is written."""
    return (FOLDER / venue / f"{name}.json").read_bytes()


def sample(venue: str, name: str) -> Any:
    """One sample, decoded. Numbers lose their trailing zeros."""
    return msgspec.json.decode(text(venue, name))


def all_texts(venue: str) -> list[bytes]:
    """All samples of a venue."""
    return [path.read_bytes() for path in sorted((FOLDER / venue).glob("*.json"))]
