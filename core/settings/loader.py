"""
From files and flags to one frozen `Settings`.

Layers, each over the one before: `defaults.toml`, the profile, every `--config` file
in turn, every `--set`. Each key remembers which layer it came from.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from core.domain.errors import ConfigurationError
from core.settings.instruments import InstrumentSettings
from core.settings.model import Settings
from core.tables.paths import config_dir, display_path
from core.tables.refusal import leaf_keys, refuse, section_of, shown, unknown_key
from core.tables.toml import Tree, parse_value, read_toml, to_json

DEFAULT_PROFILE = "practice"

_KNOWN = tuple(key for key, _ in leaf_keys(Settings))
_PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and, by dotted key, the file or flag each value came from."""

    settings: Settings
    origins: Mapping[str, str]


@dataclass(slots=True)
class _Layers:
    """Values of all layers so far, by dotted key, with their origins."""

    values: dict[str, Any]
    origins: dict[str, str]

    def add(self, source: str, tree: Tree) -> None:
        for key, value in _leaves(source, tree, Settings):
            # Out and in again: the order of origins is the order of the layers.
            self.origins.pop(key, None)
            self.values[key], self.origins[key] = value, source

    def source_of(self, key: str, sentence: str) -> str:
        """Layer of a key; for a rule over several keys, the last layer that set one of them."""
        if key in self.origins:
            return self.origins[key]
        section = {name: source for name, source in self.origins.items() if name.startswith(key)}
        named = [source for name, source in section.items() if name.rpartition(".")[2] in sentence]
        return (named or list(section.values()) or ["settings"])[-1]

    def tree(self) -> Tree:
        root: Tree = {}
        for key, value in self.values.items():
            *sections, leaf = key.split(".")
            table = root
            for section in sections:
                table = table.setdefault(section, {})
            table[leaf] = value
        return root


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
    folder = folder or config_dir()
    name = profile or DEFAULT_PROFILE
    layers = _Layers({_PROFILE: name}, {_PROFILE: "--profile" if profile else "default"})
    for path in (folder / "defaults.toml", profile_path(name, folder), *files):
        layers.add(display_path(path), read_toml(path))
    for override in overrides:
        layers.add("--set", _override_tree(override))
    try:
        settings = Settings.model_validate_json(to_json(layers.tree()))
    except ValidationError as error:
        raise refuse(error, Settings, layers.source_of) from error
    return LoadedSettings(settings, layers.origins)


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


def _leaves(
    source: str, tree: Tree, model: type[BaseModel], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Walk a layer down to its values, refusing keys that are none."""
    for name, value in tree.items():
        key = prefix + name
        field = model.model_fields.get(name)
        if key == _PROFILE:
            raise ConfigurationError(
                f"{source}: profile is not set in files; choose it with --profile {shown(value)}"
            )
        if field is None:
            raise unknown_key(source, key, _KNOWN)
        section = section_of(field)
        if section is None:
            yield key, value
        elif isinstance(value, dict):
            yield from _leaves(source, value, section, f"{key}.")
        else:
            raise ConfigurationError(f"{source}: {key} = {shown(value)} must be a table")


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
