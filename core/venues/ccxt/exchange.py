"""The part of ccxt that is used, and how the library is found and opened."""

from __future__ import annotations

import asyncio
import importlib
from difflib import get_close_matches
from typing import Any, Protocol

from core.domain.errors import ConfigurationError

INSTALL = 'ccxt is not installed: pip install "imc-cockpit[ccxt]"'


class Exchange(Protocol):
    """
    One venue, as `ccxt.pro` has it; prices and sizes are floats there.

    Source: https://docs.ccxt.com/#/ccxt.pro.manual
    """

    has: dict[str, Any]
    markets: dict[str, dict[str, Any]]

    async def load_markets(self) -> Any:
        """Fetch what is traded there; everything else needs it."""
        ...

    async def watch_order_book(self, symbol: str) -> dict[str, Any]:
        """Wait for the book to change, and return all of it: `bids`, `asks`, `timestamp`."""
        ...

    async def watch_trades(self, symbol: str) -> list[dict[str, Any]]:
        """Wait for trades, and return those that are new."""
        ...

    def price_to_precision(self, symbol: str, price: float) -> str:
        """Write a price with the decimals that the venue gives it."""
        ...

    def amount_to_precision(self, symbol: str, amount: float) -> str:
        """Write a size with the decimals that the venue gives it."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...


async def open_exchange(exchange_id: str) -> Exchange:
    """
    Open a venue by its id in ccxt, without a login.

    The library takes a second to import and 80 MB, so it is imported here and nowhere
    else, and beside the loop.

    Raises:
        ConfigurationError: If ccxt is not installed, has no such venue, or no live books of it.
    """
    try:
        pro = await asyncio.to_thread(importlib.import_module, "ccxt.pro")
    except ImportError:
        raise ConfigurationError(INSTALL) from None
    known: list[str] = list(pro.exchanges)
    if exchange_id not in known:
        near = get_close_matches(exchange_id, known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigurationError(f"ccxt has no live data of {exchange_id!r}{hint}")
    # `newUpdates`: each call returns what is new, instead of a growing list.
    exchange: Exchange = getattr(pro, exchange_id)({"newUpdates": True})
    if not exchange.has.get("watchOrderBook"):
        await exchange.close()
        raise ConfigurationError(f"ccxt has no live books of {exchange_id}; take another venue")
    return exchange
