"""DATA of a command as a recording: a run, a stored data set, an export or files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.assembly.own_session import load_session
from core.assembly.recorded import Recording
from core.assembly.recorded_run import load_run, open_run
from core.assembly.verify import find as find_or_refuse
from core.data.market import open_market
from core.data.part import Part
from core.data.store.manifest import data_store
from core.domain.errors import ConfigurationError
from core.journal.manifest import LATEST, find_run
from core.settings.data import DataSettings
from core.settings.model import Settings
from core.strategies.plugins import LoadedSignal


@dataclass(frozen=True, slots=True)
class Opening:
    """What is to be opened, and what it is to be read with."""

    data: Sequence[str]
    """Paths or patterns; or one stored data set, export or run."""
    part: Part | None
    """Of the recording's time; None for all of it."""
    columns: DataSettings
    """Which column is what, of tables that do not say."""
    settings_for: Callable[[str], Settings]
    """Called with the name of the profile that fits the data."""
    signal_for: Callable[[Settings], LoadedSignal | None]
    """Loads the user's own signal."""
    run_dir: Path
    """Where runs are, and the store."""
    profile: str | None
    """Whose latest run is meant by `latest`; None for that of any."""
    settings_of_run: Callable[[Settings], Settings] | None
    """Called with the settings that a run had; None to take those of `settings_for` for it."""
    report: Callable[[str], None]
    """Told what of a run is not as it was."""
    trades_again: bool = False
    """Take a whole run as a session whose orders are made anew; else its market only."""


def open_recording(opening: Opening) -> Recording:
    """
    Open recorded markets, and the settings that their kind asks for.

    Raises:
        FatalError: If settings, data or signal cannot be used.
    """
    folder = find_run_folder(opening.data, opening.profile, opening.run_dir)
    if folder is not None:
        # A part of a session would begin without its models and its connection.
        load = load_session if opening.trades_again and opening.part is None else load_run
        return open_run(
            folder,
            opening.part,
            opening.settings_for,
            opening.settings_of_run,
            opening.signal_for,
            opening.report,
            load,
        )
    data = open_market(opening.data, opening.columns, data_store(opening.run_dir))
    if opening.part is not None:
        data = data.part(*opening.part)
    settings = opening.settings_for(data.profile)
    return Recording(data, settings, opening.signal_for(settings), opening.part)


def find_run_folder(data: Sequence[str], profile: str | None, run_dir: Path) -> Path | None:
    """
    Folder of the run that is meant; None if other data is.

    Raises:
        ConfigurationError: If a run is named among others, or `latest` where there is none.
    """
    folders = [_run_folder(name, profile, run_dir) for name in data]
    if any(folders) and len(data) > 1:
        raise ConfigurationError(f"DATA is one run at a time, not {len(data)}")
    return folders[0] if folders else None


def _run_folder(name: str, profile: str | None, run_dir: Path) -> Path | None:
    # Whoever says `latest` means a run, and is told that there is none.
    return (find_or_refuse if name == LATEST else find_run)(name, profile, run_dir)
