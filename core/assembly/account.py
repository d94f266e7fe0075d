"""Which account at the venue is meant, for those that trade it and those that stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.runtime.lease import AccountLease
from core.settings.credentials import load_secrets
from core.settings.venue import VenueSettings

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


@dataclass(frozen=True, slots=True)
class CmiLogin:
    """User and password at a CMI exchange."""

    username: str
    password: str = field(repr=False)


def cmi_login(venue: VenueSettings) -> CmiLogin:
    """
    Read the login of a CMI exchange; our own practice exchange takes any.

    Raises:
        ConfigurationError: If it is missing where the exchange is not ours, or the file of
            secrets cannot be read.
    """
    secrets = load_secrets(venue)
    if venue.start_exchange and secrets.username is None:
        return CmiLogin(PRACTICE_KEY, PRACTICE_KEY)
    username, password = secrets.required_login(venue)
    return CmiLogin(username.get_secret_value(), password.get_secret_value())


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
    key = cmi_login(venue).username if venue.kind == "cmi" else api_key(venue)
    return AccountLease(venue.kind, url, key)
