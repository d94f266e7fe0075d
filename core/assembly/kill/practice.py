"""Cancel everything at the practice exchange, over its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from core.assembly.kill.account import Account
from core.domain.errors import DecodeError, VenueError
from core.venues.common.grid import money_nanos
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_server, encode

TIMEOUT_S = 5.0
"""How long the venue has to show that nothing is left."""

_ASK_EVERY_S = 0.2
"""Asked again so soon: a request or its answer may be lost."""


async def cancel_everything(url: str, key: str, token: int, account: Account) -> None:
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
