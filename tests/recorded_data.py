"""Where the recorded data is, for the tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("IMC_COCKPIT_DATA") or Path(__file__).parents[2] / "shared" / "data"
).resolve()


def find(name: str = "") -> Path:
    """A recorded file or folder, or a skipped test."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no recorded data at {path}; IMC_COCKPIT_DATA says where it is")
    return path
