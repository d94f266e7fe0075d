"""One side of a book."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.venues.common import ladder as ladder_module
from core.venues.common.ladder import Ladder


def make_ladder(*, is_bid: bool) -> Ladder:
    ladder = Ladder(is_bid=is_bid)
    ladder.reset([(101, 4), (99, 7), (104, 2)])
    return ladder


def test_the_best_comes_first() -> None:
    assert make_ladder(is_bid=True).top() == [(104, 2), (101, 4), (99, 7)]
    assert make_ladder(is_bid=False).top() == [(99, 7), (101, 4), (104, 2)]
    assert make_ladder(is_bid=True).best() == 104
    assert make_ladder(is_bid=False).best() == 99


def test_an_empty_side_has_no_best() -> None:
    assert Ladder(is_bid=True).best() == 0
    assert Ladder(is_bid=False).top() == []


def test_levels_change_come_and_go() -> None:
    ladder = make_ladder(is_bid=False)
    ladder.set(101, 9)
    ladder.set(100, 1)
    ladder.set(99, 0)
    assert ladder.top() == [(100, 1), (101, 9), (104, 2)]
    assert len(ladder) == 3


def test_removing_what_is_not_there_does_nothing() -> None:
    ladder = make_ladder(is_bid=True)
    ladder.set(100, 0)
    assert len(ladder) == 3


def test_a_reset_forgets_what_was() -> None:
    ladder = make_ladder(is_bid=True)
    ladder.reset([(50, 1)])
    assert ladder.top() == [(50, 1)]


@pytest.mark.parametrize("levels", [[(5, 0)], [(5, 1), (5, 2)]])
def test_impossible_levels_are_refused(levels) -> None:
    with pytest.raises(DecodeError, match="empty or listed twice"):
        Ladder(is_bid=True).reset(levels)


def test_a_side_without_end_is_refused(monkeypatch) -> None:
    """Somebody could otherwise fill our memory one level at a time."""
    monkeypatch.setattr(ladder_module, "MAX_LEVELS", 3)
    ladder = make_ladder(is_bid=True)
    with pytest.raises(DecodeError, match="more than 3 levels"):
        ladder.set(98, 1)
    with pytest.raises(DecodeError, match="more than 3 levels"):
        ladder.reset([(1, 1), (2, 1), (3, 1), (4, 1)])
