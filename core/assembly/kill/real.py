"""Cancel every order of an account at a real venue, and look until none is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from core.assembly.kill.account import Account
from core.assembly.venue import make_orders
from core.domain import events
from core.domain.enums import EventKind, IntentKind, OrderStatus, VenueState
from core.domain.errors import EngineUnavailable
from core.domain.events import EventRow
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.settings.instruments import load_instruments
from core.settings.model import Settings
from core.venues.common.session_client import SessionClient

TIMEOUT_S = 15.0
"""How long the venue has to tell of the account, and then to show that nothing is left."""

_ASK_EVERY_S = 0.5
_NOBODY = RunId("kill-0000")
"""No order of any run looks like one of ours."""


class _Look:
    """A sink that keeps what the account holds, from one state to the next."""

    def __init__(self, instruments: list[Instrument], account: Account) -> None:
        self._instruments = instruments
        self._account = account
        self._open: set[str] = set()
        self.looks = 0
        """Times that the whole account was told."""
        self._news = asyncio.Event()

    def put(self, row: EventRow) -> None:
        """Keep what a row says."""
        event = events.load([row])[0]
        kind, status = event["kind"], event["status"]
        if kind == EventKind.ORDER_REPORT:
            symbol = self._instruments[int(event["instrument"])].symbol
            name = f"{symbol} {abs(int(event['order_id']))}"
            if event["key"] == events.ACCOUNT_STATE:
                self._open.add(name)
                self._account.seen.add(name)
            elif status == OrderStatus.FILLED:
                self._account.filled.add(name)
        elif kind == EventKind.POSITION_REPORT:
            self._hold(int(event["instrument"]), int(event["lots"]))
        elif kind == EventKind.VENUE_STATE and status == VenueState.CONNECTED:
            self._open = set()
        elif kind == EventKind.VENUE_STATE and status == VenueState.SYNCED:
            foreign = {f"of another product, {n + 1}" for n in range(int(event["lots"]))}
            self._account.left = self._open | foreign
            self._account.seen |= foreign
            self._account.is_shown = True
            self.looks += 1

    def flush(self, received_ns: int = 0) -> None:
        """Wake who waits."""
        del received_ns
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be told."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    def _hold(self, index: int, lots: int) -> None:
        item = self._instruments[index]
        self._account.positions.pop(item.symbol, None)
        if lots:
            self._account.positions[item.symbol] = item.to_quantity(lots)


async def cancel_everything(settings: Settings, account: Account) -> None:
    """
    Ask and look until nothing is left or time is up.

    Args:
        settings: Name the venue and the key.
        account: Filled with what is shown.

    Raises:
        EngineUnavailable: If the venue did not tell of the account.
        VenueError: If it refuses the key.
        ConfigurationError: If the key is missing or cannot be used.
    """
    entries = load_instruments(settings.instruments.file)
    instruments = [entry.to_instrument() for entry in entries]
    client = make_orders(settings.venue, _NOBODY, instruments)
    look = _Look(instruments, account)
    running = asyncio.ensure_future(client.run(look))
    working = asyncio.ensure_future(_work(client, look, account))
    try:
        await asyncio.wait(
            {running, working}, timeout=TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
        )
        if running.done():
            running.result()
    finally:
        working.cancel()
        await client.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ASK_EVERY_S):
                await asyncio.gather(running, working, return_exceptions=True)
    if not account.is_shown:
        reason = client.counters().last_error or f"nothing was told within {TIMEOUT_S:g} s"
        raise EngineUnavailable(
            f"{client.name}: {reason}; its orders are not known to be canceled: look at the venue"
        )


async def _work(client: SessionClient, look: _Look, account: Account) -> None:
    await look.until(lambda: look.looks > 0)
    # The state of the login says what there is, and nothing of what is canceled.
    while True:
        looks = look.looks
        _submit(client, IntentKind.CANCEL_EVERYTHING)
        await asyncio.sleep(_ASK_EVERY_S)
        _submit(client, IntentKind.RECONCILE)
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT_S / 3):
                await look.until(lambda: look.looks > looks)  # noqa: B023  awaited at once
                if not account.left:
                    return


def _submit(client: SessionClient, kind: IntentKind) -> None:
    intents = allocate(INTENT, 1)
    intents[0]["kind"] = kind.value
    intents[0]["instrument"] = events.NO_INSTRUMENT
    client.submit(intents, 1)
