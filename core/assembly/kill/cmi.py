"""Cancel everything at a CMI exchange: by its REST calls, at the pace that it takes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from decimal import Decimal
from urllib.parse import quote

import aiohttp

from core.assembly.account import CmiLogin
from core.assembly.kill.account import Account
from core.domain.errors import DecodeError, VenueError
from core.venues.cmi import codec
from core.venues.cmi.messages import Credentials, OrderRow

TIMEOUT_S = 60.0
"""How long it has: one request a second, and one for each price at which orders rest."""

_ANSWER_TIMEOUT_S = 5.0
_PAUSE_S = 1.0
"""After a 429, and before what was not answered is asked again."""

_MARGIN = 1.02


class _Caller:
    """Sends requests one by one, no faster than the exchange takes them."""

    def __init__(self, http: aiohttp.ClientSession, url: str, requests_per_s: float) -> None:
        self._http = http
        self._base = f"{url.rstrip('/')}/api"
        self._spacing_s = _MARGIN / requests_per_s
        self._next_s = 0.0
        self._token = ""

    async def log_in(self, login: CmiLogin) -> None:
        """
        Log in.

        Raises:
            VenueError: If the login is refused.
        """
        body = codec.encode(Credentials(login.username, login.password))
        status, data, token = await self._send("POST", "/user/authenticate", body)
        if not token:
            reason = codec.complaint_of(data)
            raise VenueError("cmi", f"login refused for user {login.username}: {status} {reason}")
        self._token = token

    async def call(self, method: str, path: str) -> tuple[int, bytes]:
        """Send one request, again after a 429."""
        while True:
            status, data, _ = await self._send(method, path)
            if status != 429:
                return status, data
            await asyncio.sleep(_PAUSE_S)

    async def _send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, str]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_s - loop.time()))
        self._next_s = loop.time() + self._spacing_s
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._token:
            headers["Authorization"] = self._token
        try:
            async with self._http.request(
                method, f"{self._base}{path}", data=body or None, headers=headers
            ) as response:
                token = response.headers.get("Authorization", "")
                return response.status, await response.read(), token
        except aiohttp.ClientError as error:
            raise ConnectionError(str(error) or type(error).__name__) from error


async def cancel_everything(
    url: str, login: CmiLogin, requests_per_s: float, account: Account
) -> None:
    """
    Ask and look until nothing is left or time is up.

    Opens no stream: the engine's stays as it is. CMI knows no lease; that the engine sends
    nothing more is its own lease's doing.

    Raises:
        OSError: If the venue never told of the account.
        VenueError: If it refuses the login.
    """
    timeout = aiohttp.ClientTimeout(total=_ANSWER_TIMEOUT_S)
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            aiohttp.ClientSession(timeout=timeout) as http,
        ):
            caller = _Caller(http, url, requests_per_s)
            while not await _cancel_once(caller, login, account):
                await asyncio.sleep(_PAUSE_S)
    except TimeoutError:
        if not account.is_shown and not account.seen:
            raise


async def _cancel_once(caller: _Caller, login: CmiLogin, account: Account) -> bool:
    """Go through it all once. False if something was not answered as it should be."""
    try:
        await caller.log_in(login)
        while True:
            orders = await _look(caller, account)
            if not orders:
                break
            account.is_shown = False
            for path in _paths(orders):
                await caller.call("DELETE", path)
        await _look_at_positions(caller, account)
    except (OSError, DecodeError):
        if not account.seen and not account.is_shown:
            raise
        account.is_shown = False
        return False
    return True


async def _look(caller: _Caller, account: Account) -> list[OrderRow]:
    status, data = await caller.call("GET", "/order/current-user")
    if status != 200:
        raise ConnectionError(f"open orders: {status} {codec.complaint_of(data)}")
    orders = codec.decode_orders(data)
    account.left = {str(order.id) for order in orders}
    account.seen |= account.left
    account.is_shown = True
    return orders


def _paths(orders: list[OrderRow]) -> list[str]:
    """What to delete: an order by its id, several at one price by that."""
    levels: dict[tuple[str, str], list[OrderRow]] = defaultdict(list)
    for order in orders:
        levels[order.product, codec.plain(order.price)].append(order)
    return [
        f"/order/{quote(str(held[0].id), safe='')}"
        if len(held) == 1
        else f"/order?product={quote(product, safe='')}&price={price}"
        for (product, price), held in levels.items()
    ]


async def _look_at_positions(caller: _Caller, account: Account) -> None:
    status, data = await caller.call("GET", "/position/current-user")
    # An empty portfolio is answered with 500.
    for row in codec.decode_positions(data) if status == 200 else []:
        held = row.netPosition if row.netPosition is not None else row.net_position
        if held:
            account.positions[row.product] = Decimal(codec.plain(held))
