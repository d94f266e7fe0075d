"""
A client in the manner of those that participants publish: none of ours is imported.

Rows become dataclasses by `Product(**row)`, so that a field too many is a crash; the token
is taken from the response's header; the stream is read line by line.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

TIMEOUT_S = 30


@dataclass
class Product:
    symbol: str
    tickSize: float  # noqa: N815  as on the wire
    startingPrice: float  # noqa: N815
    contractSize: float  # noqa: N815


@dataclass
class Trade:
    timestamp: str
    product: str
    buyer: str
    seller: str
    volume: int
    price: float
    aggressor: str = ""
    sessionId: str = ""  # noqa: N815


@dataclass
class OrderResponse:
    id: str
    status: str
    product: str
    side: str
    price: float
    volume: int
    filled: int
    user: str
    timestamp: str
    targetUser: str | None = None  # noqa: N815
    message: str | None = None


@dataclass
class Order:
    price: float
    volume: int
    own_volume: int


@dataclass
class OrderBook:
    product: str
    tick_size: float
    buy_orders: list[Order]
    sell_orders: list[Order]


class RequestError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Exchange:
    """What a bot's base class holds."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.base = f"{url}/api"
        self.username = username
        self.password = password
        self.headers = {"Content-Type": "application/json; charset=utf-8"}

    def call(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data=data, headers=self.headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
                if "authenticate" in path:
                    self.headers["Authorization"] = response.headers["Authorization"]
                text = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise RequestError(error.code, json.loads(error.read())["message"]) from None
        return json.loads(text) if text else None

    def login(self) -> None:
        me = {"username": self.username, "password": self.password}
        if self.username not in {row["username"] for row in self.call("GET", "/user")}:
            self.call("POST", "/user", me)
        self.call("POST", "/user/authenticate", me)

    def products(self) -> list[Product]:
        return [Product(**row) for row in self.call("GET", "/product")]

    def book(self, product: str) -> OrderBook:
        raw = self.call("GET", f"/product/{product}/order-book/current-user?sessionId=CRAB")
        sides = [
            [Order(row["price"], row["volume"], row["userOrderVolume"]) for row in raw[side]]
            for side in ("buy", "sell")
        ]
        return OrderBook(raw["product"], raw["tickSize"], *sides)

    def place(self, product: str, price: float, side: str, volume: int) -> OrderResponse:
        body = {"product": product, "price": price, "side": side, "volume": volume}
        return OrderResponse(**self.call("POST", "/order", body))

    def orders(self, product: str = "") -> list[OrderResponse]:
        query = f"?productsymbol={product}" if product else ""
        return [OrderResponse(**row) for row in self.call("GET", f"/order/current-user{query}")]

    def cancel(self, order_id: str) -> None:
        self.call("DELETE", f"/order/{order_id}")

    def cancel_level(self, product: str, price: float, side: str) -> None:
        query = urllib.parse.urlencode({"product": product, "price": price, "side": side})
        self.call("DELETE", f"/order?{query}")

    def positions(self) -> dict[str, int]:
        rows = self.call("GET", "/position/current-user")
        return {row["product"]: row["netPosition"] for row in rows}

    def trades(self, since: str = "") -> list[Trade]:
        query = "?" + urllib.parse.urlencode({"from": since}) if since else ""
        return [Trade(**row) for row in self.call("GET", f"/trade{query}")]

    def stream(self) -> tuple[http.client.HTTPResponse, Iterator[tuple[str, object]]]:
        headers = {**self.headers, "Accept": "text/event-stream; charset=utf-8"}
        request = urllib.request.Request(f"{self.base}/market/stream", headers=headers)
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
        return response, self._events(response)

    def _events(self, response: http.client.HTTPResponse) -> Iterator[tuple[str, object]]:
        name = ""
        for line in response:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                data = json.loads(text.removeprefix("data: "))
                yield name, self._order_book(data) if name == "order" else self._fills(data)

    def _fills(self, data: list[dict[str, object]]) -> list[Trade]:
        return [Trade(**row) for row in (data if isinstance(data, list) else [data])]

    def _order_book(self, data: dict) -> OrderBook:
        sides = [
            sorted(
                (
                    Order(float(price), row["marketVolume"], row["userVolume"])
                    for price, row in data[side].items()
                ),
                key=lambda order: order.price,
                reverse=side == "buyOrders",
            )
            for side in ("buyOrders", "sellOrders")
        ]
        return OrderBook(data["productsymbol"], data["tickSize"], *sides)
