"""The practice exchange's CMI side over real sockets."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import pytest

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange.config import ExchangeConfig, Product
from core.exchange.server import ExchangeServer
from core.venues.wsx import messages as wsx

INSTRUMENTS = (
    Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200),
    Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=20, taker_fee_bps=5),
)
WAIT_S = 20.0


class Practice:
    """An exchange without bots, somebody to trade with, and its faults."""

    def __init__(self, **options) -> None:
        products = tuple(
            Product(item, Decimal(price), 0.01)
            for item, price in zip(INSTRUMENTS, (3400, 50), strict=True)
        )
        self.config = ExchangeConfig(
            products=products,
            **{"port": 0, "cmi_port": 0, "bots": False, "idle_exit_s": 0, **options},
        )
        self.server = ExchangeServer(self.config, time.time_ns())
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._orders = 0

    @property
    def url(self) -> str:
        return self.server.cmi.url

    @property
    def front(self):
        return self.server.cmi.front

    async def start(self) -> None:
        ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self.server.run(self._stop, ready.set_result))
        await ready

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    def counterparty(self, side: str, price: str, quantity: str, symbol: str = "7_ETF") -> None:
        self._orders += 1
        request = wsx.Place(f"other-{self._orders}", symbol, side, price, quantity)
        self.server.exchange.place(self.server.exchange.account("other"), request)
        self.server.gateway.flush()

    def place_for(self, account, side: str, price: str, quantity: str) -> None:
        """Somebody else enters an order of the same account."""
        self._orders += 1
        request = wsx.Place(f"same-{self._orders}", "7_ETF", side, price, quantity)
        self.server.exchange.place(account, request)
        self.server.gateway.flush()

    def cut_requests(self) -> None:
        """Cut every connection but those of streams."""
        for connection in list(self.server.cmi._runner.server.connections):
            request = connection._current_request
            if request is None or "stream" not in request.path:
                connection.transport.abort()

    def begin_new_life(self) -> None:
        """As after a restart of the exchange by its owners."""
        self.server._begin(time.time_ns())

    def orders(self, username: str) -> list[tuple[str, str, int]]:
        """Product, side and what is left of each order that rests."""
        user = self.front._users[username]
        return [
            (row["product"], row["side"], row["volume"]) for row in self.front.orders(user, None)
        ]

    def positions(self, username: str) -> dict[str, int]:
        rows = self.front.positions(self.front._users[username])
        return {row["product"]: row["netPosition"] for row in rows}


@pytest.fixture
async def make_practice():
    made = []

    async def make(**options) -> Practice:
        practice = Practice(**options)
        await practice.start()
        made.append(practice)
        return practice

    yield make
    for practice in made:
        await practice.stop()


@pytest.fixture
async def practice(make_practice) -> Practice:
    return await make_practice()
