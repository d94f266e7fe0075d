"""Recorded books, for the tests that need them."""

from __future__ import annotations

import pytest

from tests.recorded_data import find


@pytest.fixture(scope="session")
def recorded():
    """Folder of recorded data; its tests are skipped where it is absent."""
    return find()
