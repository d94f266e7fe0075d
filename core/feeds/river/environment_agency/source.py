"""Asks England's Environment Agency, which needs no key."""

from __future__ import annotations

from core.feeds.common.news import News
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic
from core.feeds.river.environment_agency.codec import read_levels
from core.feeds.river.rounds import Rounds

HOST = "https://environment.data.gov.uk/flood-monitoring/id/measures"
ROWS = 200
"""Two days of quarters of an hour."""


class EnvironmentAgency(Service):
    """
    Levels of the last two days.

    Args:
        place: Its `stations["environment-agency"]` names measures, in meters.

    Raises:
        ConfigurationError: If it names none.
    """

    name = "environment-agency"
    topic = Topic.RIVER

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._rounds = Rounds(place, self.name, ("readings",))
        self._news = News()
        self.interval_s = self._rounds.interval_s

    @property
    def is_incomplete(self) -> bool:
        """Whether the first round goes on."""
        return self._rounds.is_incomplete

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  it ends now
        """Make the next request."""
        turn = self._rounds.advance()
        return Request(f"{HOST}/{turn.gauge}/{turn.kind}", {"_sorted": "", "_limit": str(ROWS)})

    def read(self, answer: Answer) -> Reading:
        """
        Read the levels.

        Raises:
            DecodeError: If they are not what the service documents.
        """
        return self._news.only(read_levels(answer, self.name, self._rounds.turn.station))
