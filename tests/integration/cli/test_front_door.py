"""The command itself: interrupted, cut off from its reader, or broken, it ends with one line."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.abc import MetaPathFinder

import pytest

import core.doors.settings
from cockpit.__main__ import main
from core.settings.loader import profile_names
from tests.integration.program import PATIENCE_S, Program


class Interrupting(MetaPathFinder):
    """Ctrl-C while a module is being loaded."""

    def find_spec(self, name, path=None, target=None):
        if name == "cockpit.cli":
            raise KeyboardInterrupt


def test_ctrl_c_while_loading_is_no_traceback(monkeypatch, capsys) -> None:
    """Half a second of imports is long enough to change one's mind."""
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "cockpit.cli", raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "imc-cockpit: interrupted\n"


def test_an_unforeseen_error_is_one_line_and_exit_code_70(monkeypatch, tmp_path) -> None:
    """It names the place, so that a report of it can be acted upon."""

    def break_down() -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(core.doors.settings, "profile_names", break_down)
    told = Program(tmp_path).call("profiles")
    assert (told.code, told.out) == (70, "")
    assert "internal error in test_front_door.py:" in told.sentence
    assert "nobody thought of this" in told.sentence


def test_a_reader_that_leaves_early_is_no_error(tmp_path) -> None:
    """As `imc-cockpit config show | head -1` does."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        Program(tmp_path).command("config", "show"),
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_a_module_too(tmp_path) -> None:
    """`python -m cockpit` is the same command, where no script is on the path."""
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", "--run-dir", str(tmp_path), "profiles"],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stdout) == (0, "".join(f"{name}\n" for name in profile_names()))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["config", "check", "--set", "a=b"],
            "--set stands before the command: imc-cockpit --set ... config check",
        ),
        (
            ["status", "--profile", "munich"],
            "--profile stands before the command: imc-cockpit --profile ... status",
        ),
        (["status", "--loud"], "No such option '--loud'."),
    ],
)
def test_an_option_behind_its_place_is_told_where_it_belongs(words, sentence, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["imc-cockpit", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"imc-cockpit: {sentence}")
