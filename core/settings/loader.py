"""
From files and flags to one frozen `Settings`.

Layers, each over the one before: `defaults.toml`, the profile, every `--config` file
in turn, every `--set`. Each key remembers which layer it came from.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.domain.errors import ConfigurationError
from core.settings.data import DataSettings
from core.settings.instruments import InstrumentSettings
from core.settings.model import Settings
from core.tables.layers import Layers
from core.tables.paths import config_dir, display_path
from core.tables.refusal import refuse, shown
from core.tables.toml import Tree, parse_value, read_toml, to_json

DEFAULT_PROFILE = "practice"

_PROFILE = "profile"
_DATA = "data"
_COMMAND_LINE = "--set"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and, by dotted key, the file or flag each value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    profile: str | None = None,
    files: Sequence[Path] = (),
    overrides: Sequence[str] = (),
    *,
    folder: Path | None = None,
) -> LoadedSettings:
    """
    Read, merge and check all settings.

    Args:
        profile: Name of a file in `config/profiles`; None means practice.
        files: TOML files of the user, weakest first.
        overrides: `path.to.key=value`, weakest first.
        folder: Where `defaults.toml` and `profiles/` are; None means `config_dir()`.

    Raises:
        ConfigurationError: With one line that names file, key, what was found and what
            is allowed.
    """
    layers = _lay(profile, files, overrides, folder or config_dir())
    try:
        settings = Settings.model_validate_json(to_json(layers.tree()))
    except ValidationError as error:
        raise refuse(error, Settings, layers.source_of) from error
    _refuse_live_in_files(settings, layers.origins)
    return LoadedSettings(settings, layers.origins)


def load_data_settings(
    profile: str | None = None,
    files: Sequence[Path] = (),
    overrides: Sequence[str] = (),
    *,
    folder: Path | None = None,
) -> DataSettings:
    """
    Read `[data]` alone: which profile the rest is over, only the data can tell.

    Arguments and errors are those of `load_settings`.
    """
    layers = _lay(profile, files, overrides, folder or config_dir())

    def source_of(key: str, sentence: str) -> str:
        return layers.source_of(f"{_DATA}.{key}" if key else _DATA, sentence)

    try:
        return DataSettings.model_validate_json(to_json(layers.tree()[_DATA]))
    except ValidationError as error:
        raise refuse(error, DataSettings, source_of, f"{_DATA}.") from error


def _lay(
    profile: str | None, files: Sequence[Path], overrides: Sequence[str], folder: Path
) -> Layers:
    """Lay everything over each other."""
    name = profile or DEFAULT_PROFILE
    origin = "--profile" if profile else "default"
    layers = Layers(Settings, {_PROFILE: name}, {_PROFILE: origin})
    for path in (folder / "defaults.toml", profile_path(name, folder), *files):
        _add(layers, display_path(path), read_toml(path))
    for override in overrides:
        _add(layers, _COMMAND_LINE, _override_tree(override))
    return layers


def with_overrides(settings: Settings, overrides: Sequence[str]) -> Settings:
    """
    Put single settings over some that are loaded already, such as those of a run.

    Raises:
        ConfigurationError: As `load_settings`.
    """
    if not overrides:
        return settings
    layers = Layers(Settings, {}, {})
    layers.add("settings", settings.model_dump(mode="json"))
    for override in overrides:
        _add(layers, _COMMAND_LINE, _override_tree(override))
    try:
        return Settings.model_validate_json(to_json(layers.tree()))
    except ValidationError as error:
        raise refuse(error, Settings, layers.source_of) from error


def _refuse_live_in_files(settings: Settings, origins: Mapping[str, str]) -> None:
    for key, value in (
        ("venue.live", settings.venue.live),
        ("venue.confirm_live", settings.venue.confirm_live),
    ):
        origin = origins.get(key, "")
        if value and origin != _COMMAND_LINE:
            raise ConfigurationError(
                f"{origin}: {key} is not set in files; say --live on the command line"
            )


def profile_names(folder: Path | None = None) -> tuple[str, ...]:
    """Names of the profiles that ship with the program, sorted."""
    return tuple(sorted(path.stem for path in _profiles(folder).glob("*.toml")))


def profile_path(name: str, folder: Path | None = None) -> Path:
    """
    File of a profile.

    Raises:
        ConfigurationError: If there is none of this name; the sentence lists them.
    """
    names = profile_names(folder)
    if name not in names:
        nearest = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise ConfigurationError(
            f"--profile: {shown(name)} is not a profile; known: {', '.join(names)}{hint}"
        )
    return _profiles(folder) / f"{name}.toml"


def settings_hash(settings: Settings, instruments: Sequence[InstrumentSettings] = ()) -> str:
    """Name of exactly these settings: 16 hex digits, the same on every machine."""
    values = [settings.model_dump(), [entry.model_dump() for entry in instruments]]
    text = json.dumps(values, sort_keys=True, default=_plain)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _plain(value: Decimal) -> str:
    # 1E+6 and 1000000 are one amount and must not be two hashes.
    return f"{value.normalize():f}"


def _profiles(folder: Path | None) -> Path:
    return (folder or config_dir()) / "profiles"


def _add(layers: Layers, source: str, tree: Tree) -> None:
    if _PROFILE in tree:
        raise ConfigurationError(
            f"{source}: profile is not set in files; choose it with "
            f"--profile {shown(tree[_PROFILE])}"
        )
    layers.add(source, tree)


def _override_tree(override: str) -> Tree:
    path, equals, text = override.partition("=")
    keys = [part.strip() for part in path.split(".")]
    if not equals or not all(keys) or not override.isprintable():
        raise ConfigurationError(
            f"--set: {shown(override)} is not of the form path.to.key=value, "
            "for example risk.max_position_pct=10"
        )
    tree: Any = parse_value(text.strip())
    for key in reversed(keys):
        tree = {key: tree}
    return dict(tree)
