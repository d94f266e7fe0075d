"""What an engine trades: one venue, or several, each with its account and its products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.assembly.account import account_lease
from core.assembly.venue import find_address, make_venue
from core.domain.enums import Mode
from core.domain.errors import ConfigurationError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.domain.records import MAX_VENUES
from core.exchange.process import ExchangeAddress, PracticeExchange
from core.runtime.lease import Lease
from core.runtime.recovery import LastRun
from core.settings.instruments import InstrumentSettings, load_instruments
from core.settings.loader import load_settings
from core.settings.model import Settings
from core.venues.port import Venue
from core.venues.several.venue import SeveralVenues

_STARTED_HERE = ("practice", "cmi")
"""Kinds that may start an exchange in the run directory, which has room for one."""


@dataclass(frozen=True, slots=True)
class Market:
    """One venue, and what is traded there."""

    name: str
    """Profile that describes it."""
    settings: Settings
    """Of that profile; only what concerns the venue and its products counts."""
    entries: tuple[InstrumentSettings, ...]
    instruments: tuple[Instrument, ...]
    """With the venue's own symbols."""


@dataclass(frozen=True, slots=True)
class Place:
    """A market that was found, and our right to trade there."""

    market: Market
    address: ExchangeAddress
    lease: Lease


def markets_of(settings: Settings) -> tuple[Market, ...]:
    """
    Read what the settings want to be traded.

    Args:
        settings: Of the run. `venue.kind = "several"` names profiles, each of which brings
            its venue and its products; everything else stays as these settings say.

    Raises:
        ConfigurationError: If a profile cannot be used as a part.
    """
    if settings.venue.kind != "several":
        return (_market(settings.profile, settings),)
    names = settings.venue.parts
    if not 2 <= len(names) <= MAX_VENUES:
        raise ConfigurationError(
            f'venue.parts names {len(names)} profiles: kind = "several" needs 2 to {MAX_VENUES}'
        )
    markets = tuple(_market(name, load_settings(name).settings) for name in names)
    for market in markets:
        _check_part(market, settings)
    started = [market.name for market in markets if market.settings.venue.kind in _STARTED_HERE]
    if len(started) > 1:
        raise ConfigurationError(
            f"venue.parts names {' and '.join(started)}, which both start an exchange here; "
            "leave one of them out"
        )
    return markets


def engine_instruments(markets: Sequence[Market]) -> tuple[Instrument, ...]:
    """List what is traded anywhere; a symbol that two venues have bears the venue's name, too."""
    counts = Counter(item.symbol for market in markets for item in market.instruments)
    labels = _labels(markets)

    def name(number: int, symbol: Symbol) -> Symbol:
        return Symbol(f"{symbol}@{labels[number]}") if counts[symbol] > 1 else symbol

    return tuple(
        replace(item, venue=number, symbol=name(number, item.symbol))
        for number, market in enumerate(markets)
        for item in market.instruments
    )


def _labels(markets: Sequence[Market]) -> list[str]:
    """Short names of the markets: those of the venues, or of the profiles where two are alike."""
    venues = [market.settings.venue for market in markets]
    short = [venue.market.removeprefix("ccxt:") or venue.kind for venue in venues]
    is_told_apart = len({name[:2] for name in short}) == len(short)
    return short if is_told_apart else [market.name for market in markets]


class Places:
    """
    The markets of a run: found, leased, and left in order.

    Args:
        markets: From `markets_of`.
        run_dir: Where an exchange that is started has its place.
    """

    def __init__(self, markets: Sequence[Market], run_dir: Path) -> None:
        self._run_dir = run_dir
        self._exchanges = [
            (market, PracticeExchange(run_dir, market.settings)) for market in markets
        ]
        self._places: list[Place] = []

    def begin(self) -> None:
        """Start what has to be started, so that it comes up beside the engine."""
        for _, exchange in self._exchanges:
            exchange.begin()

    async def take(self, run_id: RunId) -> None:
        """
        Find every venue and take every account.

        Raises:
            FatalError: If one cannot be had; none is kept then.
        """
        try:
            for market, exchange in self._exchanges:
                venue = market.settings.venue
                address = await find_address(venue, exchange)
                account = account_lease(venue, address.url, self._run_dir)
                lease = account.acquire(run_id, self._run_dir)
                self._places.append(Place(market, address, lease))
        except BaseException:
            self._release()
            raise

    async def leave(self, *, in_order: bool) -> None:
        """Give the accounts back; after an orderly end stop what was started here, too."""
        over: list[Lease] = []
        try:
            for place, (_, exchange) in zip(self._places, self._exchanges, strict=True):
                if place.address.is_ours and in_order:
                    await exchange.stop()
                    over.append(place.lease)
        finally:
            self._release(over)

    async def abandon(self) -> None:
        """End exchanges that were started for a run that did not come about."""
        for _, exchange in self._exchanges:
            await exchange.abandon()

    def is_held(self) -> bool:
        """Whether every account is still ours."""
        return all(place.lease.is_held() for place in self._places)

    @property
    def url(self) -> str:
        """Where the venues answer, one after another."""
        return " ".join(place.address.url for place in self._places)

    @property
    def session(self) -> str:
        """Names the lives of the accounts; empty if one of them has no past."""
        sessions = [place.address.session for place in self._places]
        return " ".join(sessions) if all(sessions) else ""

    @property
    def tokens(self) -> list[int]:
        """Fencing tokens, one a venue."""
        return [place.lease.token for place in self._places]

    def venue(self, run_id: RunId, last: LastRun | None) -> Venue:
        """
        Make the adapter, or one that is made of several.

        Args:
            run_id: Marks the orders of this run.
            last: What the run before this one left at the same accounts; None without one.
        """
        venues = [self._make(number, run_id, last) for number in range(len(self._places))]
        if len(venues) == 1:
            return venues[0]
        instruments = [place.market.instruments for place in self._places]
        return SeveralVenues(list(zip(venues, instruments, strict=True)))

    def _make(self, number: int, run_id: RunId, last: LastRun | None) -> Venue:
        place = self._places[number]
        return make_venue(
            place.market.settings.venue,
            place.address,
            run_id,
            place.market.instruments,
            executions_after=last.last_trade_ids[number] if last else None,
            positions=self._positions(number, last),
            lease=place.lease.token,
        )

    def _positions(self, number: int, last: LastRun | None) -> Sequence[int]:
        if last is None:
            return ()
        first = sum(len(place.market.instruments) for place in self._places[:number])
        return last.positions[first : first + len(self._places[number].market.instruments)]

    def _release(self, over: Sequence[Lease] = ()) -> None:
        for place in self._places:
            place.lease.release(forget=place.lease in over)
        self._places.clear()


def _market(name: str, settings: Settings) -> Market:
    entries = load_instruments(settings.instruments.file)
    return Market(name, settings, entries, tuple(entry.to_instrument() for entry in entries))


def _check_part(market: Market, whole: Settings) -> None:
    kind = market.settings.venue.kind
    if kind in ("several", "recorded"):
        raise ConfigurationError(
            f'venue.parts names {market.name}, whose venue.kind = "{kind}" is no venue to trade at'
        )
    if market.settings.mode is Mode.LIVE:
        raise ConfigurationError(
            f"venue.parts names {market.name}, which trades real money: that takes an engine "
            "of its own, started with --live"
        )
    theirs, ours = market.settings.account.currency, whole.account.currency
    if theirs != ours:
        raise ConfigurationError(
            f"venue.parts names {market.name}, which counts in {theirs}, and this profile counts "
            f"in {ours}: one engine counts in one currency, so take products that do"
        )
