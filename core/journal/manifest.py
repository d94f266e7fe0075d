"""`manifest.json`: what a run was, readable without the journal."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import msgspec

from core.domain.errors import DataError, JournalError
from core.domain.ids import RunId

MANIFEST = "manifest.json"
JOURNAL = "journal.db"
LATEST = "latest"
"""In place of a run's name: the youngest."""

_RUN_ID = re.compile(
    r"^(?P<started>\d{8}T\d{6})-(?P<profile>[a-z0-9_-]+)-(?P<suffix>[0-9a-f]{4})\Z"
)
_URL = r"^(wss?://[!-.0->A-~]+(/[!-~]*)?)?\Z"
_PACKAGES = ("imc-cockpit", "numba", "numpy", "pydantic", "textual", "websockets")


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a run."""
    return {"python": platform.python_version()} | {
        package: found for package in _PACKAGES if (found := _version(package))
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


class Ending(StrEnum):
    """How a run ended. A run that was killed stays RUNNING in its manifest."""

    RUNNING = "running"
    STOPPED = "stopped"
    """In order: orders canceled, journal closed."""
    FAILED = "failed"
    """By an error, which `reason` names."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was made of, and how it ended."""

    run_id: RunId
    profile: str
    mode: str
    settings_hash: str
    kernel_hash: str
    started_ts_ns: int
    """When the run began, UTC."""
    ended_ts_ns: int = 0
    """When it ended; 0 while it runs, and for ever if it was killed."""
    ending: Ending = Ending.RUNNING
    reason: str = ""
    """One sentence; empty for an orderly stop."""
    signal_hash: str = ""
    """Fingerprint of the user's own signal; empty for none."""
    venue_url: Annotated[str, msgspec.Meta(pattern=_URL)] = ""
    """Where it trades; `kill` goes there. Empty where there is no such place."""
    pid: int = field(default_factory=os.getpid)
    versions: dict[str, str] = field(default_factory=installed_versions)
    """Of Python and of the packages that can change a run."""

    def ended(self, ended_ts_ns: int, ending: Ending, reason: str = "") -> Manifest:
        """Say how the run ended."""
        return replace(self, ended_ts_ns=ended_ts_ns, ending=ending, reason=reason)


def new_run_id(profile: str, now: datetime, suffix: str) -> RunId:
    """
    Name a run, for example `20261120T140327-practice-4f1c`.

    Args:
        profile: Name of the profile.
        now: When it begins, with a time zone.
        suffix: Four random hex digits: two runs may begin within one second.

    Raises:
        ValueError: If the parts do not make a run's name.
    """
    run_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{profile}-{suffix}"
    if not _RUN_ID.match(run_id):
        raise ValueError(f"{run_id!r} is not a run's name: TIME-profile-xxxx")
    return RunId(run_id)


def runs_of(run_dir: Path, profile: str | None) -> list[Path]:
    """Folders of the runs of a profile (None: any) that have a journal, youngest first."""
    runs = [
        path
        for path in (run_dir.iterdir() if run_dir.is_dir() else ())
        if (match := _RUN_ID.match(path.name))
        and profile in {None, match["profile"]}
        and (path / JOURNAL).is_file()
    ]
    return sorted(runs, key=_age_key, reverse=True)


def find_run(name: str, profile: str | None, run_dir: Path) -> Path | None:
    """
    Folder of the run that is meant; None if there is none.

    Args:
        name: Its folder, its journal, its name in `run_dir`, or `latest`.
        profile: Whose latest run; None for that of any.
        run_dir: Where runs are.
    """
    path = Path(name).expanduser()
    if path.name == JOURNAL:
        path = path.parent
    for folder in (path, run_dir / name):
        if (folder / JOURNAL).is_file():
            return folder
    runs = runs_of(run_dir, profile) if name == LATEST else []
    return runs[0] if runs else None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """
    Write the manifest into the folder of its run, so that a reader sees all of it or the old one.

    Raises:
        JournalError: If it cannot be written.
    """
    path = folder / MANIFEST
    unfinished = path.with_suffix(".tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise JournalError(f"{path}: cannot be written: {error.strerror}") from error


def read_manifest(folder: Path) -> Manifest:
    """
    Read the manifest of a run.

    Raises:
        DataError: If there is none, or it is damaged.
    """
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(path, f"is not a manifest: {error}") from error


def _age_key(folder: Path) -> tuple[str, int]:
    # Names only tell seconds apart; a run restarted at once needs the manifest.
    try:
        started_ts_ns = read_manifest(folder).started_ts_ns
    except DataError:
        started_ts_ns = 0
    return folder.name[:15], started_ts_ns
