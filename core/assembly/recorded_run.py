"""A run of the engine as a recording: the market and the city as its journal has them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.assembly.recorded import Recording
from core.assembly.replay_run import settings_of
from core.data.dataset import DataSet, SourceFile
from core.data.part import Part
from core.data.store.export import MARKET_KINDS, in_market_order
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.memory import Rows
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.runtime.verify import read_beginning
from core.settings.model import Settings
from core.strategies.plugins import LoadedSignal


def open_run(
    folder: Path,
    part: Part | None,
    settings_for: Callable[[str], Settings],
    settings_of_run: Callable[[Settings], Settings] | None,
    signal_for: Callable[[Settings], LoadedSignal | None],
    report: Callable[[str], None],
    load: Callable[[Path], DataSet],
) -> Recording:
    """
    Load what a run heard, and the settings to read it with.

    Args:
        folder: Of the run.
        part: Of the run's time; None for all of it.
        settings_for: Called with the name of the run's profile, empty for one that is not
            known, where its own settings are not wanted.
        settings_of_run: Called with the settings that the run had; None where they are not.
        signal_for: Loads the user's own signal.
        report: Told what is not as it was.
        load: Reads the run: `load_run`, or all of it as a session to trade again.

    Raises:
        FatalError: If the run, its settings or its signal cannot be used.
    """
    data = load(folder)
    if part is not None:
        data = data.part(*part)
    if settings_of_run is None:
        settings = settings_for(data.profile)
    else:
        with JournalReader(folder / JOURNAL) as journal:
            settings = settings_of_run(settings_of(journal, report))
    return Recording(data, settings, signal_for(settings), part)


def load_run(folder: Path) -> DataSet:
    """
    Read books, trades and observations of a run, also of one that still runs.

    A damaged journal is used as far as it can be read; its source says where that ends.

    Raises:
        DataError: If there is no journal, a version whose events have another shape wrote
            it, or no book is in it.
    """
    path = folder / JOURNAL
    beginning = read_beginning(folder)
    skipped: dict[str, int] = {}
    with JournalReader(path) as journal:
        profile = journal.meta.get("profile", "")
        kept, rows = _read(journal, skipped)
    events, held = in_market_order(np.concatenate([np.zeros(0, EVENT), *kept]))
    if not np.any(events["kind"] == EventKind.BOOK):
        lost = "".join(f": {reason}" for reason in skipped if reason != _OTHER)
        raise DataError(path, f"has no order book that can be read{lost}")
    repaired = {"clock went back, held": held} if held else {}
    source = run_source(path, rows, skipped, repaired)
    return DataSet(beginning.instruments, profile, events, (source,))


def run_source(
    path: Path, rows: int, skipped: dict[str, int], repaired: dict[str, int] | None = None
) -> SourceFile:
    """Describe a journal as a file that was read."""
    return SourceFile(path, _sha256(path), rows, skipped, repaired or {})


_OTHER = "orders, timers and commands of the engine"


def _read(journal: JournalReader, skipped: dict[str, int]) -> tuple[list[Rows], int]:
    """Read the events that are wanted, up to the first that is damaged, and count all."""
    kept: list[Rows] = []
    rows = others = 0
    try:
        for chunk in journal.events():
            is_wanted = np.isin(chunk["kind"], MARKET_KINDS)
            kept.append(chunk[is_wanted])
            rows += len(chunk)
            others += len(chunk) - int(np.count_nonzero(is_wanted))
    except DataError as error:
        skipped[f"the rest after event {rows:,}, as {error.reason}"] = 1
    if others:
        skipped[_OTHER] = others
    return kept, rows


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error
