"""What a run was, and which one was the last."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.domain.errors import DataError, JournalError
from core.domain.ids import RunId, client_order_id
from core.journal.manifest import (
    JOURNAL,
    MANIFEST,
    Ending,
    Manifest,
    new_run_id,
    read_manifest,
    runs_of,
    write_manifest,
)

NOON = datetime(2026, 11, 20, 14, 3, 27, 999_000, tzinfo=UTC)


def make_manifest(run_id: str = "20261120T140327-practice-4f1c", started: int = 5) -> Manifest:
    return Manifest(RunId(run_id), "practice", "SIM", "0123", "89ab", started_ts_ns=started)


def make_run(run_dir: Path, run_id: str, started: int = 0) -> Path:
    folder = run_dir / run_id
    folder.mkdir(parents=True)
    (folder / JOURNAL).touch()
    if started:
        write_manifest(folder, make_manifest(run_id, started))
    return folder


def test_a_run_is_named_by_time_profile_and_chance() -> None:
    assert new_run_id("practice", NOON, "4f1c") == "20261120T140327-practice-4f1c"


def test_the_time_in_a_name_is_utc() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=2)))
    assert new_run_id("practice", elsewhere, "4f1c") == "20261120T140327-practice-4f1c"


def test_orders_are_named_after_their_run() -> None:
    assert client_order_id(new_run_id("my-own", NOON, "0a9b"), 12) == "20261120T140327-0a9b-12"


@pytest.mark.parametrize(
    ("profile", "suffix"), [("", "4f1c"), ("../x", "4f1c"), ("a", "4F1C"), ("a", "4f1")]
)
def test_a_name_that_could_not_be_read_back_is_refused(profile: str, suffix: str) -> None:
    with pytest.raises(ValueError, match="not a run's name"):
        new_run_id(profile, NOON, suffix)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = make_manifest().ended(9, Ending.FAILED, "the journal cannot be written")
    write_manifest(tmp_path / "run", manifest)
    assert read_manifest(tmp_path / "run") == manifest
    assert [file.name for file in (tmp_path / "run").iterdir()] == [MANIFEST]


def test_a_run_is_running_until_it_says_otherwise(tmp_path: Path) -> None:
    write_manifest(tmp_path, make_manifest())
    assert read_manifest(tmp_path).ending is Ending.RUNNING
    write_manifest(tmp_path, make_manifest().ended(9, Ending.STOPPED))
    stored = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert (stored["ending"], stored["ended_ts_ns"], stored["started_ts_ns"]) == ("stopped", 9, 5)
    assert set(stored["versions"]) >= {"python", "numba", "numpy"}


def test_a_manifest_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=r"manifest\.json: cannot be written"):
        write_manifest(tmp_path / "file" / "run", make_manifest())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ending": "stopped"}', "\x00"])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="is not a manifest"):
        read_manifest(tmp_path)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_manifest(tmp_path)


def test_the_latest_run_of_a_profile_is_found(tmp_path: Path) -> None:
    make_run(tmp_path, "20261120T140327-practice-ffff")
    latest = make_run(tmp_path, "20261121T000000-practice-0000")
    make_run(tmp_path, "20261122T000000-binance-0000")
    make_run(tmp_path, "20261123T000000-practice-two-0000")
    (tmp_path / "20261124T000000-practice-0000").mkdir()
    (tmp_path / "notes.txt").touch()
    assert runs_of(tmp_path, "practice")[0] == latest
    assert runs_of(tmp_path, "practice-two") == [tmp_path / "20261123T000000-practice-two-0000"]
    assert runs_of(tmp_path, "prosperity") == []


def test_two_runs_of_one_second_are_told_apart_by_their_manifests(tmp_path: Path) -> None:
    make_run(tmp_path, "20261120T140327-practice-ffff", started=1_000_000_000)
    latest = make_run(tmp_path, "20261120T140327-practice-0000", started=1_600_000_000)
    assert runs_of(tmp_path, "practice")[0] == latest


def test_a_folder_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    assert runs_of(tmp_path / "nowhere", "practice") == []


@pytest.mark.parametrize("wrong", ['"soon"', "null", "[]", "1e400"])
def test_a_time_that_is_none_is_named(tmp_path: Path, wrong: str) -> None:
    """Runs are sorted by it."""
    write_manifest(tmp_path, make_manifest())
    path = tmp_path / MANIFEST
    path.write_text(path.read_text().replace('"started_ts_ns": 5', f'"started_ts_ns": {wrong}'))
    with pytest.raises(DataError, match="is not a manifest"):
        read_manifest(tmp_path)


def test_a_manifest_that_is_nested_too_deeply_is_named(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("[" * 200_000)
    with pytest.raises(DataError, match="is not a manifest"):
        read_manifest(tmp_path)
