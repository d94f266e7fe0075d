"""
`imc-cockpit kill`: cancel everything at the venue, without the engine.

Nothing of the engine is loaded or asked: it may be stopped, hang or be dead. What is
said at the end is what the venue shows.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from core.assembly.account import account_lease, api_key
from core.assembly.kill_report import Fenced, KillReport, count_orders
from core.assembly.killed_account import Account
from core.domain.errors import (
    ConfigurationError,
    DataError,
    DecodeError,
    EngineUnavailable,
    VenueError,
)
from core.domain.redaction import forms_of, redact
from core.exchange.process import PracticeExchange
from core.journal.manifest import Ending, read_manifest, runs_of
from core.runtime.killed import KillWord, leave_word
from core.runtime.lease import AccountLease, Holder
from core.settings.model import Settings
from core.venues.common.grid import money_nanos
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode
from core.venues.wsx.probe import probe

TIMEOUT_S = 5.0
"""How long the venue has to show that nothing is left."""

_ASK_EVERY_S = 0.2
"""Asked again so soon: a request or its answer may be lost."""

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
    if settings.venue.is_real:
        return asyncio.run(_kill_real(settings, run_dir))
    if settings.venue.kind != "practice":
        raise ConfigurationError(
            f'venue.kind = "{settings.venue.kind}" has no orders to cancel; name the profile '
            "that the engine trades with: imc-cockpit --profile NAME kill"
        )
    return asyncio.run(_kill(settings, run_dir))


async def _kill(settings: Settings, run_dir: Path) -> KillReport:
    url = await _find_venue(settings, run_dir)
    lease = account_lease(settings.venue, url, run_dir)
    fenced = _fenced(lease, lease.holder())
    # Taken before the venue is asked: an engine that goes on finds it gone in any case.
    token = lease.take_over()
    word = [] if fenced is None else [Path(fenced.run_dir)]
    account = Account()
    key = api_key(settings.venue)
    try:
        await _cancel_everything(url, key, token, account)
    except VenueError as error:
        raise ConfigurationError(
            f"{redact(error.reason, forms_of(key))}; the key is the one of venue.api_key_env"
        ) from None
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


async def _kill_real(settings: Settings, run_dir: Path) -> KillReport:
    """Do the same at a real venue, whose orders know of no lease."""
    from core.assembly.kill_real import cancel_everything
    from core.assembly.venue import real_address

    url = real_address(settings.venue)
    lease = account_lease(settings.venue, url, run_dir)
    fenced = _fenced(lease, lease.holder())
    token = lease.take_over()
    word = [] if fenced is None else [Path(fenced.run_dir)]
    account = Account()
    try:
        await cancel_everything(settings, account)
    except (VenueError, EngineUnavailable) as error:
        _leave_words(word, token, account)
        if isinstance(error, VenueError):
            raise ConfigurationError(str(error)) from None
        raise
    _leave_words([*word, run_dir], token, account)
    return KillReport(
        url=url,
        canceled=account.canceled,
        left=sorted(account.left),
        is_shown=account.is_shown,
        positions=account.positions,
        fenced=fenced,
    )


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


async def _cancel_everything(url: str, key: str, token: int, account: Account) -> None:
    """
    Ask and look until nothing is left or time is up, over a new connection if one ends.

    Raises:
        OSError, InvalidHandshake: If the venue never told of the account.
        VenueError: If it refuses the login.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                try:
                    return await _cancel_over_one_connection(url, key, token, account)
                except (OSError, InvalidHandshake, ConnectionClosed):
                    if not account.seen and not account.is_shown:
                        raise
                account.is_shown = False
                await asyncio.sleep(_ASK_EVERY_S)
    except ConnectionClosed as error:
        raise ConnectionError(f"the connection ended: {error}") from error
    except TimeoutError:
        if not account.seen and not account.is_shown:
            raise


async def _cancel_over_one_connection(url: str, key: str, token: int, account: Account) -> None:
    async with connect(
        url,
        compression=None,
        proxy=None,
        max_size=wire.MAX_MESSAGE_BYTES,
        close_timeout=_ASK_EVERY_S,
    ) as connection:
        await _send(connection, wire.Login(api_key=key, lease=token))
        await _until_shown(connection, account, lambda: account.is_shown)
        # The state of the login says what there is, and nothing of what is canceled.
        account.is_shown = False
        while not (account.is_shown and not account.left):
            await _send(connection, wire.CancelAll())
            await _send(connection, wire.StateRequest())
            await _look(connection, account)


async def _look(connection: ClientConnection, account: Account) -> None:
    """Read for a while, or until the account is seen to be empty."""
    try:
        async with asyncio.timeout(_ASK_EVERY_S):
            await _until_shown(connection, account, lambda: account.is_shown and not account.left)
    except TimeoutError:
        return


async def _until_shown(
    connection: ClientConnection, account: Account, is_enough: Callable[[], bool]
) -> None:
    while not is_enough():
        data = await connection.recv(decode=False)
        try:
            _take(account, decode_server(data))
        except DecodeError:
            # What cannot be read is not what is waited for.
            continue


def _take(account: Account, message: wire.ServerMessage) -> None:
    if isinstance(message, wire.AccountState):
        held = {entry.symbol: _quantity(entry.quantity) for entry in message.positions}
        account.left = {order.client_order_id or str(order.order_id) for order in message.orders}
        account.seen |= account.left
        account.positions = {symbol: lots for symbol, lots in held.items() if lots}
        account.is_shown = True
    elif isinstance(message, wire.OrderReport):
        name = message.client_order_id or str(message.order_id)
        if message.status == "filled":
            account.filled.add(name)
        elif message.status == "canceled":
            account.seen.add(name)
    elif isinstance(message, wire.ErrorMessage) and message.code == "LOGIN_REFUSED":
        raise VenueError("venue", f"login refused: {message.text}")


def _quantity(text: str) -> Decimal:
    money_nanos(text)  # refuses what is no plain decimal
    return Decimal(text)


async def _send(connection: ClientConnection, message: wire.ClientMessage) -> None:
    await connection.send(encode(message), text=True)
