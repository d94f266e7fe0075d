"""What a source has answered lately."""

from __future__ import annotations

import pytest

from core.feeds.memories import KEPT, Memories
from core.feeds.port import Answer


def answer(**headers: str) -> Answer:
    return Answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, b"", 17)


def test_an_answer_is_asked_about_with_what_it_carried() -> None:
    memories = Memories()
    assert memories.validators("a") == {}
    memories.keep("a", answer(etag='W/"v1"'))
    memories.keep("b", answer(last_modified="Sat, 22 Nov 2025 08:00:00 GMT"))
    assert memories.validators("a") == {"If-None-Match": 'W/"v1"'}
    assert memories.validators("b") == {"If-Modified-Since": "Sat, 22 Nov 2025 08:00:00 GMT"}


def test_what_was_answered_longest_ago_is_forgotten_first() -> None:
    memories = Memories()
    for number in range(KEPT):
        memories.keep(str(number), answer())
    memories.keep("0", answer())
    memories.keep("new", answer())
    assert memories.answer("0") is not None
    assert memories.answer("1") is None


@pytest.mark.parametrize(
    ("asked", "cycle"),
    [("a", 1), ("aaa", 1), ("aba", 2), ("abcabc", 3), ("tbbb", 1), ("abcabcd", 3)],
)
def test_it_learns_after_how_many_requests_the_same_is_asked_again(asked, cycle) -> None:
    memories = Memories()
    assert [memories.cycle(key) for key in asked][-1] == cycle
