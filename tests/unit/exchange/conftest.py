"""A small exchange without bots, and a participant who reads everything."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.exchange.account import Account
from core.exchange.config import ExchangeConfig, Product
from core.exchange.exchange import Exchange
from core.venues.wsx import messages as wire

START_TS_NS = 1_790_000_000_000_000_000


def make_products() -> tuple[Product, ...]:
    eisbach = Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200)
    etf = Instrument(
        Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=20, maker_fee_bps=-1.0, taker_fee_bps=5
    )
    return (Product(eisbach, Decimal(3400), 0.003), Product(etf, Decimal(50), 0.012))


class Trader:
    """One account, by the names of the protocol."""

    def __init__(self, exchange: Exchange, key: str) -> None:
        self.exchange = exchange
        self.account: Account = exchange.account(key)
        self.number = 0

    def place(self, side: str, price: str, quantity: str, **options) -> list:
        """Place an order of the ETF under a new id; return what is told because of it."""
        self.number += 1
        fields = {
            "client_order_id": f"{self.account.key}-{self.number}",
            "symbol": "7_ETF",
            **options,
        }
        request = wire.Place(side=side, price=price, quantity=quantity, **fields)
        self.exchange.place(self.account, request)
        return self.told()

    def replace(self, number: int, price: str, quantity: str) -> list:
        name = f"{self.account.key}-{number}"
        self.exchange.replace(
            self.account, wire.Replace(client_order_id=name, price=price, quantity=quantity)
        )
        return self.told()

    def cancel(self, number: int) -> list:
        request = wire.Cancel(client_order_id=f"{self.account.key}-{number}", symbol="7_ETF")
        self.exchange.cancel(self.account, request)
        return self.told()

    def told(self) -> list:
        """What this account, and nobody else, is told."""
        outgoing = self.exchange.take_outgoing()
        return [out.message for out in outgoing if out.account == self.account.key]


@pytest.fixture
def products() -> tuple[Product, ...]:
    return make_products()


@pytest.fixture
def make_exchange(products):
    def make(**options) -> Exchange:
        return Exchange(
            ExchangeConfig(products=products, **{"bots": False, **options}), START_TS_NS
        )

    return make


@pytest.fixture
def exchange(make_exchange) -> Exchange:
    return make_exchange()


@pytest.fixture
def trader(exchange):
    def make(key: str) -> Trader:
        return Trader(exchange, key)

    return make


@pytest.fixture
def alice(trader) -> Trader:
    return trader("alice")


@pytest.fixture
def bob(trader) -> Trader:
    return trader("bob")
