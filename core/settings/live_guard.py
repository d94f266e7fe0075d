"""
Real money is traded only where somebody has just said so, twice.

The flag `--live` says that it is meant, and a typed word that it was read. Neither can
stand in a file: a profile that somebody copies must not trade real money by itself.
"""

from __future__ import annotations

from core.domain.enums import Mode
from core.domain.errors import ConfigurationError
from core.settings.model import Settings


def live_word(settings: Settings) -> str:
    """Say which word has to be typed; empty where no real money is at stake."""
    if settings.mode is not Mode.LIVE:
        return ""
    return f"{settings.venue.kind}-real-money".upper()


def warning(settings: Settings) -> str:
    """Say in one sentence what the word stands for."""
    account = settings.account
    return (
        f"REAL MONEY: orders of profile {settings.profile} go to {settings.venue.kind}, with the "
        f"key of {settings.venue.api_key_env} and limits made for {account.capital:,f} "
        f"{account.currency}"
    )


def check_live(settings: Settings) -> None:
    """
    Refuse to trade real money that nobody has asked for.

    Raises:
        ConfigurationError: With what has to be said.
    """
    word = live_word(settings)
    if not word:
        return
    if not settings.venue.live:
        raise ConfigurationError(
            f"{warning(settings)}; nothing was started: say --live if that is meant"
        )
    if settings.venue.confirm_live != word:
        wrong = f", not {settings.venue.confirm_live}" if settings.venue.confirm_live else ""
        raise ConfigurationError(
            f"{warning(settings)}; nothing was started: the word is {word}{wrong}; "
            f"type it when asked, or say --confirm-live {word}"
        )
