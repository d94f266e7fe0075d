"""One engine per run directory."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.api.address import lock_path, socket_path
from core.domain.errors import AddressInUse, ConfigurationError
from core.serve.claim import RunDirClaim


def dead_socket(path: Path) -> None:
    """Leave what an engine leaves that was killed."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()


def test_the_folder_and_the_socket_are_private(tmp_path: Path) -> None:
    """Whoever can connect can trade."""
    run_dir = tmp_path / "runs" / "here"
    claim = RunDirClaim(run_dir)
    with claim.listen():
        assert stat.S_IMODE(run_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE(claim.path.stat().st_mode) == 0o600
    claim.release()


def test_an_open_folder_is_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    RunDirClaim(tmp_path).release()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_second_engine_is_told_who_runs(tmp_path: Path) -> None:
    first = RunDirClaim(tmp_path)
    with pytest.raises(AddressInUse, match=f"already runs here, process {os.getpid()};"):
        RunDirClaim(tmp_path)
    first.release()


def test_a_released_directory_can_be_claimed_again(tmp_path: Path) -> None:
    first = RunDirClaim(tmp_path)
    first.listen().close()
    first.release()
    first.release()
    assert not socket_path(tmp_path).exists()
    RunDirClaim(tmp_path).release()


def test_the_socket_of_a_dead_engine_is_replaced(tmp_path: Path) -> None:
    dead_socket(socket_path(tmp_path))
    claim = RunDirClaim(tmp_path)
    with claim.listen(), socket.socket(socket.AF_UNIX) as viewer:
        viewer.connect(str(claim.path))
    claim.release()


def test_a_killed_engine_leaves_no_lock(tmp_path: Path) -> None:
    """The lock goes with the process, its file and process id stay."""
    code = (
        "import os, signal, sys; from pathlib import Path; "
        "from core.serve.claim import RunDirClaim; "
        "claim = RunDirClaim(Path(sys.argv[1])); claim.listen(); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=60)
    assert killed.returncode == -9
    assert lock_path(tmp_path).read_text().strip().isdigit()
    claim = RunDirClaim(tmp_path)
    claim.listen().close()
    claim.release()


def test_a_socket_that_somebody_listens_on_is_not_taken_away(tmp_path: Path) -> None:
    """An engine that holds no lock, for example on a file system without locks."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path(tmp_path)))
        listener.listen()
        claim = RunDirClaim(tmp_path)
        with pytest.raises(AddressInUse, match="answers here"):
            claim.listen()
        claim.release()


def test_a_file_that_is_no_socket_is_not_removed(tmp_path: Path) -> None:
    socket_path(tmp_path).write_text("precious")
    claim = RunDirClaim(tmp_path)
    with pytest.raises(AddressInUse, match="no socket is in the way"):
        claim.listen()
    claim.release()
    assert socket_path(tmp_path).read_text() == "precious"


def test_a_deep_run_directory_works_too(tmp_path: Path) -> None:
    """Its socket lies elsewhere, in a private folder as well."""
    deep = tmp_path / ("d" * 120)
    claim = RunDirClaim(deep)
    with claim.listen():
        assert claim.path == socket_path(deep)
        assert claim.path.parent != deep
        assert stat.S_IMODE(claim.path.parent.stat().st_mode) == 0o700
    claim.release()
    assert not claim.path.exists()


def test_a_platform_without_unix_sockets_is_shown_the_other_way(tmp_path, monkeypatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(ConfigurationError, match="use --in-process"):
        RunDirClaim(tmp_path)


def test_a_file_system_that_takes_no_socket_is_said(tmp_path: Path, monkeypatch) -> None:
    claim = RunDirClaim(tmp_path)
    monkeypatch.setattr(claim, "_path", tmp_path / "gone" / "engine.sock")
    with pytest.raises(ConfigurationError, match="cannot open a socket here: No such file"):
        claim.listen()
    claim.release()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be made private to this user"):
        RunDirClaim(tmp_path / "file" / "runs")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x1b[2J", b"12 34", b"9" * 5_000])
def test_a_damaged_lock_names_nobody(tmp_path: Path, content: bytes) -> None:
    first = RunDirClaim(tmp_path)
    lock_path(tmp_path).write_bytes(content)
    with pytest.raises(AddressInUse, match="process unknown;"):
        RunDirClaim(tmp_path)
    first.release()
