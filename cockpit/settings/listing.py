"""The cockpit's settings one by one, with where each came from: `imc-cockpit config show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cockpit.actions import ACTIONS
from cockpit.settings.loader import load_cockpit_settings
from cockpit.settings.model import CockpitSettings
from core.tables.refusal import leaf_keys, shown

BUILT_IN = "built in"
"""Where keys come from that no file names."""


def cockpit_table(files: Sequence[Path]) -> list[dict[str, str]]:
    """
    List every setting and the keys of every action: key, value, origin and meaning of each.

    Raises:
        ConfigurationError: If the settings cannot be used.
    """
    loaded = load_cockpit_settings(files)
    rows = []
    for key, field in leaf_keys(CockpitSettings, "cockpit."):
        name = key.removeprefix("cockpit.")
        if name != "keys":
            value = _value(loaded.settings, name)
            rows.append(_row(key, _toml(value), loaded.origins[name], field.description or ""))
    keymap = loaded.settings.keymap
    for action in dict.fromkeys([*keymap.keys.values(), *loaded.settings.keys]):
        origin = loaded.origins.get(f"keys.{action}", BUILT_IN)
        keys = json.dumps(keymap.keys_of(action))
        rows.append(_row(f"cockpit.keys.{action}", keys, origin, ACTIONS[action].label))
    return rows


def _row(key: str, value: str, origin: str, meaning: str) -> dict[str, str]:
    return {"key": key, "value": value, "origin": origin, "meaning": meaning}


def _value(settings: CockpitSettings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _toml(value: object) -> str:
    """Write a value as TOML does; of a list of tables, how many it has."""
    if isinstance(value, tuple):
        if value and isinstance(value[0], BaseModel):
            return f"{len(value)} rules"
        return f"[{', '.join(_toml(item) for item in value)}]"
    return shown(value)
