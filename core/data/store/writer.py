"""
Import: pieces of a recording become a stored data set, one after the other.

All is written beside the final place and moved there when it is whole, so a half-written
import is never taken for a data set.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from core.data.dataset import DataSet
from core.data.joined import (
    Renumbering,
    first_quotes,
    merged_sources,
    renumbering,
    whole_instruments,
)
from core.data.store.broken import BROKEN, reason_of
from core.data.store.columns import to_events, to_frame
from core.data.store.manifest import MANIFEST, Manifest, Part, Source, check_name, file_sha256
from core.domain.errors import ConfigurationError, DataError
from core.domain.memory import Rows

ROW_GROUP = 131_072
"""Events that are read at a time."""

_DAY_NS = 86_400 * 1_000_000_000
_LEVEL = 3
"""Of zstd: smaller by a tenth at most from here on, and slower by much."""


def write_store(
    root: Path, name: str, kind: str, pieces: Iterable[DataSet], *, force: bool = False
) -> Manifest:
    """
    Write a data set.

    Args:
        root: Folder of the store.
        name: Of the data set.
        kind: Of recording, in a word or two.
        pieces: Taken one at a time; none is kept.
        force: Replace a data set of this name.

    Raises:
        ConfigurationError: If the name is none or taken.
        DataError: If a piece cannot be read, none has an event, or nothing can be written.
    """
    target = root / check_name(name)
    unfinished = root / f".{name}.unfinished"
    _make_room(target, unfinished, force=force)
    try:
        with _writing(target):
            unfinished.mkdir(parents=True)
            writer = _Writer(unfinished)
            for piece in pieces:
                writer.add(piece)
            manifest = writer.finish(name, kind)
            (unfinished / MANIFEST).write_bytes(manifest.to_json())
            _move(unfinished, target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return manifest


def _make_room(target: Path, unfinished: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise ConfigurationError(
            f"{target} exists already: give another name, or --force to replace it"
        )
    if not unfinished.exists():
        return
    if not force:
        raise ConfigurationError(
            f"{unfinished} is of an import that was ended, or is still under way: "
            "give another name, or --force to begin again"
        )
    shutil.rmtree(unfinished, ignore_errors=True)


def _move(unfinished: Path, target: Path) -> None:
    """Put the new one in the old one's place, which is gone only when the new one is there."""
    replaced = target.with_name(f".{target.name}.replaced")
    shutil.rmtree(replaced, ignore_errors=True)
    with suppress(FileNotFoundError):
        target.rename(replaced)
    unfinished.rename(target)
    shutil.rmtree(replaced, ignore_errors=True)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise DataError(target, f"cannot be written: {reason_of(error)}") from error


class _Writer:
    """Parts of a data set that is not whole yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[tuple[Part, int]] = []
        """Each with the number of its piece."""
        self._heads: list[DataSet] = []
        """The pieces without their events."""

    def add(self, piece: DataSet) -> None:
        """Write the events of a piece, by UTC day."""
        events = piece.events
        days = events["ts_ns"] // _DAY_NS
        bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(events)]
        for start, stop in pairwise(bounds):
            if start < stop:
                self._write(events[start:stop], int(days[start]))
        self._heads.append(replace(piece, events=events[:0].copy()))

    def finish(self, name: str, kind: str) -> Manifest:
        """Give all parts the same instruments, and say what there is."""
        heads = self._heads
        sources = tuple(Source.of(source) for source in merged_sources(heads))
        if not self._parts:
            raise DataError(", ".join(s.path for s in sources) or "DATA", "holds no events")
        try:
            instruments = whole_instruments([head.instruments for head in heads])
            changes = [renumbering(head.instruments, instruments) for head in heads]
        except (ValueError, ConfigurationError) as error:
            names = ", ".join(source.path for source in sources)
            raise DataError(names, f"cannot be read together: {error}") from error
        for part, piece in self._parts:
            if not changes[piece].is_nothing:
                self._rewrite(part, changes[piece])
        return Manifest(
            name=name,
            kind=kind,
            profile=heads[0].profile,
            instruments=instruments,
            sources=sources,
            parts=self._checked_parts(),
            first_quote_ts_ns=first_quotes(heads),
        )

    def _write(self, events: Rows, day: int) -> None:
        folder = self._folder / str(np.datetime64(day, "D"))
        folder.mkdir(exist_ok=True)
        path = folder / f"part-{len(self._parts):05}.parquet"
        write_part(path, to_frame(events))
        part = Part(
            path.relative_to(self._folder).as_posix(),
            len(events),
            int(events["ts_ns"][0]),
            int(events["ts_ns"][-1]),
        )
        self._parts.append((part, len(self._heads)))

    def _rewrite(self, part: Part, change: Renumbering) -> None:
        path = self._folder / part.path
        events = to_events(pl.read_parquet(path))
        change.apply(events)
        write_part(path, to_frame(events))

    def _checked_parts(self) -> tuple[Part, ...]:
        parts = sorted((part for part, _ in self._parts), key=lambda part: part.first_ts_ns)
        return tuple(replace(part, sha256=file_sha256(self._folder / part.path)) for part in parts)


def write_part(path: Path, frame: pl.DataFrame, metadata: dict[str, str] | None = None) -> None:
    """Write one Parquet file."""
    frame.write_parquet(
        path,
        compression="zstd",
        compression_level=_LEVEL,
        row_group_size=ROW_GROUP,
        metadata=metadata,
    )
