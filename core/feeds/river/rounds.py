"""Takes turns between the gauges of a place and what they measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from core.domain.errors import ConfigurationError
from core.feeds.port import Place

ROUND_S = 900.0
"""Gauges report every quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one request is about."""

    gauge: str
    """As the place writes it."""
    kind: str
    """What is measured, in the service's word."""

    @property
    def station(self) -> str:
        """Number of the gauge: at the end of a page's path, at the beginning of a measure."""
        name = self.gauge.rsplit("/", 1)[-1]
        number = name.rsplit("-", 1)[-1]
        return number if number.isdigit() else name.partition("-level-")[0]


class Rounds:
    """
    Go round, one request each.

    Args:
        place: Its `stations[source]` names the gauges, with commas between several.
        source: Name of the source.
        kinds: What is asked of each.

    Raises:
        ConfigurationError: If the place names none.
    """

    def __init__(self, place: Place, source: str, kinds: Sequence[str]) -> None:
        gauges = [part.strip() for part in place.stations.get(source, "").split(",")]
        self._turns = [Turn(*pair) for pair in product(filter(None, gauges), kinds)]
        if not self._turns:
            raise ConfigurationError(
                f"{place.name}: stations.{source} names no gauge, and {source} does not find "
                "one by coordinates; name one, or take the source out of the list"
            )
        self.interval_s = ROUND_S / len(self._turns)
        self.turn = self._turns[-1]
        """The one of the latest request."""
        self._new = len(self._turns)

    @property
    def is_incomplete(self) -> bool:
        """Whether the first round goes on."""
        return self._new > 0

    def advance(self) -> Turn:
        """Go on to the next."""
        self._new = max(0, self._new - 1)
        at = self._turns.index(self.turn) + 1
        self.turn = self._turns[at % len(self._turns)]
        return self.turn
