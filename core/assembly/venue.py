"""Which adapter the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.assembly.account import api_key, cmi_login
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.exchange.process import ExchangeAddress, PracticeExchange
from core.settings.credentials import load_secrets
from core.settings.venue import VenueSettings
from core.venues.common.session_client import SessionClient
from core.venues.port import Venue
from core.venues.wsx.client import WsxVenue

if TYPE_CHECKING:
    # Loaded only where it is wanted, as what is behind it.
    from core.venues.market.port import MarketFeed


async def find_address(wanted: VenueSettings, exchange: PracticeExchange) -> ExchangeAddress:
    """
    Say where the venue is and which account's life it goes on with.

    A paper account lives in the journals of its runs: a run goes on with the books of the
    one before it. The same holds for what was traded in a real account.

    Args:
        wanted: Kind and address.
        exchange: Looked for, or started, where it is the practice exchange that is meant.

    Raises:
        FatalError: If the practice exchange is wanted and cannot be had.
    """
    if wanted.recording:
        # It begins anew each time, and so does the account.
        return ExchangeAddress(wanted.recording, "", is_ours=False)
    if wanted.kind == "paper":
        return ExchangeAddress(wanted.url, f"paper-{wanted.market}", is_ours=False)
    if wanted.is_real:
        return ExchangeAddress(real_address(wanted), real_address(wanted), is_ours=False)
    return await exchange.ensure()


def real_address(wanted: VenueSettings) -> str:
    """Name a real venue where leases and manifests want an address."""
    return wanted.url or f"{wanted.kind}-{wanted.network}"


def make_venue(
    wanted: VenueSettings,
    address: ExchangeAddress,
    run_id: RunId,
    instruments: Sequence[Instrument],
    *,
    executions_after: int | None,
    positions: Sequence[int],
    lease: int,
) -> Venue:
    """
    Make the adapter of the venue that is traded.

    Args:
        wanted: Kind, key and habits.
        address: Where it answers.
        run_id: Its last part marks the orders of this run.
        instruments: In the order of the kernel's indexes.
        executions_after: Trade id of the last fill in the books of an earlier run on the
            same account; None without one.
        positions: Lots in those books, by instrument; empty without them.
        lease: Fencing token of this engine.

    Raises:
        ConfigurationError: If the settings cannot be used for it.
    """
    if wanted.kind == "cmi":
        # Only where it is wanted: an HTTP client takes its time to load.
        from core.venues.cmi.client import CmiVenue

        login = cmi_login(wanted)
        return CmiVenue(
            address.url,
            login.username,
            login.password,
            instruments,
            executions_after=executions_after,
            requests_per_s=wanted.requests_per_s,
        )
    if wanted.kind == "paper":
        from core.venues.paper.venue import PaperVenue

        return PaperVenue(
            _public_feed(wanted, instruments),
            instruments,
            latency_s=wanted.latency_ms / 1e3,
            positions=positions,
            last_trade_id=executions_after or 0,
        )
    if wanted.is_real:
        from core.venues.live.venue import LiveVenue
        from core.venues.market.feeds import make_feed

        orders = make_orders(
            wanted, run_id, instruments, executions_after=executions_after, positions=positions
        )
        feed = make_feed(wanted.kind, instruments, url=_market_url(wanted))
        return LiveVenue(feed, orders)
    return WsxVenue(
        address.url,
        api_key(wanted),
        run_id,
        instruments,
        executions_after=executions_after,
        lease=lease,
        cancel_on_disconnect=wanted.cancel_on_disconnect,
        dead_man_s=wanted.dead_man_s,
        fee_rates=wanted.fee_rates_by_asset,
    )


def recording_words(wanted: VenueSettings) -> str:
    """Say that a market is a recording, so that nobody takes it for one of now; empty if not."""
    if not wanted.recording:
        return ""
    speed = wanted.recording_speed
    pace = f"at {speed:g} times its speed" if speed else "as fast as can be"
    return f"the market is a recording, {wanted.recording}, played {pace}"


def make_orders(
    wanted: VenueSettings,
    run_id: RunId,
    instruments: Sequence[Instrument],
    *,
    executions_after: int | None = None,
    positions: Sequence[int] = (),
) -> SessionClient:
    """
    Make the client of an account at a real venue; arguments as for `make_venue`.

    Raises:
        ConfigurationError: If key or secret are missing or cannot be used.
    """
    secrets = load_secrets(wanted)
    key = secrets.required_api_key(wanted).get_secret_value()
    secret = secrets.required_api_secret(wanted).get_secret_value()
    counts_all = wanted.spot_position == "balance"
    if wanted.kind == "binance":
        from core.venues.binance.orders.client import make_orders as make_binance

        return make_binance(
            run_id,
            instruments,
            api_key=key,
            secret=secret,
            network=wanted.network,
            url=wanted.url,
            executions_after=executions_after,
            positions=positions,
            counts_all=counts_all,
            fee_rates=wanted.fee_rates_by_asset,
        )
    from core.venues.kraken.orders.client import make_orders as make_kraken

    return make_kraken(
        run_id,
        instruments,
        api_key=key,
        secret=secret,
        url=wanted.url,
        rest_url=wanted.rest_url,
        executions_after=executions_after,
        positions=positions,
        counts_all=counts_all,
        dead_man_s=wanted.dead_man_s,
        fee_rates=wanted.fee_rates_by_asset,
    )


def _public_feed(wanted: VenueSettings, instruments: Sequence[Instrument]) -> MarketFeed:
    """Listen to the market that paper trades on, or play what somebody else has heard."""
    if wanted.recording:
        from core.venues.market.recorded import RecordedFeed

        path = Path(wanted.recording).expanduser()
        return RecordedFeed(wanted.market, instruments, path, speed=wanted.recording_speed)
    from core.venues.market.feeds import make_feed

    return make_feed(wanted.market, instruments, url=wanted.url)


def _market_url(wanted: VenueSettings) -> str:
    if wanted.market_url or wanted.kind != "binance":
        return wanted.market_url
    from core.venues.binance.orders.client import MARKET_URLS

    return MARKET_URLS[wanted.network]
