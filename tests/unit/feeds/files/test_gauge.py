"""Recorded gauges: marks, commas, a clock that knows no summer."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from core.domain.errors import DataError
from core.feeds.files.gauge import read_gauge_file
from core.feeds.port import Quality, Quantity
from tests import recorded_data
from tests.city_answers import S, utc_s

HEAD = """\ufeffQuelle:;"Bayerisches Landesamt für Umwelt, www.gkd.bayern.de"
Zeitbezug:;MEZ
Messstellen-Name:;München
Messstellen-Nr.:;16005701
Pegelnullpunktshöhe:;"500,33 m NHN (DHHN2016)"

Datum;"Wasserstand [cm]";Prüfstatus
"""


def write(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "gauge.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_rows_are_read_with_mark_and_comma(tmp_path) -> None:
    path = write(tmp_path, '"2025-07-01 12:00";96,50;Geprueft\n"2025-07-01 12:15";;Rohdaten\n')
    (level,) = read_gauge_file(path)
    assert (level.quantity, level.value, level.place) == (Quantity.LEVEL_CM, 96.5, "16005701")
    assert level.quality is Quality.MEASURED


def test_noon_in_summer_is_eleven_by_utc(tmp_path) -> None:
    """UTC+1 all the year round; clocks on walls show 13:00."""
    (level,) = read_gauge_file(write(tmp_path, '"2025-07-01 12:00";96,50;Geprueft\n'))
    assert level.valid_ts_ns == utc_s("2025-07-01 11:00") * S


def test_nothing_is_known_before_it_is_measured_and_reported(tmp_path) -> None:
    path = write(tmp_path, '"2025-07-01 12:00";96,50;Geprueft\n')
    assert read_gauge_file(path)[0].fetched_ts_ns == utc_s("2025-07-01 11:15") * S
    assert read_gauge_file(path, delay_s=0)[0].fetched_ts_ns == utc_s("2025-07-01 11:00") * S


def test_a_packed_file_is_the_same(tmp_path) -> None:
    path = write(tmp_path, '"2025-07-01 12:00";96,50;Geprueft\n')
    packed = tmp_path / "gauge.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_gauge_file(packed) == read_gauge_file(path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('"2025-07-01 12:00";1,0;x\n"2025-07-01 12:00";1,0;x\n', "line 9: time runs backwards"),
        ('"01.07.2025 12:00";1,0;x\n', "line 8: cannot be read"),
        ('"2025-07-01 12:00";viel;x\n', "line 8: cannot be read"),
        ('"2025-07-01 12:00"\n', "line 8: cannot be read"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_line(tmp_path, rows, reason) -> None:
    with pytest.raises(DataError, match=reason):
        read_gauge_file(write(tmp_path, rows))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Zeitbezug:;MEZ", "Zeitbezug:;MESZ", r"'MESZ'; only MEZ, UTC\+1, is known"),
        ("Zeitbezug:;MEZ\n", "", "'missing'; only MEZ"),
        ("Wasserstand [cm]", "Schwebstoff [g/m³]", "no column that is known"),
        ("Messstellen-Nr.:;16005701\n", "", "names no gauge"),
        ("Datum;", "Zeit;", "has no line that begins with Datum;"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path, old, new, reason) -> None:
    with pytest.raises(DataError, match=reason):
        read_gauge_file(write(tmp_path, "", HEAD.replace(old, new)))


def test_a_file_that_is_not_there_or_damaged_is_told(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_gauge_file(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress(b"x" * 10_000)[:30])
    with pytest.raises(DataError, match="cannot be read"):
        read_gauge_file(broken)
    latin = tmp_path / "latin.csv"
    latin.write_bytes("Prüfstatus".encode("latin-1"))
    with pytest.raises(DataError, match="is no UTF-8"):
        read_gauge_file(latin)


def isar(name: str):
    return read_gauge_file(
        recorded_data.find(f"munich/isar_{name}_16005701_2025-01_2025-11.csv.gz")
    )


def test_eleven_months_of_the_isar_load_without_a_wrong_hour() -> None:
    """Every quarter of an hour from January to November, over both changes of the clocks."""
    level = isar("level")
    assert len(level) == 32_065
    assert level[0].valid_ts_ns == utc_s("2024-12-31 23:00") * S
    assert level[-1].valid_ts_ns == utc_s("2025-11-30 23:00") * S
    steps = {after.valid_ts_ns - before.valid_ts_ns for before, after in pairwise(level)}
    assert steps == {900 * S}
    assert (min(item.value for item in level), max(item.value for item in level)) == (90.0, 270.0)


def test_empty_cells_of_the_water_temperature_are_left_out() -> None:
    warm = isar("temp")
    assert len(warm) == 32_065 - 96
    assert {item.quantity for item in warm} == {Quantity.WATER_TEMPERATURE_C}
    assert max(item.value for item in warm) == 22.5
