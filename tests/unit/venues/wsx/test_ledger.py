"""The ledger: nothing booked twice, nothing believed that is not whole."""

from __future__ import annotations

import pytest

from core.venues.wsx.ledger import Ledger, News


def settled(seq: int = 7, last_trade_id: int = 100) -> Ledger:
    ledger = Ledger(None)
    ledger.connect()
    assert ledger.settle(seq, last_trade_id, heard=0, repeated=0) == ""
    return ledger


def book(ledger: Ledger, trade_id: int, *, repeated: bool = False, whole: bool = True) -> bool:
    return ledger.book(trade_id, is_repeated=repeated, is_whole=whole)


def test_a_number_is_next_old_or_ahead() -> None:
    ledger = settled(seq=7)
    assert [ledger.place(seq) for seq in (8, 8, 3, 10, 9, 10)] == [
        News.NEXT, News.OLD, News.OLD, News.AHEAD, News.NEXT, News.NEXT,
    ]  # fmt: skip


def test_what_has_no_number_always_passes() -> None:
    assert [settled().place(0) for _ in range(2)] == [News.NEXT] * 2


def test_behind_is_who_has_not_heard_the_last_number() -> None:
    ledger = settled(seq=7)
    assert [ledger.is_behind(seq) for seq in (6, 7, 8)] == [False, False, True]


def test_an_execution_is_booked_once_however_it_comes() -> None:
    ledger = settled(last_trade_id=100)
    assert not book(ledger, 100)
    assert book(ledger, 103, whole=False)
    assert not book(ledger, 103, repeated=True, whole=False)
    assert book(ledger, 101, repeated=True, whole=False)
    assert not book(ledger, 101)
    assert ledger.last_trade_id == 100


def test_only_what_is_whole_moves_the_last_one_known() -> None:
    ledger = settled(last_trade_id=100)
    book(ledger, 101)
    book(ledger, 105, whole=False)
    assert ledger.last_trade_id == 101
    ledger.settle(9, 105, heard=0, repeated=0)
    assert ledger.last_trade_id == 105
    assert not book(ledger, 105)


def test_a_new_connection_keeps_the_executions_and_forgets_the_numbers() -> None:
    ledger = settled(seq=7, last_trade_id=100)
    book(ledger, 102, whole=False)
    ledger.connect()
    assert ledger.last_trade_id == 100
    assert not book(ledger, 102)
    assert ledger.place(1) is News.NEXT


@pytest.mark.parametrize(
    ("seq", "heard", "complaint"),
    [(12, 1, "1 of 2 executions arrived"), (9, 2, "older than message 10"), (10, 2, "")],
)
def test_a_state_that_misses_something_is_not_taken_over(seq, heard, complaint) -> None:
    ledger = settled(seq=7)
    ledger.place(10)
    assert complaint in ledger.settle(seq, 100, heard=heard, repeated=2)
    assert ledger.is_behind(8) == bool(complaint)


def test_repetitions_are_counted_for_one_state_each() -> None:
    ledger = settled()
    book(ledger, 90, repeated=True)
    book(ledger, 101, repeated=True, whole=False)
    book(ledger, 102)
    assert ledger.end_repetition() == 2
    assert ledger.end_repetition() == 0
    book(ledger, 90, repeated=True)
    ledger.ask(is_first=False)
    assert ledger.end_repetition() == 0


def test_answers_count_from_the_first_request_for_the_same_reason() -> None:
    ledger = settled()
    first = ledger.ask(is_first=True)
    again = ledger.ask(is_first=False)
    assert [ledger.is_answer(nonce) for nonce in (0, first, again)] == [False, True, True]
    ledger.connect()
    assert ledger.is_answer(0)
