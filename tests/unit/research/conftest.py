"""Where the recorded data is, for the tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def recorded():
    """Folder of recorded books; its tests are skipped where it is absent."""
    folder = Path(os.environ.get("IMC_COCKPIT_DATA") or _BESIDE_THE_CHECKOUT)
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}; IMC_COCKPIT_DATA says where it is")
    return folder
