"""Which city data the settings ask for, and what is made of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.api.topics import Settlement, no_settlement
from core.assembly.trading import Trading
from core.domain.instrument import Instrument
from core.kernel.state import KernelState
from core.runtime.clock import steady_ns
from core.runtime.life import tell_feeds
from core.runtime.reporter import Reporter
from core.settings.city import CitySettings
from core.settings.credentials import load_city_keys

if TYPE_CHECKING:
    # Loaded only where a city is wanted: draws and HTTP take their time.
    from core.events.profile import Event
    from core.feeds.cache.port import FeedCache
    from core.feeds.desk import FeedDesk
    from core.feeds.fetch import HttpFetcher
    from core.feeds.health import SourceHealth
    from core.feeds.port import Place, Reading, Source
    from core.runtime.city import City, CityFeeds


def steady_s() -> float:
    """Seconds since some moment, those included in which the machine slept."""
    return steady_ns() / 1e9


def make_city(
    wanted: CitySettings,
    instruments: Sequence[Instrument],
    trading: Trading,
    *,
    exchange_session: str = "",
) -> City | None:
    """
    Make the city of one engine; None where neither data nor values are wanted.

    Args:
        wanted: Which one.
        instruments: In the order of the kernel's indexes.
        trading: The engine.
        exchange_session: Names the life of the venue: a simulated city begins with that of
            the practice exchange, behind which it stands.

    Raises:
        ConfigurationError: If place, event, sources or keys do not fit.
    """
    if wanted.feeds == "off" and not wanted.event:
        return None
    from core.events.loader import event_names, load_event
    from core.events.pricer import Pricer
    from core.runtime.city import City
    from core.runtime.valuation import Market, Valuation

    event = load_event(wanted.event) if wanted.event else None
    feeds = _feeds(wanted, event, exchange_session)
    market = Market(instruments, partial(_mids, instruments, trading.state), trading.tell)
    valuation = None
    if event is not None:
        valuation = Valuation(Pricer(event, seed=wanted.seed), feeds, market)
    return City(feeds, valuation, trading.tell, event_names())


def _mids(instruments: Sequence[Instrument], state: KernelState) -> dict[str, float]:
    """Prices halfway between bid and ask, of books that have both."""
    rows = state.instruments
    return {
        str(instrument.symbol): float(row["mid2_ticks"]) / 2 * float(instrument.tick_size)
        for instrument, row in zip(instruments, rows, strict=True)
        if row["bid_lots"][0] > 0 and row["ask_lots"][0] > 0
    }


def beside_city(
    city: City | None, reporter: Reporter
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """List what goes on for a city for the whole life of an engine."""
    return [] if city is None else [city.run, partial(tell_feeds, city.feeds, reporter)]


def no_city() -> Settlement:
    """Make the page of an event for a run without a city."""
    return no_settlement(
        "no city data are read: say --set city.feeds=live (public services) or "
        "--set city.feeds=simulated (no network), and --set city.event=NAME"
    )


def _feeds(wanted: CitySettings, event: Event | None, exchange_session: str) -> CityFeeds:
    if wanted.feeds == "off":
        from core.runtime.no_feeds import NoFeeds

        return NoFeeds()
    from core.assembly.event import make_place

    place = make_place(wanted)
    if wanted.feeds == "simulated":
        from core.exchange.exchange import start_of
        from core.feeds.simulated.city import SimulatedCity
        from core.runtime.simulated_feeds import SimulatedFeeds

        now_ns = time.time_ns()
        began_ns = start_of(exchange_session) or now_ns
        return SimulatedFeeds(
            SimulatedCity(place, wanted.seed),
            event.start_ts_ns if event is not None else began_ns,
            wanted.speed,
            began_ago_s=max(0.0, (now_ns - began_ns) / 1e9),
        )
    return _live(wanted, place)


def _live(wanted: CitySettings, place: Place) -> LiveFeeds:
    from core.assembly.event import wanted_sources
    from core.feeds.cache.memory import MemoryCache
    from core.feeds.cache.redis import RedisCache
    from core.feeds.fetch import HttpFetcher
    from core.feeds.sources import make_sources, usable

    secrets = load_city_keys(wanted).known
    keys = {name: secret.get_secret_value() for name, secret in secrets.items()}
    chains = [
        make_sources(topic, usable(topic, names, place, keys), place, keys)
        for topic, names in wanted_sources(wanted).items()
    ]
    fetcher = HttpFetcher()
    cache: FeedCache = MemoryCache(steady_s)
    if wanted.redis_url:
        password = load_city_keys(wanted).redis_password
        cache = RedisCache(
            wanted.redis_url,
            password=password.get_secret_value() if password is not None else "",
            clock=steady_s,
        )
    return LiveFeeds(chains, fetcher, cache)


class LiveFeeds:
    """
    Public services, asked in their own time.

    Args:
        chains: One for each topic: its sources in order of preference.
        fetcher: Closed with the feeds.
        cache: Closed with them, too.
    """

    is_simulated = False

    def __init__(
        self, chains: Sequence[Sequence[Source]], fetcher: HttpFetcher, cache: FeedCache
    ) -> None:
        self._chains = chains
        self._fetcher = fetcher
        self._cache = cache
        self._desk: FeedDesk | None = None

    @property
    def now_ns(self) -> int:
        """The time of day."""
        return time.time_ns()

    def ours_ns(self, ts_ns: int) -> int:
        """It is the time of day."""
        return ts_ns

    async def run(self, on_reading: Callable[[Reading], None]) -> None:
        """Ask until `close`."""
        from core.feeds.desk import FeedDesk

        self._desk = FeedDesk(
            self._chains,
            self._fetcher,
            cache=self._cache,
            on_reading=on_reading,
            clock=steady_s,
        )
        try:
            await self._desk.run()
        finally:
            await self._fetcher.close()
            await self._cache.close()

    def health(self) -> tuple[SourceHealth, ...]:
        """How each topic is."""
        return self._desk.health() if self._desk is not None else ()

    @property
    def cache_trouble(self) -> str:
        """Sentence on what is wrong with the cache; empty where nothing is."""
        return self._desk.cache_trouble if self._desk is not None else ""

    async def close(self) -> None:
        """End `run`."""
        if self._desk is not None:
            await self._desk.close()
