"""Habits that a reviewer would otherwise have to remember."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for package in ("core", "cockpit") for path in (ROOT / package).rglob("*.py"))

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:home|Users|root|work)/\w+")


def tracked_text() -> list[tuple[str, str]]:
    """Name and text of every file that git would publish."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [(name, (ROOT / name).read_text(encoding="utf-8", errors="ignore")) for name in names]


def test_nothing_is_left_for_later() -> None:
    """An unfinished thing is an issue, or nothing."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if _UNFINISHED.search(line)
    ]
    assert not found


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in tracked_text()
        if name != "tests/architecture/test_tree.py" and (match := _MACHINE_PATH.search(text))
    ]
    assert not found


def test_the_search_for_such_folders_would_find_one() -> None:
    """The test above is worth nothing if this one fails."""
    assert _MACHINE_PATH.search("open('/home/somebody/x')")
    assert not _MACHINE_PATH.search("https://example.org/home/x and ~/Users/x and ./Users/x")


@pytest.mark.parametrize("package", ["core", "cockpit"])
def test_every_module_says_what_it_is(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_every_package_has_its_marker() -> None:
    """Without `__init__.py` a folder is left out of the wheel's import checks."""
    bare = {
        str(path.parent.relative_to(ROOT))
        for path in SOURCES
        if not (path.parent / "__init__.py").is_file()
    }
    assert not bare
