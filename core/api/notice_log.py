"""The last things that happened, for viewers that come late or fall behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from core.api.client import Notices
from core.domain.snapshot import Notice

REMEMBERED_NOTICES = 2_000


class NoticeLog:
    """
    Ring of numbered notices. Numbers start at 1 and have no gaps.

    Every reader keeps the number it has read up to, so a slow one costs nothing.
    """

    def __init__(self, capacity: int = REMEMBERED_NOTICES) -> None:
        self._notices: deque[Notice] = deque(maxlen=capacity)
        self._capacity = capacity
        self._last_number = 0
        self.generation = 0
        """Grows when what has been said is taken back: what was read before counts no more."""

    @property
    def capacity(self) -> int:
        """How many notices are remembered."""
        return self._capacity

    @property
    def last_number(self) -> int:
        """Number of the newest notice; 0 before the first."""
        return self._last_number

    @property
    def before_first(self) -> int:
        """Where a new reader starts: the number before the oldest notice remembered."""
        return self._last_number - len(self._notices)

    def append(self, notice: Notice) -> Notice:
        """Number a notice, whatever number it carries, and keep it."""
        self._last_number += 1
        numbered = replace(notice, number=self._last_number)
        self._notices.append(numbered)
        return numbered

    def restart(self, notices: Sequence[Notice]) -> None:
        """
        Forget everything and remember these instead; readers begin anew.

        Args:
            notices: Numbered without gaps, oldest first; the newest that fit are kept.
        """
        self._notices.clear()
        self._notices.extend(notices)
        self._last_number = notices[-1].number if notices else 0
        self.generation += 1

    def since(self, number: int, limit: int = REMEMBERED_NOTICES) -> Notices:
        """Notices after `number`, at most `limit`, and how many of them are forgotten."""
        new = self._last_number - number
        if new <= 0:
            return Notices(())
        missed = max(0, new - len(self._notices))
        first = max(0, len(self._notices) - new)
        return Notices(tuple(islice(self._notices, first, first + limit)), missed)
