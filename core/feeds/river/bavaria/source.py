"""Asks Bavaria's two services for the gauges of a place, one table at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.feeds.common.wire import S_IN_NS
from core.feeds.port import Answer, Reading, Request
from core.feeds.river.bavaria.codec import ZONE, read_gauge
from core.feeds.river.gauges import Gauges
from core.feeds.river.rounds import Turn


class Bavaria(Gauges):
    """What the two services share: tables of one kind."""

    def table(self, answer: Answer, turn: Turn) -> Reading:
        """
        Read a page.

        Raises:
            DecodeError: If it is another page than that.
        """
        return read_gauge(answer, self.name, turn.station)


class Hnd(Bavaria):
    """The flood service: a week by quarters of an hour. Gauges such as `isar/muenchen-16005701`."""

    name = "hnd"
    kinds = ("wasserstand", "abfluss")

    def page(self, turn: Turn, now_ns: int) -> Request:  # noqa: ARG002  it ends now
        """Address of a table."""
        return Request(
            f"https://www.hnd.bayern.de/pegel/{turn.gauge}/tabelle",
            {"methode": turn.kind, "setdiskr": "15"},
        )


class Gkd(Bavaria):
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
