"""The report of a run: gone through once, compared on the way, written as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.api.view import decode
from core.assembly.describe import run_meta
from core.assembly.replay_run import settings_of
from core.assembly.verify import exit_code, find, own_signal, verification_text
from core.domain.commands import CommandName
from core.domain.enums import Mode
from core.domain.errors import ConfigurationError, DataError
from core.domain.instrument import NANOS
from core.domain.layout import N_LIVE_SECTIONS, N_SHOWN_SECTIONS
from core.domain.records import PARAMS
from core.domain.snapshot import EngineSnapshot, RunMeta
from core.journal.beginning import Beginning
from core.journal.manifest import JOURNAL, Ending, Manifest, read_manifest
from core.journal.reader import JournalReader, Note
from core.kernel.state import KernelState
from core.reports.session import ParameterChange, SessionReport, Verdict
from core.reports.session_page import session_page
from core.runtime.run_curve import RunCurve
from core.runtime.run_index import Indexer, RunIndex
from core.runtime.verify import first_state, read_beginning
from core.runtime.warm import warm
from core.settings.model import Settings


@dataclass(frozen=True, slots=True)
class RunReportOptions:
    """Which run is reported, and where to."""

    run: str
    """Its folder, its name in `runs`, or `latest`."""
    profile: str | None
    runs: Path
    signal_folders: Sequence[Path]
    """Where the user's own signal is looked for."""
    path: Path | None
    """Of the page; None for the name of the run, here."""
    force: bool
    """Replace a page that is there."""
    report: Callable[[str], None]
    """Told what takes long."""


def report_run(options: RunReportOptions) -> tuple[int, Path, str]:
    """
    Go through a run and write its page.

    Returns:
        Exit code as `--verify` has it (0 identical, 4 different, 5 damaged), the page's
        path, and what was compared.

    Raises:
        FatalError: If there is no such run, it cannot be read, or the page not be written.
    """
    folder = find(options.run, options.profile, options.runs)
    path = options.path or Path(f"{read_beginning(folder).run_id}.html")
    if path.exists() and not options.force:
        raise _exists(path)
    code, session = read_session(folder, options.signal_folders, options.report)
    _write(path, session_page(session), force=options.force)
    return code, path, session.verdict.lines[0]


def read_session(
    folder: Path, signal_folders: Sequence[Path], report: Callable[[str], None]
) -> tuple[int, SessionReport]:
    """
    Go through a run.

    Args:
        folder: Of the run.
        signal_folders: Where the user's own signal is looked for.
        report: Told what takes long.

    Returns:
        Exit code as `report_run` has it, and what was found.

    Raises:
        FatalError: If it cannot be read.
    """
    beginning = read_beginning(folder)
    signal = own_signal(beginning.signal, signal_folders)
    warm(report)
    with JournalReader(folder / JOURNAL) as journal:
        settings = settings_of(journal, report)
        settings_hash = journal.meta.get("settings_hash", "")
        state = first_state(folder, beginning, signal)
        curve = RunCurve(state)
        indexer = Indexer(journal, beginning, state, curve)
        for _ in indexer.run():
            pass
    index = indexer.index
    session = _report(folder, beginning, settings, settings_hash, state, index, curve)
    return exit_code(index.verification), session


def _report(
    folder: Path,
    beginning: Beginning,
    settings: Settings,
    settings_hash: str,
    state: KernelState,
    index: RunIndex,
    curve: RunCurve,
) -> SessionReport:
    manifest = _manifest(folder)
    meta = replace(
        run_meta(settings, beginning.run_id, "", settings_hash, beginning.instruments, Mode.REPLAY),
        capital=beginning.capital_nanos / NANOS,
    )
    verification = index.verification
    remarks = [verification.damage and f"The journal ends before the run: {verification.damage}"]
    if verification.first_difference is not None:
        remarks.append(
            "Gone through again, the run decided otherwise than recorded: see Verification. "
            "What follows that event may not be what happened."
        )
    names = PARAMS.names or ()
    return SessionReport(
        meta=meta,
        final=_last_snapshot(meta, state),
        statistics=index.ledger.statistics(),
        curve=curve.curve,
        notices=index.notices,
        started_ns=index.ts_at(0),
        ended_ns=index.ts_at(index.length),
        events=index.length,
        ending=_ending(manifest),
        parameters_at_start=tuple(
            beginning.parameters[names[spec.index]] for spec in meta.parameters
        ),
        changes=tuple(change for note in index.notes if (change := _change(note)) is not None),
        verdict=Verdict(verification.identical, tuple(verification_text(verification).split("\n"))),
        remarks=tuple(filter(None, remarks)),
        facts=_facts(beginning, settings_hash, manifest),
    )


def _last_snapshot(meta: RunMeta, state: KernelState) -> EngineSnapshot:
    live = b"".join(array.tobytes() for array in state[:N_LIVE_SECTIONS])
    sampled = state[N_LIVE_SECTIONS:N_SHOWN_SECTIONS]
    return decode(meta, live, b"".join(array.tobytes() for array in sampled))


def _manifest(folder: Path) -> Manifest | None:
    with suppress(DataError):
        return read_manifest(folder)
    return None


def _ending(manifest: Manifest | None) -> str:
    if manifest is None:
        return "how it ended is not known: its manifest cannot be read"
    if manifest.ending is Ending.RUNNING:
        return "still running, or killed"
    reason = f": {manifest.reason}" if manifest.reason else ""
    return ("stopped in order" if manifest.ending is Ending.STOPPED else "failed") + reason


def _change(note: Note) -> ParameterChange | None:
    """Read a change of a parameter; None for any other note."""
    fields = note.fields
    if fields.get("command") != CommandName.SET or not {"key", "old", "new"} <= fields.keys():
        return None
    revert_s = fields.get("revert_s")
    return ParameterChange(
        note.ts_ns,
        str(fields["key"]),
        float(fields["old"]),
        float(fields["new"]),
        str(fields.get("source", "unknown")),
        None if revert_s is None else float(revert_s),
    )


def _facts(
    beginning: Beginning, settings_hash: str, manifest: Manifest | None
) -> tuple[tuple[str, str], ...]:
    facts = {"settings": settings_hash, "kernel": beginning.kernel_hash}
    if beginning.signal:
        facts["own signal"] = f"{beginning.signal} {beginning.signal_hash}"
    if manifest is not None:
        facts |= manifest.versions
    return tuple((name, value) for name, value in facts.items() if value)


def _exists(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} exists already: give another name with --out, or --force to replace it"
    )


def _write(path: Path, page: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(page)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from error
