"""A market of a few orders, matched by price and time, for loopback servers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass
class Resting:
    owner: str
    name: str
    side: int
    price: Decimal
    leaves: Decimal


@dataclass(frozen=True)
class Trade:
    maker: Resting
    price: Decimal
    quantity: Decimal


class SmallMarket:
    """One instrument. Sides are 1 and -1."""

    def __init__(self) -> None:
        self.orders: list[Resting] = []

    def would_cross(self, side: int, price: Decimal) -> bool:
        return any(
            order.side == -side and (price - order.price) * side >= 0 for order in self.orders
        )

    def enter(
        self, owner: str, name: str, side: int, price: Decimal, quantity: Decimal, *, ioc=False
    ) -> tuple[list[Trade], Decimal]:
        """Match an order; returns its trades and what is left of it."""
        trades = []
        against = [order for order in self.orders if order.side == -side]
        against.sort(key=lambda order: order.price * side)
        for order in against:
            if quantity == 0 or (price - order.price) * side < 0:
                break
            traded = min(quantity, order.leaves)
            order.leaves -= traded
            quantity -= traded
            trades.append(Trade(order, order.price, traded))
        self.orders = [order for order in self.orders if order.leaves]
        if quantity and not ioc:
            self.orders.append(Resting(owner, name, side, price, quantity))
        return trades, quantity

    def cancel(self, name: str) -> Resting | None:
        found = next((order for order in self.orders if order.name == name), None)
        if found is not None:
            self.orders.remove(found)
        return found

    def levels(self, side: int) -> list[tuple[Decimal, Decimal]]:
        """Prices and sizes of one side, best first."""
        sizes: dict[Decimal, Decimal] = {}
        for order in self.orders:
            if order.side == side:
                sizes[order.price] = sizes.get(order.price, Decimal(0)) + order.leaves
        return sorted(sizes.items(), reverse=side > 0)
