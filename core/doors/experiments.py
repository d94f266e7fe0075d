"""Experiments on recorded markets: sweeps, A/B tests, and the cluster for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.doors.choice import Choice
from core.doors.jobs import default_jobs
from core.doors.recordings import open_data


def run_sweep(
    choice: Choice,
    data: Sequence[str],
    *,
    jobs: int | None = None,
    part: str | None = None,
    told: Callable[[int, int], None],
    report: Callable[[str], None],
    **options: Any,
) -> tuple[dict[str, Any], str]:
    """
    Search settings on recorded markets, judged where they were not chosen.

    Args:
        choice: Settings, and where runs and data are.
        data: Paths or patterns; or one stored data set, export or run.
        jobs: Processes; None for one for each processor.
        part: Of the recording's time, as `A:B` in per cent.
        told: Told (evaluations done, evaluations expected at most).
        report: Told what takes long.
        **options: The other fields of `core.assembly.sweep.SweepOptions`.

    Returns:
        The JSON document, and the same as text.

    Raises:
        FatalError: If data, space, study or cluster cannot be used.
    """
    recording = open_data(choice, data, part)
    from core.assembly.sweep import SweepOptions, sweep

    fitting = recording.data.profile
    return sweep(
        recording,
        lambda more: choice.but(*more).settings(fitting),
        SweepOptions(jobs=jobs or default_jobs(), **options),
        told,
        report,
        choice.own_folders,
    )


def run_ab(
    variants: tuple[Choice, Choice],
    data: Sequence[str],
    *,
    names: tuple[str, str],
    part: str | None = None,
    page: Path | None = None,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Any], str]:
    """
    Run two settings on the same recorded markets and compare them.

    Args:
        variants: A and B.
        data: Paths or patterns; or one stored data set, export or run.
        names: What the two are called.
        part: Of the recording's time, as `A:B` in per cent.
        page: Where to write an HTML report; None for none.
        seed: Of the bootstrap.
        progress: Told (events done, events in all) of each run.

    Returns:
        The JSON document, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    a, b = (open_data(choice, data, part, trades_again=True) for choice in variants)
    from core.assembly.compare import compare_settings

    # Read twice for its settings, kept once.
    b = replace(b, data=a.data)
    return compare_settings((a, b), names, page, progress, seed)


def run_scheduler(host: str, port: int, report: Callable[[str], None]) -> int:
    """
    Run the scheduler of a cluster until it is interrupted.

    Raises:
        ConfigurationError: If Dask is not installed or the port is taken.
    """
    from core.assembly.cluster import run_scheduler as run

    return run(host, port, report)


def run_workers(address: str, jobs: int | None, report: Callable[[str], None]) -> int:
    """
    Run workers for a cluster's scheduler until they are interrupted.

    Raises:
        ConfigurationError: If Dask is not installed or nobody answers at the address.
    """
    from core.assembly.cluster import run_workers as run

    return run(address, jobs or default_jobs(), report)
