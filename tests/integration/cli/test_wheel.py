"""The wheel: everything a machine without the checkout needs is inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.program import PATIENCE_S

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

CHECKOUT = Path(__file__).parents[3]

ASK = """
import core, json
from core.doors.choice import Choice, default_run_dir
from core.doors.settings import check_settings, profile_names

print(json.dumps({
    "core": core.__file__,
    "profiles": profile_names(),
    "checked": [check_settings(Choice(name))["profile"] for name in profile_names()],
    "run_dir": str(default_run_dir()),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The project's wheel, built without a network."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet",
            "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(CHECKOUT),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_all_sources_and_settings_are_in_it_and_nothing_else(wheel) -> None:
    """A file that is forgotten is missed only on somebody else's machine."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        path.relative_to(CHECKOUT).as_posix()
        for package in ("core", "cockpit")
        for path in (CHECKOUT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted |= {
        f"core/{path.relative_to(CHECKOUT).as_posix()}"
        for path in (CHECKOUT / "config").rglob("*")
        if path.is_file()
    }
    assert names == wanted


def test_it_finds_its_settings_away_from_the_checkout(wheel, tmp_path) -> None:
    """Every profile loads, and runs go to the user's state directory."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    state = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site"), "XDG_STATE_HOME": str(state)},
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    found = json.loads(done.stdout)
    assert Path(found["core"]).is_relative_to(tmp_path)
    shipped = sorted(path.stem for path in (CHECKOUT / "config/profiles").iterdir())
    assert found["checked"] == found["profiles"] == shipped
    assert Path(found["run_dir"]).is_relative_to(state)
