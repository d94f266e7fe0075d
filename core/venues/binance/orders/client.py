"""A Binance spot account as the orders of a venue."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.venues.binance.orders.session import BinanceSession
from core.venues.binance.orders.signing import signer_of
from core.venues.common.session_client import SessionClient
from core.venues.port import VenueAbilities

URLS = {
    "testnet": "wss://ws-api.testnet.binance.vision/ws-api/v3?returnRateLimits=false",
    "live": "wss://ws-api.binance.com:443/ws-api/v3?returnRateLimits=false",
}
MARKET_URLS = {"testnet": "wss://stream.testnet.binance.vision/stream", "live": ""}
"""Where the market data of a network are; empty for the public ones."""

ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=True)


def make_orders(
    run_id: RunId,
    instruments: Sequence[Instrument],
    *,
    api_key: str,
    secret: str,
    network: str,
    url: str = "",
    executions_after: int | None = None,
    positions: Sequence[int] = (),
    counts_all: bool = False,
    fee_rates: Mapping[str, Decimal] | None = None,
) -> SessionClient:
    """
    Make the client of one account.

    Args:
        run_id: Marks the orders of this run.
        instruments: In the order of the kernel's indexes.
        api_key: Names the account.
        secret: An HMAC secret, or an Ed25519 private key; see `signer_of`.
        network: `testnet` or `live`.
        url: Empty for the public address of the network.
        executions_after: Number of the last execution that is booked; None for none.
        positions: Lots that earlier runs left, by instrument.
        counts_all: All coins of the account are the position.
        fee_rates: Worth of one unit of other assets that fees are paid in.

    Raises:
        ConfigurationError: If the secret cannot be used.
    """
    session = BinanceSession(
        api_key=api_key,
        sign=signer_of(secret),
        secret=secret,
        run_id=run_id,
        instruments=instruments,
        clock_ms=lambda: time.time_ns() // 1_000_000,
        network=network,
        executions_after=executions_after,
        positions=positions,
        counts_all=counts_all,
        fee_rates=fee_rates,
    )
    name = "binance" if network == "live" else f"binance {network}"
    return SessionClient(url or URLS[network], session, name=name, abilities=ABILITIES)
