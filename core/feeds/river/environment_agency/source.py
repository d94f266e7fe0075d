"""Asks England's Environment Agency, which needs no key."""

from __future__ import annotations

from core.feeds.port import Answer, Reading, Request
from core.feeds.river.environment_agency.codec import read_levels
from core.feeds.river.gauges import Gauges
from core.feeds.river.rounds import Turn

HOST = "https://environment.data.gov.uk/flood-monitoring/id/measures"
ROWS = 200
"""Two days of quarters of an hour."""


class EnvironmentAgency(Gauges):
    """Levels of the last two days. Its `stations` are measures, in meters."""

    name = "environment-agency"
    kinds = ("readings",)

    def page(self, turn: Turn, now_ns: int) -> Request:  # noqa: ARG002  it ends now
        """Address of a measure's newest readings."""
        return Request(f"{HOST}/{turn.gauge}/{turn.kind}", {"_sorted": "", "_limit": str(ROWS)})

    def table(self, answer: Answer, turn: Turn) -> Reading:
        """
        Read the levels.

        Raises:
            DecodeError: If they are not what the service documents.
        """
        return read_levels(answer, self.name, turn.station)
