"""DATA of the command line as a recorded market: files, a stored data set or an export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.dataset import RecordedMarket
from core.data.loader import load_data
from core.data.store.export import is_export, open_export
from core.data.store.manifest import MANIFEST, find_stored
from core.data.store.reader import StoredMarket
from core.domain.errors import DataError
from core.settings.data import DataSettings

_PARQUET = ".parquet"


def open_market(
    patterns: Sequence[str | Path],
    settings: DataSettings | None = None,
    store: Path | None = None,
) -> RecordedMarket:
    """
    Open recorded markets; those of the store are not read before they are asked for.

    Args:
        patterns: Paths or patterns of files, or one stored data set: its folder, its name
            in the store, or a Parquet file that was exported.
        settings: Which column is what, of tables that do not say.
        store: Folder of stored data sets; None for none.

    Raises:
        DataError: If the data cannot be used.
    """
    folder, export = find_folder(patterns, store), _find_export(patterns)
    if folder is None and export is None:
        return load_data(patterns, settings)
    if len(patterns) > 1:
        raise DataError(folder or export or "", "is a stored data set: name it alone")
    return (
        StoredMarket.open(folder)
        if folder is not None
        else open_export(Path(patterns[0]).expanduser())
    )


def opens_one(patterns: Sequence[str | Path], store: Path | None) -> bool:
    """
    Whether a stored data set or an export is named, not files.

    Raises:
        DataError: As `find_folder`.
    """
    return find_folder(patterns, store) is not None or _find_export(patterns) is not None


def find_folder(patterns: Sequence[str | Path], store: Path | None) -> Path | None:
    """
    Folder of the first stored data set that is named; None if all are files.

    Raises:
        DataError: If a folder is no data set, or neither a file nor a data set has a name.
    """
    for pattern in patterns:
        path = Path(pattern).expanduser()
        if path.is_dir():
            if not (path / MANIFEST).is_file():
                raise DataError(path, _no_data_set(path))
            return path
        if store is None or path.exists() or not _is_plain(str(pattern)):
            continue
        if (store / path.name / MANIFEST).is_file():
            return store / path.name
        known = ", ".join(each.name for each in find_stored(store)) or "none"
        raise DataError(
            str(pattern),
            f"there is no such file, and no data set of this name in {store}; known: {known}",
        )
    return None


def _no_data_set(folder: Path) -> str:
    return (
        f"is a folder without {MANIFEST}, so no data set; "
        f'name its files, for example "{folder}/*.csv.gz"'
    )


def _find_export(patterns: Sequence[str | Path]) -> Path | None:
    paths = [Path(pattern).expanduser() for pattern in patterns]
    return next((p for p in paths if p.suffix == _PARQUET and p.is_file() and is_export(p)), None)


def _is_plain(text: str) -> bool:
    """Whether it may be a name: no path, no pattern, no ending of a file."""
    return not any(mark in text for mark in "/\\*?[") and not text.startswith((".", "~"))
