"""One topic: a chain of sources, of which the best that works is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.feeds.health import STALE_AFTER_S, Newest, SourceHealth, state_of
from core.feeds.judge import tells_nothing
from core.feeds.line import Line
from core.feeds.port import Quantity, Reading, Topic
from core.feeds.stuck import StuckWatch


class Lane:
    """
    Fail-over along a chain, and back.

    A source behind one that works is never asked; one before it is tried again whenever its
    own schedule lets it, and serves again once it works.

    Args:
        lines: In order of preference, at least one, all of one topic.
        now_ns: Wall clock.
        clock: Steady, in seconds.
        stale_after_s: By topic; see `health`.
        stuck_after_s: By quantity; see `stuck`.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        now_ns: Callable[[], int],
        clock: Callable[[], float],
        *,
        stale_after_s: Mapping[Topic, float],
        stuck_after_s: Mapping[Quantity, float],
    ) -> None:
        self._lines = lines
        self._now_ns = now_ns
        self._clock = clock
        self._topic = lines[0].source.topic
        self._stale_after_s = stale_after_s.get(self._topic, STALE_AFTER_S[self._topic])
        self._watch = StuckWatch(stuck_after_s)
        self._newest = Newest()
        self._served = lines[0]

    async def round(self) -> Reading | None:
        """Ask whoever is due until one answers. None where nothing new was told."""
        for line in self._lines:
            if line.schedule.is_due(self._clock()):
                reading = await line.ask()
                if reading is not None:
                    self._served = line
                    return self._take(reading)
            if line.schedule.is_good:
                break
        return None

    def wait_s(self) -> float:
        """Seconds until somebody is due; at least 0."""
        moments = []
        for line in self._lines:
            moments.append(line.schedule.next_s)
            if line.schedule.is_good:
                break
        return max(0.0, min(moments) - self._clock())

    def health(self) -> SourceHealth:
        """See `SourceHealth`."""
        age_s = self._newest.age_s(self._clock())
        serving = self._serving()
        hits = sum(line.hits for line in self._lines)
        requests = sum(line.requests for line in self._lines)
        return SourceHealth(
            topic=self._topic,
            source=serving.source.name,
            state=state_of(
                age_s,
                self._stale_after_s,
                is_served=serving.schedule.is_good,
                has_failed=any(line.last_error for line in self._lines),
            ),
            age_s=age_s,
            last_error=self._trouble(serving),
            hit_rate=hits / (hits + requests) if hits + requests else 0.0,
            requests=requests,
            answers=hits + requests,
            next_try_s=self.wait_s(),
            is_preferred=serving is self._lines[0],
        )

    def _take(self, reading: Reading) -> Reading | None:
        if tells_nothing(reading):
            return None
        self._newest.note(reading, self._now_ns(), self._clock())
        return self._watch.judge(reading)

    def _serving(self) -> Line:
        """The first that works; where none does, whose value was the last."""
        return next((line for line in self._lines if line.schedule.is_good), self._served)

    def _trouble(self, serving: Line) -> str:
        """What is wrong with the sources up to the one that serves."""
        for line in self._lines:
            if line.last_error:
                return line.last_error
            if line is serving:
                break
        return ""
