"""What a source has answered lately, for asking whether it has changed."""

from __future__ import annotations

from collections import deque

from core.feeds.port import Answer

KEPT = 16
"""Different requests of one source: gauges times what each measures."""

_VALIDATORS = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))


class Memories:
    """The newest good answer to each of a source's requests, and in which order it asks them."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}
        self._asked: deque[str] = deque(maxlen=KEPT)
        self._cycle = 1

    def keep(self, key: str, answer: Answer) -> None:
        """Remember a good answer."""
        self._answers.pop(key, None)
        self._answers[key] = answer
        if len(self._answers) > KEPT:
            del self._answers[next(iter(self._answers))]

    def answer(self, key: str) -> Answer | None:
        """Recall the newest good answer."""
        return self._answers.get(key)

    def validators(self, key: str) -> dict[str, str]:
        """Headers that make a request conditional (RFC 9110, 13.1); empty for the first."""
        known = self._answers.get(key)
        if known is None:
            return {}
        return {name: known.headers[kept] for kept, name in _VALIDATORS if kept in known.headers}

    def cycle(self, key: str) -> int:
        """
        Note a request, and learn after how many the source asks the same again.

        One that takes turns between three pages wants each every third interval, and so long
        its answer is good for others too.
        """
        if key in self._asked:
            self._cycle = list(reversed(self._asked)).index(key) + 1
        self._asked.append(key)
        return self._cycle
