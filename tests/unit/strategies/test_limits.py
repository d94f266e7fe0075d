"""Calls that take too long, even those that never come back to the interpreter."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from core.domain.errors import ConfigurationError
from core.strategies.fault import TooSlow
from core.strategies.limits import CallLimit, ready_within
from core.strategies.python_class import load_class

DEAF = """
import signal
from core.strategies.limits import CallLimit

limit = CallLimit(0.1)
with limit.watching():
    limit.calls += 1
    limit.is_inside = True
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    sum(1 for _ in iter(int, 1))
"""


def spin(limit_s):
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        pass


def test_many_short_calls_are_no_long_one():
    limit = CallLimit(0.08)
    with limit.watching():
        for _ in range(8):
            limit.calls += 1
            limit.is_inside = True
            spin(0.02)
            limit.is_inside = False


def test_time_outside_of_a_call_does_not_count():
    limit = CallLimit(0.04)
    with limit.watching():
        spin(0.1)


def test_a_long_call_is_left_and_the_alarm_is_gone_afterwards():
    limit = CallLimit(0.04)

    def call():
        with limit.watching():
            limit.calls += 1
            limit.is_inside = True
            spin(5)

    with pytest.raises(TooSlow):
        call()
    spin(0.1)


def test_code_that_hears_no_alarm_is_ended_by_the_watchdog():
    """With a traceback that names the line, and the interpreter's exit code for it."""
    done = subprocess.run(
        [sys.executable, "-c", DEAF], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert "line 10" in done.stderr


ENDLESS_MODULE = "while True:\n    pass\n"
ENDLESS_CONSTRUCTOR = """
class Trader:
    def __init__(self):
        while True:
            pass

    def run(self, state):
        return {}, 0, ""
"""


@pytest.mark.parametrize("source", [ENDLESS_MODULE, ENDLESS_CONSTRUCTOR])
def test_a_strategy_that_is_never_ready_is_refused(tmp_path, source):
    (tmp_path / "endless.py").write_text(source)
    name = f"{tmp_path / 'endless.py'}:Trader"
    with (
        pytest.raises(ConfigurationError, match="is not ready after 0"),
        ready_within(name, 0.2),
    ):
        load_class(name, []).make()
