"""An ssh that stays on this machine."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.integration.terminal import Terminal

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class FakeSsh:
    """What the fake ssh has been asked to do."""

    log: Path

    @property
    def starts(self) -> list[str]:
        """What it was called with, call by call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.partition(" ")[2] for line in lines]

    @property
    def running(self) -> list[int]:
        """Processes of it that have not ended."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [pid for line in lines if psutil.pid_exists(pid := int(line.partition(" ")[0]))]


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def ssh(tmp_path, monkeypatch) -> FakeSsh:
    """Put it on the PATH, with the program that it finds at the other end."""
    folder = tmp_path / "bin"
    folder.mkdir()
    write_program(
        folder / "ssh", f'exec "{sys.executable}" "{Path(__file__).parent}/fake_ssh.py" "$@"'
    )
    write_program(folder / "imc-cockpit", f'exec "{sys.executable}" -m cockpit "$@"')
    log = tmp_path / "ssh.log"
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("FAKE_SSH_LOG", str(log))
    return FakeSsh(log)


@pytest.fixture
def open_terminal():
    """Run a command in a terminal of a size; closed with the test."""
    opened = []

    def run(command, columns=120, rows=30) -> Terminal:
        opened.append(Terminal(command, columns, rows))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()
