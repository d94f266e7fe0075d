"""`dataset.json`: what a stored data set holds, where it came from, and its checksums."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from core.data.dataset import SourceFile
from core.domain.errors import ConfigurationError, DataError
from core.domain.instrument import Instrument

MANIFEST = "dataset.json"
VERSION = 1
RUN = "run"
"""Kind of an export that holds all events of a run, not only the market's."""

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file, in order of time."""

    path: str
    """Relative to the data set's folder."""
    rows: int
    first_ts_ns: int
    last_ts_ns: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was imported; see `SourceFile`."""

    path: str
    sha256: str
    rows: int
    skipped: dict[str, int] = field(default_factory=dict)
    repaired: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, source: SourceFile) -> Source:
        """Write a path as text."""
        return cls(str(source.path), source.sha256, source.rows, source.skipped, source.repaired)

    def to_file(self) -> SourceFile:
        """The same as everybody else has it."""
        return SourceFile(Path(self.path), self.sha256, self.rows, self.skipped, self.repaired)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that is to be known of a data set before its events are read."""

    name: str
    kind: str
    """Of recording, in a word or two."""
    profile: str
    instruments: tuple[Instrument, ...]
    sources: tuple[Source, ...]
    parts: tuple[Part, ...] = ()
    """By their first event; of one time the earlier one goes first."""
    first_quote_ts_ns: dict[str, int] = field(default_factory=dict)
    version: int = VERSION

    @property
    def rows(self) -> int:
        """Events in all."""
        return sum(part.rows for part in self.parts)

    def to_json(self) -> bytes:
        """For people as well."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def data_store(run_dir: Path) -> Path:
    """Folder of the stored data sets that belong to a run directory."""
    return run_dir / "data"


def check_name(name: str) -> str:
    """
    Hand a data set's name back.

    Raises:
        ConfigurationError: If it is none.
    """
    if not _NAME.match(name):
        shown = name if name.isprintable() else repr(name)
        raise ConfigurationError(
            f'"{shown}" is no name of a data set: up to 64 letters, digits, "_", "-" and ".", '
            "the first one a letter or digit"
        )
    return name


def parse_manifest(text: bytes, path: Path) -> Manifest:
    """
    Read a manifest.

    Raises:
        DataError: If it is damaged, or a newer program wrote it.
    """
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except (ValueError, RecursionError, ConfigurationError) as error:
        raise DataError(path, f"is damaged: {error}") from error
    if found.version != VERSION:
        raise DataError(
            path,
            f"is of version {found.version}; this program reads version {VERSION}: import again",
        )
    if any(Path(part.path).is_absolute() or ".." in Path(part.path).parts for part in found.parts):
        raise DataError(path, "is damaged: a part lies outside of its folder")
    return found


def read_manifest(folder: Path) -> Manifest:
    """
    Read the manifest of a stored data set; its name is its folder's.

    Raises:
        DataError: If there is none, or it cannot be used.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(
            folder, f"is a folder without {MANIFEST}, so no data set; name its files instead"
        ) from error
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error
    return replace(parse_manifest(text, path), name=folder.name)


def find_stored(root: Path) -> list[Path]:
    """Folders of the data sets in a store, by name; unfinished ones are none."""
    if not root.is_dir():
        return []
    return sorted(
        path
        for path in root.iterdir()
        if not path.name.startswith(".") and (path / MANIFEST).is_file()
    )


def file_sha256(path: Path) -> str:
    """
    Checksum of a file's bytes.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
