"""Where the socket is."""

from __future__ import annotations

import os
from pathlib import Path

from core.api.address import lock_path, socket_path


def test_the_socket_is_in_the_run_directory(tmp_path: Path, monkeypatch) -> None:
    """A relative directory and its absolute name are the same place."""
    monkeypatch.chdir(tmp_path)
    assert socket_path(Path("r")) == socket_path(tmp_path / "r") == tmp_path / "r" / "engine.sock"


def test_a_deep_run_directory_has_a_short_socket_path(tmp_path: Path) -> None:
    """The platform takes about 104 bytes; umlauts count twice."""
    deep = tmp_path / ("ü" * 60)
    path = socket_path(deep)
    assert len(os.fsencode(path)) < 100
    assert path.parent.name == f"imc-cockpit-{os.getuid()}"
    assert path == socket_path(tmp_path / "x" / ".." / ("ü" * 60))
    assert path != socket_path(deep / "other")


def test_the_lock_stays_in_the_run_directory_however_deep(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    assert lock_path(deep) == deep / "engine.lock"
