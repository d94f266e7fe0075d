"""Asks PEGELONLINE, which needs no key and knows federal waterways alone: not the Isar."""

from __future__ import annotations

from core.feeds.port import Answer, Reading, Request
from core.feeds.river.gauges import Gauges
from core.feeds.river.pegelonline.codec import read_levels
from core.feeds.river.rounds import Turn

HOST = "https://www.pegelonline.wsv.de/webservices/rest-api/v2/stations"


class Pegelonline(Gauges):
    """Levels of the last two days. Its `stations` are gauges by number, name or UUID."""

    name = "pegelonline"
    kinds = ("W",)

    def page(self, turn: Turn, now_ns: int) -> Request:  # noqa: ARG002  it ends now
        """Address of a gauge's measurements."""
        return Request(f"{HOST}/{turn.gauge}/{turn.kind}/measurements.json", {"start": "P2D"})

    def table(self, answer: Answer, turn: Turn) -> Reading:
        """
        Read the levels.

        Raises:
            DecodeError: If they are not what the service documents.
        """
        return read_levels(answer, self.name, turn.gauge)
