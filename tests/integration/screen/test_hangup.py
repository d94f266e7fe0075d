"""A terminal that goes away without a signal takes the cockpit with it, and nothing else."""

from __future__ import annotations

import os
import pty
import sys

import pytest

from cockpit.hangup import EXIT_HANGUP, is_gone

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

# A lively picture, so that the output thread has something to fail on.
COCKPIT = """
from cockpit.app import CockpitApp
from cockpit.hangup import watch_terminal
from tests.unit.cockpit.fake_engine import FakeEngine, make_snapshot

engine = FakeEngine(make_snapshot())
app = CockpitApp(lambda: engine)
watch_terminal(app)
app.run()
"""


def test_an_open_terminal_is_not_gone_and_a_closed_one_is() -> None:
    master, slave = pty.openpty()
    assert not is_gone(slave)
    os.close(master)
    assert is_gone(slave)
    os.close(slave)


def test_the_cockpit_leaves_when_its_terminal_is_gone(open_terminal) -> None:
    """Textual alone would spin for ever: its queue is full and nobody empties it."""
    terminal = open_terminal([sys.executable, "-c", COCKPIT], 120, 36)
    terminal.wait_for("1_Eisbach")
    terminal.hang_up()
    assert terminal.process.wait(30) in {0, EXIT_HANGUP}
