"""The store of recorded markets: import, list, check, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.doors.choice import Choice

if TYPE_CHECKING:
    from core.assembly.data_store import DataPlace


def data_path(choice: Choice, name: str) -> str:
    """Where DATA is, for a process with another run directory: patterns stay what they are."""
    from core.data.store.manifest import MANIFEST, data_store

    stored = data_store(choice.run_dir) / name
    for path in (Path(name), stored if (stored / MANIFEST).is_file() else None):
        if path is not None and path.exists():
            return str(path.resolve())
    return name


def run_data_import(
    choice: Choice,
    name: str,
    data: Sequence[str],
    *,
    store: Path | None = None,
    force: bool = False,
) -> tuple[dict[str, Any], str]:
    """
    Write recorded markets into the store, file by file.

    Args:
        choice: Settings, and where runs and data are.
        name: Of the data set.
        data: Paths or patterns; or one data set, export or run.
        store: Another store's folder.
        force: Replace a data set of this name.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or the store not be written.
    """
    place = _place(choice, store)
    from core.assembly.data_store import import_data

    return import_data(place, name, data, force=force)


def run_data_list(choice: Choice, store: Path | None = None) -> tuple[dict[str, Any], str]:
    """List what is in a store: the JSON contract, and the same as text."""
    from core.assembly.data_store import list_data
    from core.data.store.manifest import data_store

    return list_data(store or data_store(choice.run_dir))


def run_data_check(
    choice: Choice,
    data: Sequence[str],
    *,
    store: Path | None = None,
    gap_steps: float | None = None,
) -> tuple[int, dict[str, Any], str]:
    """
    Go through recorded markets, and say what they are like.

    Arguments are those of `run_data_import`; `gap_steps` is the length of a gap in usual steps.

    Returns:
        Exit code (0 fine, 5 damaged), the JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used at all.
    """
    place = _place(choice, store)
    from core.assembly.data_store import check_data

    return check_data(place, data, gap_steps)


def run_export(
    choice: Choice,
    data: Sequence[str],
    path: Path,
) -> tuple[dict[str, Any], str]:
    """
    Write all events of a run, or recorded markets, into one Parquet file.

    Arguments are those of `run_data_import`; `path` is the file's.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or the file not be written.
    """
    place = _place(choice)
    from core.assembly.data_store import export_data

    return export_data(place, data, path)


def _place(choice: Choice, store: Path | None = None) -> DataPlace:
    # A wrong setting is said before what reads the data is loaded.
    columns = choice.columns()
    from core.assembly.data_store import DataPlace

    return DataPlace(columns, choice.run_dir, store, choice.profile)
