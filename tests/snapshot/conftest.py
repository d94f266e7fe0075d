"""Dialogs hear at once here: nobody's fingers are on the keys."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_fingers(monkeypatch) -> None:
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1e-6)
    monkeypatch.setattr("cockpit.alarms.FLASH_S", -1.0)
