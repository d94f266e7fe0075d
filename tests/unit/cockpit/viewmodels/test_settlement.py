"""The page of the event: what products will settle at, and from what that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.settlement import settlement_lines
from cockpit.viewmodels.view import View
from core.api.topics import no_settlement
from tests.unit.cockpit.fake_engine import make_meta, make_snapshot
from tests.unit.cockpit.fake_pages import SETTLEMENT, START_NS

NS = 1_000_000_000


def rows(page=SETTLEMENT, width: int = 100) -> list[str]:
    snapshot = make_snapshot()
    instruments = list(snapshot.instruments)
    instruments[6] = replace(instruments[6], mid=50.7)
    view = View(meta=make_meta(), snapshot=replace(snapshot, instruments=tuple(instruments)))
    return ["".join(text for text, _ in line) for line in settlement_lines(view, page, width)]


def row(word: str, page=SETTLEMENT) -> list[str]:
    return next(line.split() for line in rows(page) if line.split()[:1] == [word])


def test_a_product_stands_beside_its_market_with_its_edge_in_deviations() -> None:
    assert row("7_ETF") == [
        "7_ETF", "-", "52.75", "47.50", "58.00", "50.70", "+2.05", "+0.5", "likely",
    ]  # fmt: skip
    assert row("5_Flights")[1:5] == ["611.00", "2,421.0", "2,388.0", "2,455.0"]


def test_what_nothing_is_known_of_is_a_dash() -> None:
    assert row("8_ETF_Strangle")[1:5] == ["-", "-", "-", "-"]
    assert row("arrivals") == ["arrivals", "-", "-", "nothing", "yet"]


def test_a_series_tells_its_age_its_source_and_why_it_is_doubted() -> None:
    assert row("flow") == ["flow", "24.30", "m3/s", "15m00s", "hnd"]
    assert row("level")[-4:] == ["the", "same", "for", "2h01m"]


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [
        (-3600, 1800, "settles in 30m00s"),
        (600, 4200, "window opens in 10m00s, settles in 1h10m"),
        (-7200, -1, "settled"),
    ],
)
def test_the_head_says_how_long_there_is(start_s, end_s, words) -> None:
    page = replace(SETTLEMENT, start_ts_ns=START_NS + start_s * NS, end_ts_ns=START_NS + end_s * NS)
    assert rows(page)[0].strip() == f"IMCity Munich   {words}"


def test_a_simulated_city_is_stamped() -> None:
    assert "SIMULATED" not in rows()[0]
    assert "SIMULATED city" in rows(replace(SETTLEMENT, is_simulated=True))[0]


def test_without_an_event_it_says_how_to_have_one() -> None:
    text = "no event is chosen: say --set city.event=munich-2025"
    assert [line.strip() for line in rows(no_settlement(text))] == [text]


@pytest.mark.parametrize("width", [40, 78, 84, 158])
def test_no_row_is_wider_than_the_page(width) -> None:
    lines = settlement_lines(View(meta=make_meta(), snapshot=make_snapshot()), SETTLEMENT, width)
    assert all(line_width(line) <= max(width, 79) for line in lines)
