"""One budget for everything: who goes first, and when."""

from __future__ import annotations

import itertools

import pytest

from core.venues.cmi.requests import Budget, Kind, Request, Urgency


def make_request(urgency: Urgency, name: str = "") -> Request:
    return Request(Kind.BOOK, urgency, "GET", f"/{name}")


def take_all(budget: Budget, until_s: float, step_s: float = 0.01) -> list[tuple[float, str]]:
    taken = []
    for tick in range(round(until_s / step_s) + 1):
        while (request := budget.take(tick * step_s)) is not None:
            taken.append((tick * step_s, request.path))
    return taken


def test_two_requests_are_never_closer_than_the_exchange_allows() -> None:
    budget = Budget(2.0)
    for number in range(9):
        budget.add(make_request(Urgency.PLACE, str(number)))
    times = [at_s for at_s, _ in take_all(budget, 3.0)]
    assert len(times) == 6
    assert all(later - earlier >= 0.5 for earlier, later in itertools.pairwise(times))


def test_an_idle_minute_saves_up_nothing() -> None:
    budget = Budget(1.0)
    for number in range(3):
        budget.add(make_request(Urgency.PLACE, str(number)))
    assert budget.take(60.0) is not None
    assert budget.take(60.5) is None


def test_cancels_and_reductions_go_first_then_who_came_first() -> None:
    budget = Budget(100.0)
    for urgency, name in (
        (Urgency.WATCH, "poll"),
        (Urgency.PLACE, "best"),
        (Urgency.PLACE, "second"),
        (Urgency.REDUCE, "reduce"),
        (Urgency.ASK, "ask"),
        (Urgency.CANCEL, "cancel"),
    ):
        budget.add(make_request(urgency, name))
    paths = [path for _, path in take_all(budget, 1.0)]
    assert paths == ["/cancel", "/reduce", "/ask", "/best", "/second", "/poll"]


def test_what_is_put_back_goes_before_its_equals() -> None:
    budget = Budget(100.0)
    budget.add(make_request(Urgency.PLACE, "first"))
    budget.add(make_request(Urgency.PLACE, "second"))
    taken = budget.take(0.0)
    assert taken is not None
    budget.put_back(taken)
    assert [path for _, path in take_all(budget, 1.0)] == ["/first", "/second"]


def test_pauses_after_429_grow_and_end_with_an_answer() -> None:
    budget = Budget(10.0)
    assert [budget.back_off(0.0) for _ in range(4)] == [1.0, 2.0, 4.0, 4.0]
    budget.add(make_request(Urgency.CANCEL))
    assert budget.take(3.99) is None
    assert budget.due_s() == pytest.approx(4.0)
    assert budget.take(4.0) is not None
    budget.served()
    assert budget.back_off(10.0) == 1.0


def test_what_was_not_sent_does_not_count() -> None:
    budget = Budget(1.0)
    budget.add(make_request(Urgency.PLACE))
    budget.add(make_request(Urgency.PLACE))
    budget.take(0.0)
    budget.refund()
    assert budget.take(0.0) is not None
    assert budget.sent == 1


def test_requests_can_be_taken_back() -> None:
    budget = Budget(1.0)
    budget.add(make_request(Urgency.PLACE, "a"))
    budget.add(make_request(Urgency.CANCEL, "b"))
    assert [request.path for request in budget.drop(lambda r: r.path == "/a")] == ["/a"]
    assert len(budget) == 1
    assert not budget.has(lambda request: request.path == "/a")
