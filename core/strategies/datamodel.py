"""
The types that an IMC Prosperity Trader imports as `datamodel`, as IMC publishes them.

Names, attributes and the order of arguments are IMC's; sell volumes are negative. A
Trader may keep and change what it is given: nothing of it is used again.
"""

from __future__ import annotations

import json
import sys
from typing import Any

Time = int
Symbol = str
Product = str
Position = int
UserId = str
ObservationValue = int


class Listing:
    """What may be traded, and what for."""

    def __init__(self, symbol: Symbol, product: Product, denomination: Product) -> None:
        self.symbol = symbol
        self.product = product
        self.denomination = denomination


class ConversionObservation:
    """Prices, fees and tariffs of the other island."""

    def __init__(
        self,
        bidPrice: float,  # noqa: N803  IMC's name, as are those that follow
        askPrice: float,  # noqa: N803
        transportFees: float,  # noqa: N803
        exportTariff: float,  # noqa: N803
        importTariff: float,  # noqa: N803
        sugarPrice: float = 0.0,  # noqa: N803
        sunlightIndex: float = 0.0,  # noqa: N803
    ) -> None:
        self.bidPrice = bidPrice
        self.askPrice = askPrice
        self.transportFees = transportFees
        self.exportTariff = exportTariff
        self.importTariff = importTariff
        self.sugarPrice = sugarPrice
        self.sunlightIndex = sunlightIndex


class Observation:
    """What is seen beside the books."""

    def __init__(
        self,
        plainValueObservations: dict[Product, ObservationValue],  # noqa: N803
        conversionObservations: dict[Product, ConversionObservation],  # noqa: N803
    ) -> None:
        self.plainValueObservations = plainValueObservations
        self.conversionObservations = conversionObservations

    def __str__(self) -> str:
        plain = json.dumps(self.plainValueObservations)
        conversions = json.dumps(self.conversionObservations, cls=ProsperityEncoder)
        return f"(plainValueObservations: {plain}, conversionObservations: {conversions})"


class Order:
    """Wish to trade: a positive quantity buys, a negative one sells."""

    def __init__(self, symbol: Symbol, price: int, quantity: int) -> None:
        self.symbol = symbol
        self.price = price
        self.quantity = quantity

    def __str__(self) -> str:
        return f"({self.symbol}, {self.price}, {self.quantity})"

    __repr__ = __str__


class OrderDepth:
    """Visible volume by price; that of sellers is negative."""

    def __init__(self) -> None:
        self.buy_orders: dict[int, int] = {}
        self.sell_orders: dict[int, int] = {}


class Trade:
    """A trade that happened. One's own side is called SUBMISSION."""

    def __init__(
        self,
        symbol: Symbol,
        price: int,
        quantity: int,
        buyer: UserId | None = None,
        seller: UserId | None = None,
        timestamp: Time = 0,
    ) -> None:
        self.symbol = symbol
        self.price = price
        self.quantity = quantity
        self.buyer = buyer
        self.seller = seller
        self.timestamp = timestamp

    def __str__(self) -> str:
        return (
            f"({self.symbol}, {self.buyer} << {self.seller}, {self.price}, "
            f"{self.quantity}, {self.timestamp})"
        )

    __repr__ = __str__


class TradingState:
    """What a Trader is told in each tick."""

    def __init__(
        self,
        traderData: str,  # noqa: N803
        timestamp: Time,
        listings: dict[Symbol, Listing],
        order_depths: dict[Symbol, OrderDepth],
        own_trades: dict[Symbol, list[Trade]],
        market_trades: dict[Symbol, list[Trade]],
        position: dict[Product, Position],
        observations: Observation,
    ) -> None:
        self.traderData = traderData
        self.timestamp = timestamp
        self.listings = listings
        self.order_depths = order_depths
        self.own_trades = own_trades
        self.market_trades = market_trades
        self.position = position
        self.observations = observations

    def toJSON(self) -> str:  # noqa: N802  IMC's name
        """Write all of it as JSON."""
        return json.dumps(self, cls=ProsperityEncoder, sort_keys=True)


class ProsperityEncoder(json.JSONEncoder):
    """Writes the types of this module as JSON objects."""

    def default(self, o: Any) -> Any:
        """Return an object's attributes."""
        return vars(o)


def provide() -> None:
    """Let `import datamodel` find this module, whatever lies beside the Trader."""
    sys.modules["datamodel"] = sys.modules[__name__]
