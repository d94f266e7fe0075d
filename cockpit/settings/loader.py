"""
From files to one frozen `CockpitSettings`.

Layers, each over the one before: the program's `config/cockpit.toml`, the user's own, every
`--cockpit` file in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cockpit.settings.model import CockpitSettings
from core.tables.layers import Layers
from core.tables.paths import config_dir, config_home, display_path
from core.tables.refusal import refuse
from core.tables.toml import read_toml, to_json

FILE_NAME = "cockpit.toml"


@dataclass(frozen=True, slots=True)
class LoadedCockpitSettings:
    """Settings and, by dotted key, the file that each value came from."""

    settings: CockpitSettings
    origins: Mapping[str, str]


def user_file() -> Path:
    """The user's own file, whether it exists or not."""
    return config_home() / "imc-cockpit" / FILE_NAME


def load_cockpit_settings(
    files: Sequence[Path] = (), *, own: Path | None = None
) -> LoadedCockpitSettings:
    """
    Read, merge and check all settings.

    Args:
        files: TOML files over the user's own, weakest first.
        own: The user's own file, if there is one; None means `user_file()`.

    Raises:
        ConfigurationError: With one line that names file, key, what was found and what is
            allowed.
    """
    own = own or user_file()
    layers = Layers(CockpitSettings)
    for path in (config_dir() / FILE_NAME, *([own] if own.is_file() else []), *files):
        layers.add(display_path(path), read_toml(path))
    return _checked(layers)


def shipped_settings() -> CockpitSettings:
    """Read what the program ships with, whatever the user has."""
    layers = Layers(CockpitSettings)
    path = config_dir() / FILE_NAME
    layers.add(display_path(path), read_toml(path))
    return _checked(layers).settings


def _checked(layers: Layers) -> LoadedCockpitSettings:
    tree = {"keys": {}, **layers.tree()}
    try:
        settings = CockpitSettings.model_validate_json(to_json(tree))
    except ValidationError as error:
        raise refuse(error, CockpitSettings, layers.source_of) from error
    return LoadedCockpitSettings(settings, layers.origins)
