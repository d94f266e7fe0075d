"""
`imc-cockpit kill`: cancel everything at the venue, without the engine.

Nothing of the engine is loaded or asked: it may be stopped, hang or be dead. What is
said at the end is what the venue shows.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import psutil
from websockets.exceptions import InvalidHandshake

from core.assembly.account import account_lease, api_key, cmi_login
from core.assembly.kill import cmi, practice
from core.assembly.kill.account import Account
from core.assembly.kill.report import Fenced, KillReport, count_orders
from core.assembly.venue import real_address
from core.domain.errors import (
    ConfigurationError,
    DataError,
    EngineUnavailable,
    VenueError,
)
from core.domain.redaction import forms_of, redact
from core.exchange.process import PracticeExchange
from core.journal.manifest import Ending, read_manifest, runs_of
from core.runtime.killed import KillWord, leave_word
from core.runtime.lease import AccountLease, Holder
from core.settings.model import Settings
from core.venues.wsx.probe import probe

_WITH_ORDERS = frozenset({"practice", "cmi", "binance", "kraken"})
_STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})


def kill(settings: Settings, run_dir: Path) -> KillReport:
    """
    Take the account from its engine and cancel every order of it.

    Args:
        settings: As the engine's: they name the venue and the key.
        run_dir: As the engine's: its run says where it trades.

    Raises:
        ConfigurationError: If there is no account to log in to, or the login is refused.
        EngineUnavailable: If no venue answers. The account is taken all the same.
    """
    if settings.venue.kind == "paper":
        raise ConfigurationError(
            'venue.kind = "paper": orders on paper live in the engine, and none is anywhere else; '
            "stop the engine (imc-cockpit stop, or end its process) and they are gone"
        )
    if settings.venue.kind == "several":
        names = ", ".join(settings.venue.parts)
        raise ConfigurationError(
            f"venue.parts: orders are at the venues of {names}; kill them one by one: "
            "imc-cockpit --profile NAME kill"
        )
    if settings.venue.kind not in _WITH_ORDERS:
        raise ConfigurationError(
            f'venue.kind = "{settings.venue.kind}" has no orders to cancel; name the profile '
            "that the engine trades with: imc-cockpit --profile NAME kill"
        )
    return asyncio.run(_kill(settings, run_dir))


async def _kill(settings: Settings, run_dir: Path) -> KillReport:
    url = await _where(settings, run_dir)
    lease = account_lease(settings.venue, url, run_dir)
    fenced = _fenced(lease, lease.holder())
    # Taken before the venue is asked: an engine that goes on finds it gone in any case.
    token = lease.take_over()
    word = [] if fenced is None else [Path(fenced.run_dir)]
    account = Account()
    try:
        await _cancel_everything(settings, url, token, account)
    except EngineUnavailable:
        _leave_words(word, token, account)
        raise
    except (OSError, InvalidHandshake) as error:
        _leave_words(word, token, account)
        raise EngineUnavailable(_no_answer(url, fenced, error)) from error
    _leave_words([*word, run_dir], token, account)
    return KillReport(
        url=url,
        canceled=account.canceled,
        left=sorted(account.left),
        is_shown=account.is_shown,
        positions=account.positions,
        fenced=fenced,
    )


async def _cancel_everything(settings: Settings, url: str, token: int, account: Account) -> None:
    """
    Cancel in the way of the venue's kind.

    Raises:
        ConfigurationError: If the login is refused.
        OSError, InvalidHandshake, EngineUnavailable: If the venue never told of the account.
    """
    venue = settings.venue
    if venue.is_real:
        # Only where it is wanted: signing and HTTP take their time to load.
        from core.assembly.kill import real

        secret, where = api_key(venue), "venue.api_key_env"
        work = real.cancel_everything(settings, account)
    elif venue.kind == "cmi":
        login = cmi_login(venue)
        secret, where = login.password, "venue.username_env and venue.password_env"
        work = cmi.cancel_everything(url, login, venue.requests_per_s, account)
    else:
        secret, where = api_key(venue), "venue.api_key_env"
        work = practice.cancel_everything(url, secret, token, account)
    try:
        await work
    except VenueError as error:
        reason = redact(error.reason, forms_of(secret))
        raise ConfigurationError(f"{reason}; the key is the one of {where}") from None


async def _where(settings: Settings, run_dir: Path) -> str:
    """Where the venue answers: real ones have one address, an exchange of ours is looked for."""
    if settings.venue.is_real:
        return real_address(settings.venue)
    return await _find_venue(settings, run_dir)


async def _find_venue(settings: Settings, run_dir: Path) -> str:
    """
    Where the account is: the engine's own word for it counts more than settings of now.

    Returns:
        The first address that answers; if none does, the likeliest.

    Raises:
        EngineUnavailable: If there is none to try.
    """
    known = PracticeExchange(run_dir, settings).known_urls()
    noted, is_running = _noted_url(run_dir)
    urls = (noted, *known) if is_running else (*known, noted)
    urls = tuple(url for url in urls if url)
    if not urls:
        raise EngineUnavailable(
            f"{run_dir}: no engine ran here, and venue.url names no venue; name the "
            "run directory or the settings of the engine: imc-cockpit --run-dir DIR kill"
        )
    if settings.venue.kind == "cmi" and not settings.venue.start_exchange:
        # Somebody else's exchange counts every request, and knows no probe.
        return urls[0]
    for url in urls:
        if await probe(url) is not None:
            return url
    return noted or urls[-1]


def _noted_url(run_dir: Path) -> tuple[str, bool]:
    """Where the youngest run trades or traded, and whether it did not end in order."""
    for folder in runs_of(run_dir, None)[:1]:
        with suppress(DataError):
            manifest = read_manifest(folder)
            return manifest.venue_url, manifest.ending is Ending.RUNNING
    return "", False


def _no_answer(url: str, fenced: Fenced | None, error: Exception) -> str:
    reason = str(error) or type(error).__name__
    text = f"{url}: no venue answers ({reason}), so its orders are not known to be canceled"
    if fenced is None:
        return text
    return (
        f"{text}; run {fenced.run_id}, process {fenced.pid} ({fenced.process}), cannot place "
        "an order any more"
    )


def _fenced(lease: AccountLease, holder: Holder | None) -> Fenced | None:
    if holder is None or not holder.run_id:
        return None
    process = _process_state(holder.pid) if lease.is_locked() else "gone"
    return Fenced(holder.run_id, holder.run_dir, holder.pid, process)


def _process_state(pid: int) -> str:
    try:
        return "stopped" if psutil.Process(pid).status() in _STOPPED else "running"
    except psutil.Error:
        return "running"


def _leave_words(folders: list[Path], token: int, account: Account) -> None:
    word = KillWord(time.time_ns(), token, len(account.canceled))
    for folder in dict.fromkeys(folder.expanduser().resolve() for folder in folders):
        if not folder.is_dir():
            continue
        try:
            leave_word(folder, word)
        except OSError as error:
            raise ConfigurationError(
                f"{folder}: the word that the next engine is to start HALTED cannot be left: "
                f"{error.strerror}; {count_orders(word.orders)} canceled all the same"
            ) from error
