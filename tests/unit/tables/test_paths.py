"""Where configuration and runs live, in a checkout and in an installed wheel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.tables import paths


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend to be installed: a package folder, and no checkout around it."""
    package = tmp_path / "site-packages" / "core"
    (package / "config").mkdir(parents=True)
    monkeypatch.setattr(paths, "_PACKAGE", package)
    return package


def test_a_checkout_brings_its_own_folders() -> None:
    root = Path(paths.__file__).resolve().parents[2]
    assert paths.checkout_dir() == root
    assert paths.config_dir() == root / "config"
    assert paths.default_run_dir() == root / "logs"


def test_a_wheel_brings_its_configuration(wheel: Path) -> None:
    (wheel / "config" / "defaults.toml").touch()
    assert paths.checkout_dir() is None
    assert paths.config_dir() == wheel / "config"


def test_an_incomplete_installation_says_so(wheel: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"defaults\.toml is missing"):
        paths.config_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="XDG is for Unix")
def test_a_wheel_keeps_runs_in_the_state_directory(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert paths.default_run_dir() == tmp_path / "imc-cockpit"


def test_a_relative_state_directory_is_ignored(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "here")
    assert paths.default_run_dir().is_absolute()
    assert paths.default_run_dir().is_relative_to(Path.home())


def test_paths_are_shown_as_briefly_as_they_stay_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.display_path(tmp_path / "a" / "b.toml") == "a/b.toml"
    assert paths.display_path(paths.config_dir() / "defaults.toml") == "config/defaults.toml"
    elsewhere = tmp_path.parent / "c.toml"
    assert paths.display_path(elsewhere) == str(elsewhere)
