"""A run of the engine, stepped through once more and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.domain.errors import DataError
from core.journal.manifest import LATEST, find_run
from core.runtime.verify import Verification, read_beginning, verify
from core.runtime.warm import warm
from core.strategies.own import OwnNames, load_own
from core.strategies.plugins import LoadedSignal

IDENTICAL = 0
DIFFERENT = 4
DAMAGED = 5


def verify_run(
    run: str,
    profile: str | None,
    run_dir: Path,
    signal_folders: Sequence[Path],
    report: Callable[[str], None],
) -> tuple[int, dict[str, Any], str]:
    """
    Verify a run: see `core.doors.runs.run_verify`.

    Raises:
        FatalError: If there is no such run, or it cannot be compared.
    """
    folder = find(run, profile, run_dir)
    beginning = read_beginning(folder)
    signal = own_signal(beginning.signal, signal_folders)
    warm(report)
    result = verify(folder, beginning, signal)
    return exit_code(result), verification_json(result), verification_text(result)


def find(run: str, profile: str | None, run_dir: Path) -> Path:
    """
    Folder of the run that is meant; see `core.journal.manifest.find_run`.

    Raises:
        DataError: If there is no such run.
    """
    folder = find_run(run, profile, run_dir)
    if folder is None:
        raise DataError(run, _missing(run, profile, run_dir))
    return folder


def _missing(run: str, profile: str | None, run_dir: Path) -> str:
    if run == LATEST:
        whose = f" of profile {profile}" if profile else ""
        return f"there is no run{whose} in {run_dir}"
    return f"is no folder of a run and no run in {run_dir}; `latest` is the youngest there"


def own_signal(name: str, folders: Sequence[Path]) -> LoadedSignal | None:
    """
    Load the user's own signal of a run; None for a run without one.

    Raises:
        ConfigurationError: If it is not where it was.
    """
    return load_own(OwnNames.parse(name), folders)


def exit_code(result: Verification) -> int:
    """IDENTICAL, DIFFERENT or DAMAGED."""
    if result.first_difference is not None:
        return DIFFERENT
    return DAMAGED if result.damage else IDENTICAL


def verification_json(result: Verification) -> dict[str, Any]:
    """What was compared, by the keys of the contract."""
    difference = result.first_difference
    return {
        "run_id": result.run_id,
        "events": result.events,
        "decisions": result.decisions,
        "states": result.states,
        "unrecorded": result.unrecorded,
        "identical": result.identical,
        "first_difference": asdict(difference) if difference is not None else None,
        "damage": result.damage,
        "kernel": {"recorded": result.kernel_recorded, "now": result.kernel_now},
        "decision_hash": result.decision_hash,
        "remarks": result.remarks,
    }


def verification_text(result: Verification) -> str:
    """Say the same to people."""
    lines = [f"run {result.run_id}: {_verdict(result)}"]
    difference = result.first_difference
    if difference is not None:
        when = f" ({difference.kind}, {difference.ts})" if difference.kind else ""
        lines += [
            f"first difference: {difference.what} at event {difference.seq:,}{when}",
            f"  recorded: {difference.recorded}",
            f"  replayed: {difference.replayed}",
        ]
    lines.append(
        f"compared: {result.decisions:,} decisions and {result.states:,} saved states "
        f"over {result.events:,} events"
    )
    if result.unrecorded:
        lines.append(
            f"not compared: {result.unrecorded} newest decisions, which the run ended too "
            "suddenly to write down"
        )
    if result.damage:
        lines.append(f"damaged: {result.damage}")
    if result.kernel_recorded != result.kernel_now:
        lines.append(
            f"kernel: {result.kernel_now} now, {result.kernel_recorded} then: "
            "the code has changed since"
        )
    return "\n".join([*lines, *result.remarks])


def _verdict(result: Verification) -> str:
    if result.first_difference is not None:
        return "DIFFERENT"
    if result.damage:
        return "identical as far as its journal can be read"
    return "identical, byte for byte"
