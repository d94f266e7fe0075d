"""Settings of tables, for the tests that read some."""

from __future__ import annotations

from core.settings.data import DataSettings
from core.settings.loader import load_settings


def data_settings(**changed):
    """The defaults with some values changed."""
    values = load_settings().settings.data.model_dump()
    return DataSettings.model_validate({**values, "symbol": "XYZ", **changed})
