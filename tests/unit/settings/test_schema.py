"""The schema that editors read is the one the program obeys."""

from __future__ import annotations

import json

from core.settings.schema import SCHEMA_FILE, settings_schema
from core.tables.paths import config_dir


def test_the_stored_schema_is_current() -> None:
    """If this fails: python -m core.settings.schema."""
    stored = (config_dir() / SCHEMA_FILE).read_text(encoding="utf-8")
    assert stored == settings_schema()


def test_a_layer_need_not_hold_everything() -> None:
    schema = json.loads(settings_schema())
    assert '"required"' not in settings_schema()
    assert "profile" not in schema["properties"]
    assert schema["additionalProperties"] is False
