"""Asks Bavaria's two services for the gauges of a place, one table at a time."""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from core.feeds.common.news import News
from core.feeds.common.service import Service
from core.feeds.common.wire import S_IN_NS
from core.feeds.port import Answer, Place, Reading, Request, Topic
from core.feeds.river.bavaria.codec import ZONE, read_gauge
from core.feeds.river.rounds import Rounds, Turn


class Gauges(Service):
    """
    What the two services share.

    Args:
        place: Its `stations` names gauges as the pages' addresses do.

    Raises:
        ConfigurationError: If it names none.
    """

    topic = Topic.RIVER
    kinds: ClassVar[tuple[str, ...]] = ()

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
            DecodeError: If it is another page than that.
        """
        station = self._rounds.turn.station
        return self._news.only(read_gauge(answer, self.name, station))

    @abstractmethod
    def page(self, turn: Turn, now_ns: int) -> Request:
        """Address of a page."""


class Hnd(Gauges):
    """The flood service: a week by quarters of an hour. Gauges such as `isar/muenchen-16005701`."""

    name = "hnd"
    kinds = ("wasserstand", "abfluss")

    def page(self, turn: Turn, now_ns: int) -> Request:  # noqa: ARG002  it ends now
        """Address of a table."""
        return Request(
            f"https://www.hnd.bayern.de/pegel/{turn.gauge}/tabelle",
            {"methode": turn.kind, "setdiskr": "15"},
        )


class Gkd(Gauges):
    """The hydrological service; it knows temperatures. Gauges such as `muenchen-16005701`."""

    name = "gkd"
    kinds = ("wasserstand", "abfluss", "wassertemperatur")

    def page(self, turn: Turn, now_ns: int) -> Request:
        """Address of a table of yesterday and today."""
        today = datetime.fromtimestamp(now_ns // S_IN_NS, UTC).astimezone(ZONE)
        return Request(
            f"https://www.gkd.bayern.de/de/fluesse/{turn.kind}/bayern/{turn.gauge}"
            "/messwerte/tabelle",
            {
                "beginn": f"{today - timedelta(days=1):%d.%m.%Y}",
                "ende": f"{today:%d.%m.%Y}",
            },
        )
