"""Where configuration is read from and runs are written to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.domain.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parents[1]


def checkout_dir() -> Path | None:
    """Root of the source checkout this program runs from; None when installed as a wheel."""
    root = _PACKAGE.parent
    is_checkout = (root / "pyproject.toml").is_file() and (root / "config").is_dir()
    return root if is_checkout else None


def config_dir() -> Path:
    """
    Folder of `defaults.toml`, `profiles/` and `instruments/`.

    Raises:
        ConfigurationError: If the installation lacks it.
    """
    root = checkout_dir()
    folder = root / "config" if root else _PACKAGE / "config"
    if not (folder / "defaults.toml").is_file():
        raise ConfigurationError(
            f"{folder}: defaults.toml is missing; the installation is incomplete"
        )
    return folder


def default_run_dir() -> Path:
    """`logs/` in a checkout, else the user's state directory."""
    root = checkout_dir()
    return root / "logs" if root else state_dir()


def state_dir() -> Path:
    """What this user's engines share, whatever their run directories."""
    return _state_home() / "imc-cockpit"


def _state_home() -> Path:
    configured = os.environ.get("XDG_STATE_HOME", "")
    # The specification says that a relative path is to be ignored.
    if configured and Path(configured).is_absolute():
        return Path(configured)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".local" / "state"


def config_home() -> Path:
    """Where this user keeps configuration: `imc-cockpit/` in it is ours."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    # As for the state: a relative path is to be ignored.
    if configured and Path(configured).is_absolute():
        return Path(configured)
    return Path.home() / ".config"


def display_path(path: Path) -> str:
    """Write a path as briefly as it stays clear: `config/…`, or relative to where we are."""
    for base in (config_dir().parent, Path.cwd()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)
