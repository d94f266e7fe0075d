"""One Parquet file that can be read back as DATA: a market, or all events of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from core.data.dataset import DataSet, RecordedMarket
from core.data.store.broken import BROKEN, reason_of
from core.data.store.columns import to_events, to_frame
from core.data.store.manifest import RUN, Manifest, Part, Source, parse_manifest
from core.data.store.reader import StoredMarket
from core.data.store.writer import ROW_GROUP
from core.domain.enums import EventKind
from core.domain.errors import DataError
from core.domain.events import EVENT
from core.domain.memory import Rows, as_records

DECISION = "decision"
"""Column of a run's export: INTENT rows as bytes, null where nothing was wanted."""

MARKET_KINDS = (EventKind.BOOK, EventKind.TRADE, EventKind.OBSERVATION)
"""What came from outside, whatever an engine did."""

_KEY = "imc-cockpit"
"""Of the manifest in a file's metadata."""


def export_market(market: RecordedMarket, path: Path, kind: str) -> int:
    """
    Write a market, a chunk at a time.

    Returns:
        Events that were written.

    Raises:
        DataError: If it cannot be read or written.
    """
    manifest = Manifest(
        name=path.stem,
        kind=kind,
        profile=market.profile,
        instruments=market.instruments,
        sources=tuple(Source.of(source) for source in market.sources),
        first_quote_ts_ns=dict(market.first_quote_ts_ns),
    )
    columns = _all_columns()
    _write(path, manifest, columns, (to_frame(chunk, has_all=True) for chunk in market.chunks()))
    return market.length


def export_run(path: Path, head: DataSet, pieces: Iterable[tuple[Rows, dict[int, bytes]]]) -> int:
    """
    Write all events of a run in their own order, numbered, with the decisions after them.

    Args:
        path: Of the file.
        head: Instruments, profile and source of the run; its events do not count.
        pieces: EVENT rows in order, each with INTENT bytes by number of their event.

    Returns:
        Events that were written.

    Raises:
        DataError: If it cannot be read or written.
    """
    sources = tuple(Source.of(source) for source in head.sources)
    manifest = Manifest(path.stem, RUN, head.profile, head.instruments, sources)
    count = 0

    def frames() -> Iterator[pl.DataFrame]:
        nonlocal count
        for events, decisions in pieces:
            count += len(events)
            wanted = [decisions.get(seq) for seq in events["seq"].tolist()]
            yield to_frame(events, has_all=True).with_columns(
                pl.Series(DECISION, wanted, pl.Binary)
            )

    _write(path, manifest, {**_all_columns(), DECISION: pl.Binary()}, frames())
    return count


def is_export(path: Path) -> bool:
    """Whether a file is one of ours, by its metadata."""
    return _metadata(path) is not None


def open_export(path: Path) -> RecordedMarket:
    """
    Open an export as a recorded market; of a run what came from outside alone.

    Raises:
        DataError: If it is none, or damaged.
    """
    text = _metadata(path)
    if text is None:
        raise DataError(path, "is a Parquet file that this program did not write")
    manifest = replace(parse_manifest(text.encode(), path), name=path.stem)
    try:
        if manifest.kind == RUN:
            return _market_of(path, manifest)
        bounds = pl.col("ts_ns").min().alias("first"), pl.col("ts_ns").max().alias("last")
        rows, first, last = (
            pl.scan_parquet(path).select(pl.len().alias("rows"), *bounds).collect().row(0)
        )
    except BROKEN as error:
        raise DataError(path, f"cannot be read: {reason_of(error)}") from error
    part = Part(path.name, rows, first or 0, last or 0)
    return StoredMarket.of(path.parent, replace(manifest, parts=(part,) if rows else ()))


def _market_of(path: Path, manifest: Manifest) -> DataSet:
    kinds = [int(kind) for kind in MARKET_KINDS]
    frame = pl.scan_parquet(path).filter(pl.col("kind").is_in(kinds)).collect()
    try:
        events = to_events(frame.drop(DECISION))
    except ValueError as error:
        raise DataError(path, f"is damaged: {error}") from error
    sources = tuple(source.to_file() for source in manifest.sources)
    events, held = in_market_order(events)
    if held and sources:
        repaired = {**sources[0].repaired, "clock went back, held": held}
        sources = (replace(sources[0], repaired=repaired), *sources[1:])
    return DataSet(manifest.instruments, manifest.profile, events, sources)


def in_market_order(events: Rows) -> tuple[Rows, int]:
    """
    Put events of a run in the order that a data set has.

    Returns:
        The events, unnumbered and of one time books first, and how many of them had to be
        moved because the clock had gone back. The argument is changed.
    """
    newest_ns = np.maximum.accumulate(events["ts_ns"])
    held = int(np.count_nonzero(events["ts_ns"] < newest_ns))
    events["ts_ns"] = newest_ns
    events["seq"] = 0
    return as_records(events[np.lexsort((events["kind"], newest_ns))]), held


def _all_columns() -> dict[str, pl.DataType]:
    """Every column: a file that is written as it comes cannot leave out what is 0 at first."""
    return dict(to_frame(np.zeros(0, EVENT), has_all=True).schema)


def _write(
    path: Path, manifest: Manifest, schema: dict[str, Any], frames: Iterator[pl.DataFrame]
) -> None:
    def source(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,  # noqa: ARG001  a plain write asks for all rows
        n_rows: int | None,  # noqa: ARG001
        batch_size: int | None,  # noqa: ARG001
    ) -> Iterator[pl.DataFrame]:
        try:
            for frame in frames:
                yield frame.select(with_columns) if with_columns else frame
        except DataError as error:
            broken.append(error)
            raise

    broken: list[DataError] = []
    """What could not be read; polars tells of its own exceptions only."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        register_io_source(source, schema=schema).sink_parquet(
            unfinished,
            compression="zstd",
            row_group_size=ROW_GROUP,
            metadata={_KEY: manifest.to_json().decode()},
        )
        unfinished.replace(path)
    except BROKEN as error:
        if broken:
            raise broken[0] from error
        raise DataError(path, f"cannot be written: {reason_of(error)}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _metadata(path: Path) -> str | None:
    try:
        return pl.read_parquet_metadata(path).get(_KEY)
    except BROKEN:
        return None
