"""What an engine trades: one venue, or several, each with its account and its products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.enums import Mode
from core.domain.errors import ConfigurationError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.records import MAX_VENUES
from core.settings.instruments import InstrumentSettings, load_instruments
from core.settings.loader import load_settings
from core.settings.model import Settings

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
