"""Which account at the venue is meant, for those that trade it and those that stop it."""

from __future__ import annotations

from pathlib import Path

from core.runtime.lease import AccountLease
from core.settings.credentials import load_secrets
from core.settings.model import VenueSettings

PRACTICE_KEY = "practice"
"""The practice exchange opens an account for any key: this one needs no secret."""


def api_key(venue: VenueSettings) -> str:
    """
    Read the key that opens the account.

    Raises:
        ConfigurationError: If the file of secrets cannot be read.
    """
    key = load_secrets(venue).api_key
    return key.get_secret_value() if key is not None else PRACTICE_KEY


def account_lease(venue: VenueSettings, url: str, run_dir: Path) -> AccountLease:
    """
    Name the lease of the account that the settings open.

    Args:
        venue: Names the key.
        url: Where the venue really is, which the settings may leave open.
        run_dir: Where the engine runs: a paper account lives there and nowhere else.

    Raises:
        ConfigurationError: As for `api_key`.
    """
    if venue.kind == "paper":
        return AccountLease(venue.kind, str(run_dir.expanduser().resolve()), venue.market)
    return AccountLease(venue.kind, url, api_key(venue))
