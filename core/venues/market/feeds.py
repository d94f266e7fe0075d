"""Which venues have public market data, and how to listen to one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from core.domain.errors import ConfigurationError
from core.domain.instrument import Instrument
from core.venues.market.client import LiveFeed
from core.venues.market.port import MarketFeed
from core.venues.market.profile import VenueProfile

VENUES = ("binance", "kraken", "coinbase", "bybit", "hyperliquid")
CCXT = "ccxt:"
"""Before the name of a venue of that library: ccxt:okx."""


def profile_of(venue_name: str) -> VenueProfile:
    """
    What is known of a venue. Imports that venue's package and no other's.

    Raises:
        ConfigurationError: If there is no such venue.
    """
    match venue_name:
        case "binance":
            from core.venues.binance.market import session as binance

            return binance.PROFILE
        case "kraken":
            from core.venues.kraken.market import session as kraken

            return kraken.PROFILE
        case "coinbase":
            from core.venues.coinbase.market import session as coinbase

            return coinbase.PROFILE
        case "bybit":
            from core.venues.bybit.market import session as bybit

            return bybit.PROFILE
        case "hyperliquid":
            from core.venues.hyperliquid.market import session as hyperliquid

            return hyperliquid.PROFILE
    near = get_close_matches(venue_name, VENUES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ConfigurationError(
        f"no market data of {venue_name!r}; there is {', '.join(VENUES)}, and ccxt:NAME{hint}"
    )


def make_feed(venue_name: str, instruments: Sequence[Instrument], *, url: str = "") -> MarketFeed:
    """
    Make the feed of a venue's public market data.

    Args:
        venue_name: One of `VENUES`, or one of ccxt as `ccxt:okx`.
        instruments: In the order of the kernel's indexes; their symbols are the venue's own:
            BTCUSDT, BTC/USD, BTC-USD, BTC.
        url: Address of the venue; empty for the public one.

    Raises:
        ConfigurationError: If there is no such venue, or the address is not one.
    """
    if venue_name.startswith(CCXT):
        from core.venues.ccxt.feed import CcxtFeed

        return CcxtFeed(venue_name.removeprefix(CCXT), instruments)
    return LiveFeed(profile_of(venue_name), instruments, url=url)
