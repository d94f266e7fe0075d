"""What a table told before is not told again."""

from __future__ import annotations

from core.feeds.common import news
from core.feeds.common.news import News
from core.feeds.port import Observation, Quality, Quantity, Reading


def row(minute: int, value: float, *, quantity=Quantity.LEVEL_CM, place="1") -> Observation:
    return Observation(quantity, value, minute * 60, 10**12, "hnd", place, Quality.MEASURED)


def told(kept: News, *rows: Observation) -> list[Observation]:
    return list(kept.only(Reading(rows)).observations)


def test_only_new_rows_and_the_newest_are_told() -> None:
    kept = News()
    first, second, third = row(0, 143), row(15, 143), row(30, 142)
    assert told(kept, first, second) == [first, second]
    assert told(kept, first, second) == [second]
    assert told(kept, first, second, third) == [third]


def test_a_revised_row_is_told_again() -> None:
    kept = News()
    told(kept, row(0, 143), row(15, 144))
    assert told(kept, row(0, 140), row(15, 144)) == [row(0, 140), row(15, 144)]


def test_places_and_quantities_are_told_apart() -> None:
    kept = News()
    told(kept, row(0, 143), row(0, 23, quantity=Quantity.FLOW_M3_S))
    other = row(0, 143, place="2")
    assert told(kept, other) == [other]


def test_it_forgets_the_oldest_and_does_not_grow(monkeypatch) -> None:
    monkeypatch.setattr(news, "_KEPT", 10)
    kept = News()
    for minute in range(100):
        told(kept, row(minute, 1.0))
    assert len(kept._told) == 10
