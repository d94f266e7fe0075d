"""What sources of rivers share: they take turns between gauges, and tell a table's news once."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from core.feeds.common.news import News
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic
from core.feeds.river.rounds import Rounds, Turn


class Gauges(Service):
    """
    The gauges of a place, one table at a time.

    Args:
        place: Its `stations` names them, as the service does.

    Raises:
        ConfigurationError: If it names none.
    """

    topic = Topic.RIVER
    kinds: ClassVar[tuple[str, ...]] = ()
    """What is asked of each gauge, in the service's words."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._rounds = Rounds(place, self.name, self.kinds)
        self._news = News()
        self.interval_s = self._rounds.interval_s

    @property
    def is_incomplete(self) -> bool:
        """Whether the first round goes on."""
        return self._rounds.is_incomplete

    def request(self, now_ns: int) -> Request:
        """Make the next request: of the next gauge, or of the next thing it measures."""
        return self.page(self._rounds.advance(), now_ns)

    def read(self, answer: Answer) -> Reading:
        """
        Read what the latest request asked for.

        Raises:
            DecodeError: If it is not what the service documents.
        """
        return self._news.only(self.table(answer, self._rounds.turn))

    @abstractmethod
    def page(self, turn: Turn, now_ns: int) -> Request:
        """Address of a table."""

    @abstractmethod
    def table(self, answer: Answer, turn: Turn) -> Reading:
        """
        Read a whole table.

        Raises:
            DecodeError: If it is not what the service documents.
        """
