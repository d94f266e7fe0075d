"""Executions without numbers: what is one, what is the same one again."""

from __future__ import annotations

import pytest

from core.venues.cmi import fills as module
from core.venues.cmi.fills import FillKey, FillLedger, OwnFill, time_of

NOW_NS = 1_763_721_642_438_180_497


def make_fill(at_ns: int = 0, lots: int = 3, side: int = 1) -> OwnFill:
    return OwnFill(FillKey(NOW_NS + at_ns, 1, 497, lots, side), None)


@pytest.fixture
def ledger() -> FillLedger:
    ledger = FillLedger(None)
    ledger.open()
    return ledger


def test_the_same_list_again_is_no_news(ledger) -> None:
    told = [make_fill(), make_fill(5, lots=2)]
    assert [fill.lots for fill in ledger.book(told)] == [3, 2]
    assert ledger.book(told) == []
    assert ledger.duplicates == 2


def test_two_of_the_same_in_one_list_are_two(ledger) -> None:
    """Two orders of ours, one lot each at one price, hit in the same moment."""
    first, second = ledger.book([make_fill(lots=1), make_fill(lots=1)])
    assert first.trade_id != second.trade_id


def test_as_many_are_booked_as_any_one_list_has_held(ledger) -> None:
    """One told by the stream, then the market's trades show that there were three."""
    assert len(ledger.book([make_fill()])) == 1
    assert ledger.is_doubtful([make_fill()])
    assert ledger.book([make_fill()]) == []
    assert len(ledger.book([make_fill()] * 3)) == 2
    assert ledger.book([make_fill()] * 2) == []


@pytest.mark.parametrize("change", [{"at_ns": 1}, {"lots": 4}, {"side": -1}])
def test_what_differs_in_anything_is_another_one(ledger, change) -> None:
    ledger.book([make_fill()])
    assert not ledger.is_doubtful([make_fill(**change)])
    assert len(ledger.book([make_fill(**change)])) == 1


def test_numbers_grow_with_time_and_fit_a_word(ledger) -> None:
    ids = [fill.trade_id for fill in ledger.book([make_fill(9), make_fill(), make_fill(1)])]
    assert ids == sorted(ids)
    assert 0 < ids[-1] < 2**63
    assert [time_of(number) - NOW_NS for number in ids] == [0, 1, 9]


def test_forty_executions_in_one_nanosecond_have_forty_numbers(ledger) -> None:
    """More than there is room for within it: the rest goes on behind."""
    news = ledger.book([make_fill(lots=lots) for lots in range(1, 41)] + [make_fill(1)])
    assert len({fill.trade_id for fill in news}) == 41


def test_what_was_before_the_account_was_told_is_part_of_its_positions() -> None:
    ledger = FillLedger(None)
    assert ledger.book([make_fill()]) == []
    ledger.open()
    assert ledger.book([make_fill(-7), make_fill()]) == []
    assert len(ledger.book([make_fill(1)])) == 1


def test_after_a_crash_only_what_the_books_lack_is_news(ledger) -> None:
    booked, _ = ledger.book([make_fill(), make_fill(10)])
    later = FillLedger(booked.trade_id)
    assert later.newest_ns == NOW_NS
    (news,) = later.book([make_fill(-5), make_fill(), make_fill(10)])
    assert news.key.ts_ns == NOW_NS + 10


def test_memory_is_bounded_and_what_is_forgotten_is_never_news_again(ledger, monkeypatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 10)
    ledger.book([make_fill(at_ns) for at_ns in range(20)])
    assert ledger.book([make_fill(3)]) == []
    assert ledger.book([make_fill(19)]) == []
    assert len(ledger.book([make_fill(20)])) == 1
