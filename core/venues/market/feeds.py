"""Which feed the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.errors import ConfigurationError
from core.domain.instrument import Instrument
from core.venues.market.port import MarketFeed


def make_feed(venue_name: str, instruments: Sequence[Instrument], *, url: str = "") -> MarketFeed:
    """
    Make the source of a venue's public market data.

    Args:
        venue_name: As `venue.market`.
        instruments: In the order of the kernel's indexes.
        url: Where it is; empty for the venue's public address.

    Raises:
        ConfigurationError: If there is none for this venue.
    """
    del instruments, url
    raise ConfigurationError(f'venue.market = "{venue_name}" has no market data in this version')
