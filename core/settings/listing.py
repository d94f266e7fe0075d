"""The settings one by one, with where each came from: `imc-cockpit config show`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.settings.loader import LoadedSettings
from core.settings.model import Settings
from core.tables.refusal import leaf_keys, shown


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting."""

    key: str
    """Dotted, as `--set` takes it."""
    value: str
    """As TOML writes it."""
    origin: str
    """File or flag that set it."""
    meaning: str
    """One sentence."""


def list_settings(loaded: LoadedSettings) -> tuple[SettingLine, ...]:
    """List all settings in the order of their model."""
    return tuple(
        SettingLine(
            key=key,
            value=_toml(_value(loaded.settings, key)),
            origin=loaded.origins[key],
            meaning=field.description or "",
        )
        for key, field in leaf_keys(Settings)
    )


def setting_values(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Every setting with its value as TOML writes it, in the order of their model."""
    return tuple((key, _toml(_value(settings, key))) for key, _ in leaf_keys(Settings))


def _value(settings: Settings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _toml(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return shown(value)
