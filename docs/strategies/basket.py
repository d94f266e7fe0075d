"""An IMC Prosperity Trader: the picnic basket against its parts, without a hedge."""

from datamodel import Order, OrderDepth, TradingState

BASKET = "PICNIC_BASKET1"
PARTS = {"CROISSANTS": 6, "JAMS": 3, "DJEMBES": 1}
PREMIUM = 60
LIMIT = 60


def mid(depth: OrderDepth) -> float:
    return (max(depth.buy_orders) + min(depth.sell_orders)) / 2


class Trader:
    def run(self, state: TradingState) -> tuple[dict[str, list[Order]], int, str]:
        depths = state.order_depths
        parts = sum(weight * mid(depths[name]) for name, weight in PARTS.items())
        premium = mid(depths[BASKET]) - parts
        held = state.position.get(BASKET, 0)
        orders = []
        if premium > PREMIUM and held > -LIMIT:
            price = max(depths[BASKET].buy_orders)
            quantity = min(depths[BASKET].buy_orders[price], LIMIT + held)
            orders.append(Order(BASKET, price, -quantity))
        elif premium < -PREMIUM and held < LIMIT:
            price = min(depths[BASKET].sell_orders)
            quantity = min(-depths[BASKET].sell_orders[price], LIMIT - held)
            orders.append(Order(BASKET, price, quantity))
        return {BASKET: orders}, 0, ""
