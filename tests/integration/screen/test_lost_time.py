"""A terminal that hangs, is given away, resized, or a program that stood still."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from cockpit.line.judge import SLOW_S
from cockpit.terminal import STOOD_STILL_S
from tests.integration.program import stopped, wait_for
from tests.integration.terminal import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

ROOT = Path(__file__).parents[3]


@pytest.fixture
def moving(tmp_path, monkeypatch, open_terminal):
    """A cockpit on which everything moves."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(columns=80, rows=24, choice="auto") -> Terminal:
        module = "tests.integration.screen.moving_cockpit"
        terminal = open_terminal(
            [sys.executable, "-m", module, str(tmp_path), choice], columns, rows
        )
        terminal.wait_for("PAPER", "ACTIVE", "1_Eisbach")
        return terminal

    return run


def pushed(folder: Path) -> int:
    """Snapshots that the cockpit has taken."""
    return int((folder / "pushed").read_text() or 0)


def commands(folder: Path) -> list[str]:
    """What the engine was asked."""
    return (folder / "commands").read_text().split()


def is_stopped(terminal: Terminal) -> bool:
    return psutil.Process(terminal.process.pid).status() == psutil.STATUS_STOPPED


def test_a_key_acts_although_the_terminal_takes_nothing(moving, tmp_path) -> None:
    """Stopping never waits for a screen: Textual's own queue would stop the program."""
    terminal = moving(160, 48)
    with terminal.taking_nothing():
        before = pushed(tmp_path)
        wait_for(lambda: pushed(tmp_path) > before + 500, "snapshots taken meanwhile")
        terminal.press("s")
        wait_for(lambda: "halt" in commands(tmp_path), "safe mode by key")
    terminal.wait_for("halt: done", "slow line")


def test_a_spared_line_says_so(moving) -> None:
    terminal = moving(choice="always")
    terminal.wait_for("slow line")


def test_a_line_with_a_long_round_trip_is_spared_by_itself(moving, tmp_path) -> None:
    """The answers are no keys: nothing is chosen, opened or sent by them."""
    terminal = moving(160, 48)
    assert "slow line" not in terminal.text
    terminal.answers_after_s = SLOW_S + 0.3
    text = terminal.wait_for("slow line", "1_Eisbach")
    assert "Book  1_Eisbach" in text
    assert commands(tmp_path) == []


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(moving, tmp_path) -> None:
    """In another size, for somebody who may not be who armed the keys."""
    terminal = moving(120, 36)
    terminal.press("A")
    terminal.wait_for("ARMED")
    terminal.press("\x1a")
    wait_for(lambda: is_stopped(terminal), "a suspended cockpit")
    terminal.clear()
    terminal.resize(80, 24)
    terminal.process.send_signal(signal.SIGCONT)
    text = terminal.wait_for("PAPER", "ACTIVE", "1_Eisbach")
    assert "ARMED" not in text
    before = pushed(tmp_path)
    wait_for(lambda: pushed(tmp_path) > before, "snapshots again")
    terminal.press("s")
    wait_for(lambda: "halt" in commands(tmp_path), "a key after the return")


def test_who_suspends_it_from_outside_finds_it_again(moving) -> None:
    terminal = moving()
    os.kill(terminal.process.pid, signal.SIGTSTP)
    wait_for(lambda: is_stopped(terminal), "a suspended cockpit")
    terminal.clear()
    terminal.process.send_signal(signal.SIGCONT)
    terminal.wait_for("PAPER", "ACTIVE", "1_Eisbach")


def test_a_program_that_stood_still_says_so_attaches_anew_and_locks(moving, tmp_path) -> None:
    """As a laptop that slept: what waited in the socket is not shown as news."""
    terminal = moving(120, 36)
    terminal.press("A")
    terminal.wait_for("ARMED")
    with stopped(terminal.process.pid):
        time.sleep(STOOD_STILL_S + 1.5)
    terminal.wait_for("this cockpit stood still for", "link live")
    terminal.wait_until_gone("ARMED")


def test_a_size_that_was_never_told_is_noticed(moving) -> None:
    """Two signals at once may be told in the wrong order."""
    terminal = moving(160, 48)
    terminal.wait_for("PAPER", "1_Eisbach")
    terminal.resize(80, 24, tells=False)
    terminal.wait_for("PAPER", "eq ", "1_Eisbach", "? help  q quit")


def test_a_terminal_may_be_resized_at_any_time(moving) -> None:
    terminal = moving(160, 48)
    for columns, rows in ((20, 5), (400, 120), (40, 10), (81, 25), (160, 48), (80, 24)):
        terminal.resize(columns, rows)
    terminal.wait_for("PAPER", "ACTIVE", "1_Eisbach")
    wait_for(lambda: max(map(len, terminal.lines)) <= 80, "a picture as wide as the terminal")
