"""Which adapter the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence

from core.assembly.account import api_key, cmi_login
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.exchange.process import ExchangeAddress
from core.settings.model import VenueSettings
from core.venues.port import Venue
from core.venues.wsx.client import WsxVenue


def make_venue(
    wanted: VenueSettings,
    address: ExchangeAddress,
    run_id: RunId,
    instruments: Sequence[Instrument],
    *,
    executions_after: int | None,
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
