"""Where the recorded data is, for the tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).parents[4] / "shared" / "data"


def find(name: str) -> Path:
    """A recorded file, or a skipped test."""
    path = Path(os.environ.get("IMC_COCKPIT_DATA") or _BESIDE_THE_CHECKOUT) / name
    if not path.exists():
        pytest.skip("no recorded data here; IMC_COCKPIT_DATA says where it is")
    return path
