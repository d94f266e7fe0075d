"""Runs of the engine that are over: find, play, compare, ask what if, write a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.doors.choice import Choice, tell


def find_run(choice: Choice, name: str) -> Path | None:
    """Folder of the run that is meant; None where the name means a recording."""
    from core.journal.manifest import LATEST
    from core.journal.manifest import find_run as find

    if name != LATEST:
        return find(name, choice.profile, choice.run_dir)
    from core.assembly.verify import find as find_or_refuse

    return find_or_refuse(name, choice.profile, choice.run_dir)


def run_replay_of_run(
    choice: Choice,
    run: str,
    watch_dir: Path | None,
    speed: float,
    *,
    ends_itself: bool,
    limit_s: float | None = None,
    report: Callable[[str], None] = tell,
    is_verbose: bool = False,
) -> tuple[int, dict[str, Any], str]:
    """
    Replay a run of the engine in the foreground, comparing its decisions.

    Args:
        choice: Settings, and where runs and data are.
        run: Folder of the run, its name in the run directory, or `latest`.
        watch_dir: Where viewers find the replay; None for one that nobody watches.
        speed: Recorded seconds per second; infinite for as fast as possible, 0 to wait.
        ends_itself: End with the recording.
        limit_s: End after so long.
        report: Told what takes long.
        is_verbose: Log lines for people on standard error.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If there is no such run, or it cannot be played.
    """
    from core.assembly.replay_run import RunReplayOptions
    from core.assembly.replay_run import run_replay_of_run as run_it

    return run_it(
        RunReplayOptions(
            run=run,
            profile=choice.profile,
            runs=choice.run_dir,
            run_dir=watch_dir,
            signal_folders=choice.own_folders,
            speed=speed,
            ends_itself=ends_itself,
            limit_s=limit_s,
            is_verbose=is_verbose,
            report=report,
        )
    )


def run_whatif(
    choice: Choice,
    run: str,
    key: str,
    value: str,
    where: str,
    *,
    report: Callable[[str], None] = tell,
) -> tuple[dict[str, Any], str]:
    """
    Compare the rest of a run with the same run with another parameter, both simulated.

    Args:
        choice: Settings, and where runs and data are.
        run: Folder of the run, its name in the run directory, or `latest`.
        key: Of a live parameter.
        value: What it would have been.
        where: From where on, as `seek` takes it.
        report: Told what takes long.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If there is no such run, place or parameter.
    """
    from core.assembly.whatif import WhatIfOptions, whatif, whatif_json, whatif_text

    folders = choice.own_folders
    view = whatif(
        WhatIfOptions(run, choice.profile, choice.run_dir, folders, key, value, where, report)
    )
    return whatif_json(view), whatif_text(view)


def run_report(
    choice: Choice,
    run: str,
    path: Path | None,
    *,
    force: bool = False,
    report: Callable[[str], None] = tell,
) -> tuple[int, Path, str]:
    """
    Write a run as one HTML page.

    Args:
        choice: Settings, and where runs and data are.
        run: Folder of the run, its name in the run directory, or `latest`.
        path: Of the page; None for the run's name with `.html`, here.
        force: Replace a page that is there.
        report: Told what takes long.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the page's path, and
        what was compared, in a line.

    Raises:
        FatalError: If there is no such run, it cannot be read, or the page not be written.
    """
    from core.assembly.run_report import RunReportOptions, report_run

    folders = choice.own_folders
    return report_run(
        RunReportOptions(run, choice.profile, choice.run_dir, folders, path, force, report)
    )


def run_verify(
    choice: Choice,
    run: str,
    report: Callable[[str], None] = tell,
) -> tuple[int, dict[str, Any], str]:
    """
    Step through a run again and compare every decision byte for byte.

    Args:
        choice: Settings, and where runs and data are.
        run: Folder of the run, its name in the run directory, or `latest`.
        report: Told what takes long.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If there is no such run, or it cannot be compared.
    """
    from core.assembly.verify import verify_run

    return verify_run(run, choice.profile, choice.run_dir, choice.own_folders, report)
