"""
A simulated city behind the market: what an event's products will settle at, as news come.

The same city that an engine with `city.feeds = "simulated"` hears of. Bots know at once what
a reading makes of a product; who reads the city as well may be before the makers, who lag.
"""

from __future__ import annotations

from core.domain.errors import ConfigurationError
from core.events.loader import load_event
from core.events.pricer import Pricer
from core.exchange.config import CityConfig
from core.feeds.places import PLACES
from core.feeds.simulated.city import SimulatedCity

_DRAWS = 400
"""The mean of fewer draws than the engine's: what is left of chance is noise in the market."""


class CityValues:
    """
    Values of an event's products, at a city time that goes on with the exchange's.

    Args:
        config: Which city and event.
        start_ts_ns: Exchange time at which the event's window opens.

    Raises:
        ConfigurationError: If there is no such event or city.
    """

    def __init__(self, config: CityConfig, start_ts_ns: int) -> None:
        if config.place not in PLACES:
            raise ConfigurationError(
                f"city {config.place} is not simulated; known: {', '.join(sorted(PLACES))}"
            )
        event = load_event(config.event)
        self._city = SimulatedCity(PLACES[config.place], config.seed)
        self._pricer = Pricer(event, draws=_DRAWS, seed=config.seed)
        self._start_ts_ns = start_ts_ns
        self._speed = config.speed
        self._opens_ts_ns = event.start_ts_ns
        self._is_fitted = False

    def advance(self, ts_ns: int) -> dict[str, float]:
        """
        Let time pass.

        Args:
            ts_ns: Exchange time.

        Returns:
            Prices by symbol of the products that have a value, if anything is new; empty
            otherwise.
        """
        elapsed_ns = (ts_ns - self._start_ts_ns) * self._speed
        now_ns = self._opens_ts_ns + int(elapsed_ns)
        if not self._pricer.take(self._city.advance(now_ns)):
            return {}
        if not self._is_fitted:
            # Once, before anybody is there: it takes longer than a book may wait.
            self._is_fitted = True
            self._pricer.refit(now_ns + 1)
        return {value.symbol: value.expected for value in self._pricer.values()}
