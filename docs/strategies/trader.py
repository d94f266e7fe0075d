"""An IMC Prosperity Trader as one would hand it in: it makes markets in three products."""

import json

from datamodel import Order, OrderDepth, TradingState

LIMITS = {"RAINFOREST_RESIN": 50, "KELP": 50, "SQUID_INK": 50}
ANCHORS = {"RAINFOREST_RESIN": 10_000.0}
WINDOW = 20


class Trader:
    def run(self, state: TradingState) -> tuple[dict[str, list[Order]], int, str]:
        memory = json.loads(state.traderData) if state.traderData else {}
        orders = {}
        for product, limit in LIMITS.items():
            depth = state.order_depths.get(product)
            if depth is None or not depth.buy_orders or not depth.sell_orders:
                continue
            history = memory.setdefault(product, [])
            history.append(self.heavy_mid(depth))
            del history[:-WINDOW]
            fair = ANCHORS.get(product, self.average(history))
            position = state.position.get(product, 0)
            orders[product] = self.take(product, depth, fair, position, limit)
            position += sum(order.quantity for order in orders[product])
            orders[product] += self.quote(product, depth, fair, position, limit)
        return orders, 0, json.dumps(memory)

    def heavy_mid(self, depth: OrderDepth) -> float:
        """Middle of the levels where most volume stands."""
        bid = max(depth.buy_orders, key=lambda price: depth.buy_orders[price])
        ask = min(depth.sell_orders, key=lambda price: depth.sell_orders[price])
        return (bid + ask) / 2

    def average(self, history: list[float]) -> float:
        """Exponential moving average, the newest counting most."""
        value = history[0]
        for price in history[1:]:
            value += 0.2 * (price - value)
        return value

    def take(
        self, product: str, depth: OrderDepth, fair: float, position: int, limit: int
    ) -> list[Order]:
        """Take what is offered on the wrong side of the fair value."""
        orders = []
        for price, volume in sorted(depth.sell_orders.items()):
            quantity = min(-volume, limit - position)
            if price < fair - 1 and quantity > 0:
                orders.append(Order(product, price, quantity))
                position += quantity
        for price, volume in sorted(depth.buy_orders.items(), reverse=True):
            quantity = min(volume, limit + position)
            if price > fair + 1 and quantity > 0:
                orders.append(Order(product, price, -quantity))
                position -= quantity
        return orders

    def quote(
        self, product: str, depth: OrderDepth, fair: float, position: int, limit: int
    ) -> list[Order]:
        """Quote one tick inside the best others, and lean against the position."""
        skew = round(position / limit * 2)
        bid = min(max(depth.buy_orders) + 1, int(fair - 1)) - skew
        ask = max(min(depth.sell_orders) - 1, int(fair + 2)) - skew
        orders = []
        if limit - position > 0:
            orders.append(Order(product, bid, min(10, limit - position)))
        if limit + position > 0:
            orders.append(Order(product, ask, -min(10, limit + position)))
        return orders
