"""The ring of notices."""

from __future__ import annotations

from core.api.notice_log import NoticeLog
from core.domain.snapshot import Notice


def filled(count: int, capacity: int = 5) -> NoticeLog:
    log = NoticeLog(capacity)
    for number in range(1, count + 1):
        log.append(Notice(0, number * 10, "fill", "info", f"text {number}"))
    return log


def numbers(log: NoticeLog, since: int, limit: int = 100) -> list[int]:
    return [notice.number for notice in log.since(since, limit).notices]


def test_numbers_start_at_one_and_have_no_gaps() -> None:
    assert numbers(filled(4), 0) == [1, 2, 3, 4]


def test_append_returns_the_numbered_notice() -> None:
    log = filled(2)
    assert log.append(Notice(99, 30, "fill", "info", "x")).number == 3
    assert log.last_number == 3


def test_a_reader_gets_what_is_new_to_it() -> None:
    assert numbers(filled(4), 3) == [4]
    assert filled(4).since(2).notices[0].text == "text 3"


def test_a_reader_that_is_up_to_date_gets_nothing() -> None:
    """Nor does one that claims to be ahead."""
    assert numbers(filled(4), 4) == []
    assert numbers(filled(4), 9) == []


def test_an_overtaken_reader_learns_how_many_it_missed() -> None:
    log = filled(9)
    assert log.since(1).missed == 3
    assert numbers(log, 1) == [5, 6, 7, 8, 9]
    assert log.since(4).missed == 0


def test_a_new_reader_has_missed_nothing() -> None:
    """What was forgotten before it came is not its loss."""
    log = filled(9)
    start = log.before_first
    assert log.since(start).missed == 0
    assert numbers(log, start) == [5, 6, 7, 8, 9]
    assert NoticeLog().before_first == 0


def test_a_limited_batch_is_continued_without_gap_or_repeat() -> None:
    log = filled(9)
    assert numbers(log, 1, limit=2) == [5, 6]
    assert numbers(log, 6, limit=2) == [7, 8]
    assert log.since(6, 2).missed == 0


def test_a_restart_takes_back_what_was_said() -> None:
    """Numbers go on from those given, and readers can tell that they have to begin anew."""
    log = filled(9)
    before = log.generation
    log.restart(filled(3).since(1).notices)
    assert log.generation == before + 1
    assert (log.before_first, log.last_number) == (1, 3)
    assert numbers(log, 1) == [2, 3]
    assert log.append(Notice(0, 70, "fill", "info", "again")).number == 4


def test_a_restart_with_nothing_begins_at_one_again() -> None:
    log = filled(9)
    log.restart(())
    assert (log.before_first, log.last_number) == (0, 0)
    assert log.append(Notice(0, 70, "fill", "info", "first")).number == 1


def test_a_restart_keeps_the_newest_that_fit() -> None:
    log = NoticeLog(2)
    log.restart(filled(4).since(0).notices)
    assert numbers(log, log.before_first) == [3, 4]
    assert log.capacity == 2
