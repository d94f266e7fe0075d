"""Bavaria's pages: tables, commas, dashes, summer time, damage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.domain.errors import ConfigurationError, DecodeError
from core.feeds.port import Quality, Quantity, Topic
from core.feeds.river.bavaria.html import read_page
from tests.city_answers import NOON_S, NOW_NS, PLACE, S, answer, only, source, utc_s

BERLIN = ZoneInfo("Europe/Berlin")


def hnd():
    asked = source(Topic.RIVER, "hnd")
    asked.request(NOW_NS)
    return asked


def table(*rows: tuple[str, str], head: str = "Wasserstand [cm ü. Pegelnullpunkt]") -> bytes:
    body = "".join(f"<tr><td>{when}</td><td>{value}</td></tr>" for when, value in rows)
    return (
        f'<html><table class="tblsort x"><thead><tr><th>Datum</th><th>{head}</th></tr></thead>'
        f"<tbody>{body}</tbody></table></html>"
    ).encode()


def test_levels_are_read_oldest_first_and_dashes_left_out() -> None:
    reading = hnd().read(answer("river/hnd_table.html"))
    levels = only(reading, Quantity.LEVEL_CM)
    assert [(item.value, item.valid_ts_ns // S - NOON_S) for item in levels] == [
        (143.0, -900),
        (143.0, 0),
    ]
    assert {item.place for item in levels} == {"16515005"}
    assert {item.quality for item in levels} == {Quality.MEASURED}


def test_flow_is_read_with_its_comma() -> None:
    reading = hnd().read(answer("river/gkd_abfluss_table.html"))
    assert [item.value for item in only(reading, Quantity.FLOW_M3_S)] == [23.0, 23.1]


def test_the_page_of_the_gauge_tells_its_latest_value() -> None:
    (level,) = hnd().read(answer("river/hnd_station.html")).observations
    assert (level.quantity, level.value, level.valid_ts_ns) == (
        Quantity.LEVEL_CM,
        143.0,
        NOON_S * S,
    )


@pytest.mark.parametrize(
    ("head", "quantity"),
    [
        ("Wasserstand cm über Pegelnullpunkt (506,06 m NHN)", Quantity.LEVEL_CM),
        ("Abfluss m³/s", Quantity.FLOW_M3_S),
        ("Wassertemperatur [°C]", Quantity.WATER_TEMPERATURE_C),
    ],
)
def test_the_head_of_the_column_tells_what_it_is(head, quantity) -> None:
    reading = hnd().read(answer(table(("20.05.2026 12:00", "7,5"), head=head)))
    assert [(item.quantity, item.value) for item in reading.observations] == [(quantity, 7.5)]


def test_the_night_of_autumn_is_read_without_a_wrong_hour() -> None:
    """From 20:00 UTC over the hour that comes twice: 24 quarters, each a quarter on."""
    start = datetime(2025, 10, 25, 20, tzinfo=UTC)
    rows = []
    for n in range(24):
        local = (start + timedelta(minutes=15 * n)).astimezone(BERLIN)
        rows.append((f"{local:%d.%m.%Y %H:%M}", f"{140 + n}"))
    now_ns = (utc_s("2025-10-26 01:50")) * S
    reading = hnd().read(answer(table(*reversed(rows)), now_ns=now_ns))
    levels = only(reading, Quantity.LEVEL_CM)
    assert [item.value for item in levels] == [140.0 + n for n in range(24)]
    assert [item.valid_ts_ns // S for item in levels] == [
        utc_s("2025-10-25 20:00") + 900 * n for n in range(24)
    ]


def test_a_table_that_goes_back_and_forth_is_refused() -> None:
    rows = [("20.05.2026 11:30", "1"), ("20.05.2026 11:45", "2"), ("20.05.2026 11:15", "3")]
    with pytest.raises(DecodeError, match=r"20.05.2026 11:45 stands out of order"):
        hnd().read(answer(table(*rows)))


def test_a_table_of_dashes_holds_nothing() -> None:
    with pytest.raises(DecodeError, match="holds no value of 16515005"):
        hnd().read(answer(table(("20.05.2026 12:00", "--"))))


@pytest.mark.parametrize("row", [("gestern", "143"), ("20.05.2026 12:00", "viel")])
def test_a_row_that_cannot_be_read_is_told(row) -> None:
    with pytest.raises(DecodeError, match="gauge 16515005: a row cannot be read"):
        hnd().read(answer(table(row)))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html><table><tr><td>1</td></tr></table></html>", b"\xff\xfe\x00", b"<" * 9999],
)
def test_another_page_is_told_as_such(body) -> None:
    with pytest.raises(DecodeError, match="the page has neither table nor latest value"):
        hnd().read(answer(body))


def test_a_sentinel_is_left_out() -> None:
    rows = [("20.05.2026 12:00", "-99999"), ("20.05.2026 11:45", "143")]
    reading = hnd().read(answer(table(*rows)))
    assert [item.value for item in reading.observations] == [143.0]


def test_real_pages_have_more_markup() -> None:
    page = read_page(
        b"<div><table class='nav'><tr><td>x</td></tr></table>"
        b'<table class="tblsort center" id="t"><tr><th>Datum<br>MEZ</th><th>A&amp;B</th></tr>'
        b'<tr class="row"><td><span>1</span>&nbsp;2<td class="center"> 3 </tr>'
        b"<tr><td>4<table><tr><td>inner</td></tr></table></td><td>5</td></tr>"
        b"</table><p>Text</p></div>"
    )
    (found,) = page.tables
    assert found.header == ["Datum MEZ", "A&B"]
    assert found.rows == [["1 2", "3"], ["4", "5"]]
    assert page.text == "x Text"


def test_a_head_that_is_repeated_is_no_row() -> None:
    page = read_page(
        b'<table class="tblsort"><tr><th>Datum</th><th>cm</th></tr><tr><td>1</td><td>2</td></tr>'
        b"<tr><th>Datum</th><th>m</th></tr><tr><td>3</td><td>4<br>5</td></tr></table>"
    )
    (found,) = page.tables
    assert found.header == ["Datum", "cm"]
    assert found.rows == [["1", "2"], ["3", "4 5"]]


def test_gauges_and_what_they_measure_take_turns() -> None:
    """Two gauges with two tables each: every table once in a quarter of an hour."""
    asked = source(Topic.RIVER, "hnd")
    seen = []
    for _ in range(5):
        request = asked.request(NOW_NS)
        seen.append((request.url.split("/")[-2], request.query["methode"]))
    assert seen == [
        ("muenchen-himmelreichbruecke-16515005", "wasserstand"),
        ("muenchen-himmelreichbruecke-16515005", "abfluss"),
        ("muenchen-16005701", "wasserstand"),
        ("muenchen-16005701", "abfluss"),
        ("muenchen-himmelreichbruecke-16515005", "wasserstand"),
    ]
    assert asked.interval_s == 225.0


def test_all_tables_are_wanted_at_once_at_the_start() -> None:
    asked = source(Topic.RIVER, "hnd")
    seen = [asked.is_incomplete]
    for _ in range(5):
        asked.request(NOW_NS)
        seen.append(asked.is_incomplete)
    assert seen == [True, True, True, True, False, False]


def test_a_table_is_of_the_gauge_that_was_asked_for() -> None:
    asked = source(Topic.RIVER, "hnd")
    for _ in range(3):
        asked.request(NOW_NS)
    (item, *_) = asked.read(answer("river/hnd_table.html")).observations
    assert item.place == "16005701"


def test_a_table_of_a_week_is_told_once() -> None:
    asked = hnd()
    rows = [("20.05.2026 12:00", "143"), ("20.05.2026 11:45", "142")]
    assert len(asked.read(answer(table(*rows))).observations) == 2
    assert [item.value for item in asked.read(answer(table(*rows))).observations] == [143.0]


def test_the_other_service_is_asked_for_yesterday_and_today_of_its_own_clock() -> None:
    """At 23:30 UTC it is the next day in Munich."""
    asked = source(Topic.RIVER, "gkd")
    request = asked.request(utc_s("2026-05-20 23:30") * S)
    assert request.query == {"beginn": "20.05.2026", "ende": "21.05.2026"}
    assert request.url == (
        "https://www.gkd.bayern.de/de/fluesse/wasserstand/bayern/"
        "muenchen-himmelreichbruecke-16515005/messwerte/tabelle"
    )


def test_a_place_without_a_gauge_is_told_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"munich: stations.hnd names no gauge"):
        source(Topic.RIVER, "hnd", replace(PLACE, stations={"hnd": " , "}))
