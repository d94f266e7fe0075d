"""What a replay can be taken to, and what its viewers have been told by then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from enum import StrEnum

from core.api.notice_log import NoticeLog
from core.domain.memory import IntArray
from core.domain.snapshot import Notice

_MOST_APPENDED = 500
"""Notices added one by one; more of them replace all that were shown, with so many."""


class Mark(StrEnum):
    """What a replay can be taken to."""

    FILL = "fill"
    ORDER = "order"
    """A new order was sent."""
    ALERT = "alert"
    """A warning or an alarm was said."""
    NOTE = "note"
    """A person asked for something, or wrote something down."""


MARK_WORDS = ", ".join(f"{mark.value}, -{mark.value}" for mark in Mark)
"""Marks as places are written."""


def read_mark(where: str) -> tuple[Mark, bool] | None:
    """Which mark is meant, and whether the one before; None if it is another place."""
    name = where.removeprefix("-")
    return (Mark(name), where.startswith("-")) if name in set(Mark) else None


def neighbor(places: Sequence[int] | IntArray, here: int, *, is_back: bool) -> int | None:
    """
    Find the next place, or the one before.

    Args:
        places: Ascending.
        here: Where it is.
        is_back: The one before.

    Returns:
        The place; None if there is none on that side.
    """
    at = bisect_left(places, here) - 1 if is_back else bisect_right(places, here)
    return int(places[at]) if 0 <= at < len(places) else None


class ShownNotices:
    """
    What viewers are told: all that had been said by the place that is shown, and no more.

    Args:
        notices: What viewers read.
        log: Told of every notice as it is played.
    """

    def __init__(self, notices: NoticeLog, log: Callable[[Notice], None]) -> None:
        self._notices = notices
        self._log = log

    def show(self, said: Sequence[Notice], count: int, *, is_played: bool) -> None:
        """
        Bring viewers to where it is.

        Args:
            said: Of the recording, oldest first, numbered from 1.
            count: How many of them had been said.
            is_played: Whether it came there by playing, or by a leap.
        """
        shown = self._notices.last_number
        if shown <= count <= shown + _MOST_APPENDED:
            for notice in said[shown:count]:
                self._notices.append(notice)
                if is_played:
                    self._log(notice)
        else:
            oldest = max(0, count - min(self._notices.capacity, _MOST_APPENDED))
            self._notices.restart(said[oldest:count])
