"""Pictures do not depend on how long they take: no fingers are on the keys, no link is old."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_fingers(monkeypatch) -> None:
    monkeypatch.setattr("cockpit.screens.base.DEAF_S", 1e-6)
    monkeypatch.setattr("cockpit.alarms.FLASH_S", -1.0)


@pytest.fixture(autouse=True)
def patient_eyes(monkeypatch) -> None:
    """A fake engine speaks once; on a busy machine a picture takes longer than a link may."""
    monkeypatch.setattr("cockpit.viewmodels.view.STALE_AFTER_S", 60.0)
