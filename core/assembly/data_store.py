"""What is done with the store: import, list, check; and one file for elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.assembly.opening import find_run_folder
from core.assembly.recorded_run import load_run
from core.data.dataset import DataSet, RecordedMarket, SourceFile
from core.data.findings import GAP_STEPS, Findings, InstrumentFindings, examine
from core.data.loader import Format, find_formats, load_pieces
from core.data.market import open_market, opens_one
from core.data.store.check import find_damage
from core.data.store.export import export_market, export_run
from core.data.store.manifest import RUN, Manifest, data_store, find_stored, read_manifest
from core.data.store.reader import StoredMarket
from core.data.store.writer import write_store
from core.domain.errors import ConfigurationError, DataError
from core.domain.memory import Rows
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.settings.data import DataSettings

Answer = tuple[dict[str, Any], str]
"""A JSON document, and the same as text."""

_MEGA = 1e6
_NS_PER_S = 1_000_000_000
_DAMAGED = 5
_EXPORTED_AT_A_TIME = 65_536
_SHORT = {
    Format.PRICES: "prosperity",
    Format.LOG: "prosperity",
    Format.STREAM: "binance",
    Format.BARS: "bars",
    Format.MAPPED: "table",
}


@dataclass(frozen=True, slots=True)
class DataPlace:
    """Where data is looked for, and what it is read with."""

    columns: DataSettings
    """Which column is what, of tables that do not say."""
    run_dir: Path
    store: Path | None
    """None for the store of the run directory."""
    profile: str | None
    """Whose latest run is meant by `latest`."""

    @property
    def folder(self) -> Path:
        """Of the store."""
        return self.store or data_store(self.run_dir)


def import_data(place: DataPlace, name: str, data: Sequence[str], *, force: bool) -> Answer:
    """
    Write recorded markets into the store.

    Raises:
        FatalError: If the data cannot be used, or the store not be written.
    """
    kind, pieces = _pieces(place, data)
    manifest = write_store(place.folder, name, kind, pieces, force=force)
    folder = place.folder / name
    document = _entry(folder, manifest) | {"path": str(folder), "data": _sources(manifest)}
    text = (
        f"{name}: {manifest.rows:,} events of {_counted(len(manifest.instruments), 'instrument')}, "
        f"{_megabytes(folder, manifest):.1f} MB in {_counted(len(manifest.parts), 'part')}\n"
        f"{_files(document['data'])}\n"
        f"use it by its name: imc-cockpit backtest {name}"
    )
    return document, text


def list_data(store: Path) -> Answer:
    """List the data sets of a store; one that cannot be read says so."""
    entries = []
    for folder in find_stored(store):
        try:
            entries.append(_entry(folder, read_manifest(folder)))
        except DataError as error:
            entries.append({"name": folder.name, "problem": error.reason})
    lines = [_line(entry) for entry in entries]
    empty = f"no data sets in {store}; make one: imc-cockpit data import NAME DATA..."
    header = f"{'name':<20} {'kind':<10} {'events':>12} {'MB':>8}  from to"
    text = "\n".join([header, *lines]) if entries else empty
    return {"store": str(store), "datasets": entries}, text


def check_data(
    place: DataPlace, data: Sequence[str], gap_steps: float | None
) -> tuple[int, dict[str, Any], str]:
    """
    Go through recorded markets.

    Returns:
        Exit code (0 fine, 5 damaged), the JSON document, and the same as text.

    Raises:
        FatalError: If the data cannot be opened at all.
    """
    market = _open(place, data)
    damage = find_damage(market) if isinstance(market, StoredMarket) else []
    found: Findings | None = None
    if not damage:
        try:
            found = examine(market, GAP_STEPS if gap_steps is None else gap_steps)
            damage = found.damage
        except DataError as error:
            damage = [str(error)]
    sources = [_source(source) for source in market.sources]
    document = {
        "data": sources,
        "ok": not damage,
        "damage": damage,
        "events": market.length,
        "from": _moment(market.first_ts_ns),
        "to": _moment(market.last_ts_ns),
        "findings": None if found is None else asdict(found),
    }
    text = "\n".join([*_summary(document), *(_told(found) if found else []), _files(sources)])
    verdict = "\n".join(f"DAMAGED: {sentence}" for sentence in damage) or "fine"
    return _DAMAGED if damage else 0, document, f"{text}\n{verdict}"


def export_data(place: DataPlace, data: Sequence[str], path: Path) -> Answer:
    """
    Write one Parquet file: all events of a run with its decisions, or recorded markets.

    Raises:
        FatalError: If the data cannot be used, or the file not be written.
    """
    if not path.parent.is_dir():
        raise ConfigurationError(f"{path.parent} is no folder: make it first")
    folder = find_run_folder(data, place.profile, place.run_dir)
    if folder is not None:
        head = load_run(folder)
        with JournalReader(folder / JOURNAL) as journal:
            rows = export_run(path, replace(head, events=head.events[:0]), _journal_of(journal))
        kind = RUN
    else:
        market = _open(place, data)
        kind = market.profile
        rows = export_market(market, path, kind)
    document = {"path": str(path), "kind": kind, "rows": rows, "mb": path.stat().st_size / _MEGA}
    what = "events of the run" if kind == RUN else "events"
    text = f"{path}: {rows:,} {what}, {document['mb']:.1f} MB; read it back as DATA"
    return document, text


def _open(place: DataPlace, data: Sequence[str]) -> RecordedMarket:
    folder = find_run_folder(data, place.profile, place.run_dir)
    return load_run(folder) if folder else open_market(data, place.columns, place.folder)


def _pieces(place: DataPlace, data: Sequence[str]) -> tuple[str, Iterator[DataSet]]:
    """Name the kind, and give the data in pieces that fit into memory."""
    is_run = find_run_folder(data, place.profile, place.run_dir) is not None
    if is_run or opens_one(data, place.folder):
        market = _open(place, data)
        kind = market.manifest.kind if isinstance(market, StoredMarket) else RUN
        return kind, _pieces_of(market)
    files = find_formats(data, place.columns)
    return _SHORT[next(each for each in files.paths if each in _SHORT)], load_pieces(files)


def _pieces_of(market: RecordedMarket) -> Iterator[DataSet]:
    sources, quotes = market.sources, market.first_quote_ts_ns
    for chunk in market.chunks():
        yield DataSet(market.instruments, market.profile, chunk, sources, quotes)
        # Said once: what was left out is counted for each piece.
        sources, quotes = (), {}


def _journal_of(journal: JournalReader) -> Iterator[tuple[Rows, dict[int, bytes]]]:
    # Up to the first event that is damaged: the source says where that is.
    with suppress(DataError):
        for chunk in journal.events(chunk=_EXPORTED_AT_A_TIME):
            first, last = int(chunk["seq"][0]), int(chunk["seq"][-1])
            yield chunk, journal.decisions(first, last) if journal.has_decisions else {}


def _entry(folder: Path, manifest: Manifest) -> dict[str, Any]:
    market = StoredMarket.of(folder, manifest)
    return {
        "name": manifest.name,
        "kind": manifest.kind,
        "profile": manifest.profile,
        "instruments": [str(instrument.symbol) for instrument in manifest.instruments],
        "from": _moment(market.first_ts_ns),
        "to": _moment(market.last_ts_ns),
        "rows": manifest.rows,
        "mb": round(_megabytes(folder, manifest), 3),
    }


def _line(entry: dict[str, Any]) -> str:
    if "problem" in entry:
        return f"{entry['name']:<20} cannot be read: {entry['problem']}"
    symbols = ", ".join(entry["instruments"])
    return (
        f"{entry['name']:<20} {entry['kind']:<10} {entry['rows']:>12,} {entry['mb']:>8.1f}  "
        f"{entry['from'][:10]} {entry['to'][:10]}\n  {_cut(symbols, 76)}"
    )


def _summary(document: dict[str, Any]) -> list[str]:
    return [f"{document['events']:,} events, {document['from'][:19]} to {document['to'][:19]} UTC"]


def _told(found: Findings) -> list[str]:
    """What was found, a line an instrument, and what is odd below it."""
    lines = []
    for one in found.instruments:
        step_s = one.median_step_ns / _NS_PER_S
        lines.append(
            f"{_cut(one.symbol, 24):<24} {one.books:>11,} books {one.trades:>10,} trades  "
            f"step {step_s:.3g} s"
        )
        odd = {
            "crossed": one.crossed,
            "one-sided": one.one_sided,
            "empty": one.empty,
            "repeated": one.repeated,
            "gaps": one.gaps,
        }
        said = ", ".join(f"{count:,} {what}" for what, count in odd.items() if count)
        if said:
            lines.append(f"  {said}{_longest(one)}")
    if found.others:
        lines.append(f"{found.others:,} other events")
    if found.clock_behind:
        worst_s = found.clock_behind_ns / _NS_PER_S
        lines.append(
            f"{found.clock_behind:,} events came before they happened: the clock here was\n"
            f"  behind the venue's, by {worst_s:.3g} s at most"
        )
    return lines


def _longest(one: InstrumentFindings) -> str:
    if not one.longest:
        return ""
    ts_ns, gap_ns = one.longest[0]
    return f"; longest {gap_ns / _NS_PER_S:.3g} s from {_moment(ts_ns)[:19]}"


def _files(sources: Sequence[dict[str, Any]]) -> str:
    """A line a file, and one for each reason for which lines of it were not used as they are."""
    lines = []
    for source in sources:
        lines.append(f"{_cut(source['path'], 60)} {source['rows']:,} rows")
        for what in ("skipped", "repaired"):
            lines += [f"  {what} {count:,}: {why}" for why, count in source[what].items()]
    return "\n".join(lines)


def _sources(manifest: Manifest) -> list[dict[str, Any]]:
    return [asdict(source) for source in manifest.sources]


def _source(source: SourceFile) -> dict[str, Any]:
    return asdict(source) | {"path": str(source.path)}


def _megabytes(folder: Path, manifest: Manifest) -> float:
    paths = [folder / part.path for part in manifest.parts]
    return sum(path.stat().st_size for path in paths if path.is_file()) / _MEGA


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _moment(ts_ns: int) -> str:
    return datetime.fromtimestamp(ts_ns / _NS_PER_S, UTC).isoformat()


def _cut(text: str, width: int) -> str:
    """The end of a text that is too long for its line."""
    return text if len(text) <= width else "..." + text[3 - width :]
