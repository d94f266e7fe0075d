"""Who may import whom: the contracts of pyproject.toml, and what start-up may load."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

LIST_HEAVY = """
import importlib, pkgutil, sys

def load(name):
    module = importlib.import_module(name)
    for child in pkgutil.iter_modules(getattr(module, "__path__", ()), name + "."):
        load(child.name)

for name in sys.argv[1:]:
    load(name)
print(*sorted({"numba", "textual", "polars", "aiohttp", "websockets"} & sys.modules.keys()))
"""

VIOLATIONS = {
    "core/domain/ids.py": "import asyncio",
    "core/journal/schema.py": "from core.runtime import logs",
    "core/tables/paths.py": "import rich",
    "core/kernel/state.py": "from core.api import client",
    "core/venues/wsx/session.py": "import time",
    "core/venues/simulated/__init__.py": "from core.venues.wsx import codec",
    "cockpit/widgets/__init__.py": "from cockpit import app",
    "cockpit/app.py": "from core.journal import reader",
    "cockpit/viewmodels/__init__.py": "import textual",
}
"""One for each kind of wall."""

BROKEN = (
    "kernel and domain are sans-I/O BROKEN",
    "engine layers, downwards only; siblings do not see each other BROKEN",
    "the engine never sees a screen BROKEN",
    "sessions and codecs hold no socket and no clock BROKEN",
    "the cockpit sees the engine's interface and words, nothing else BROKEN",
    "a venue does not see another venue BROKEN",
    "cockpit layers BROKEN",
    "view models know no screen library BROKEN",
)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a source tree, in a process that sees only this one."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    command = [sys.executable, "-c", LINT]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def heavy_modules(*names: str) -> str:
    """Name the slow libraries that these modules and all below them load."""
    command = [sys.executable, "-c", LIST_HEAVY, *names]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return ended.stdout.strip()


def test_the_contracts_hold() -> None:
    ended = lint(ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_violation_of_each_contract_would_be_caught(tmp_path: Path) -> None:
    """The test above is worth nothing if this one fails."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("core", "cockpit"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path, line in VIOLATIONS.items():
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    ended = lint(tmp_path)
    assert ended.returncode != 0
    missed = [contract for contract in BROKEN if contract not in ended.stdout]
    assert not missed, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", ["core.domain", "core.settings", "core.api"])
def test_what_every_command_needs_loads_nothing_heavy(name: str) -> None:
    """`imc-cockpit status` answers at once because of this; a static graph cannot see it."""
    assert not heavy_modules(name)


def test_the_command_line_loads_nothing_heavy() -> None:
    assert not heavy_modules("cockpit.cli")


@pytest.mark.parametrize("profile", ["practice", "munich", "paper-two", "binance-live"])
def test_a_cockpit_that_has_checked_its_settings_has_loaded_nothing_heavy(profile: str) -> None:
    """It stays open for hours beside its engine, and would hold the compiler all the while."""
    code = LIST_HEAVY.replace(
        "for name in sys.argv[1:]:\n    load(name)",
        "from core.doors.choice import Choice\n"
        "from core.doors.settings import check_settings, live_question\n"
        "check_settings(Choice(sys.argv[1]))\nlive_question(Choice(sys.argv[1]))",
    )
    command = [sys.executable, "-c", code, profile]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout.strip() == ""


def test_loading_something_heavy_would_be_seen() -> None:
    """The tests above are worth nothing if this one fails."""
    assert heavy_modules("core.domain", "textual.app").split() == ["textual"]
