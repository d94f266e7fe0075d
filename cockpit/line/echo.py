"""How long the terminal takes to answer a question."""

from __future__ import annotations

from collections import deque

KEPT = 10
"""Answers that are remembered."""


class Echo:
    """Questions and answers in time, one question at a time. Knows no clock and no terminal."""

    def __init__(self) -> None:
        self.round_trips_s: deque[float] = deque(maxlen=KEPT)
        """Oldest first."""
        self._asked_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether a question has not been answered yet."""
        return self._asked_s is not None

    def ask(self, now_s: float) -> None:
        """Note that a question was put."""
        self._asked_s = now_s

    def answer(self, now_s: float) -> bool:
        """Note an answer. False if nobody had asked: a key may look like one."""
        if self._asked_s is None:
            return False
        self.round_trips_s.append(now_s - self._asked_s)
        self._asked_s = None
        return True

    def waited_s(self, now_s: float) -> float:
        """
        Say how long an answer has been missing; 0 while none is.

        A terminal that has never answered may be one that never will: it is not waited for.
        """
        if self._asked_s is None or not self.round_trips_s:
            return 0.0
        return now_s - self._asked_s
