"""What all tests share: how Hypothesis searches, and a kernel that is compiled once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

COMPILE_TIMEOUT_S = 300

COMPILE = """
from core.exchange.market import warm_up
from core.exchange.products import load_products
from core.runtime.warm import load_kernel, load_venue

load_kernel()
load_venue()
warm_up(load_products("munich-2025")[0])
"""

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=1_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def compiled_kernel() -> None:
    """
    Leave nothing to compile for the processes that tests start.

    In a process of its own and in the usual cache: whatever compiled last serves all.
    """
    subprocess.run(
        [sys.executable, "-c", COMPILE], check=True, timeout=COMPILE_TIMEOUT_S, capture_output=True
    )


@pytest.fixture(scope="session", autouse=True)
def own_state_directory(tmp_path_factory) -> None:
    """Keep the leases of tests away from those of engines that really trade."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session", autouse=True)
def own_config_directory(tmp_path_factory) -> None:
    """Keep the cockpit of tests away from what somebody has set for their own."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="session", autouse=True)
def short_looks() -> Iterator[None]:
    """
    Let a pilot look every 10 ms, not every 20, whether its app has nothing left to do.

    It looks twice for each key: most of a suite's time went by in such waits.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._wait.SLEEP_GRANULARITY", 0.01)
        patch.setattr("textual._wait.SLEEP_IDLE", 0.0005)
        yield


@pytest.fixture(autouse=True)
def no_standstill(monkeypatch) -> None:
    """A busy machine may keep a cockpit of this process waiting; those of others are real."""
    if "cockpit.terminal" in sys.modules:
        monkeypatch.setattr("cockpit.terminal.STOOD_STILL_S", 600.0)
