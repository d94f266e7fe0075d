"""Binance's WebSocket API on loopback, as its documents describe it, with faults to order."""

from __future__ import annotations

import hashlib
import hmac
import http
import json
import time
from decimal import Decimal

from websockets.asyncio.server import serve
from websockets.protocol import State

from tests.venues.small_market import SmallMarket

KEY = "imcCockpitTestKey0000000000000000000000000000000000000000000000A"
SECRET = "imcCockpitTestSecret00000000000000000000000000000000000000000000B"
FEE = Decimal("0.0005")


class BinanceServer:
    """
    One account, and a counterparty.

    Args:
        symbols: (symbol, base, tick, lot, most lots held) of each.
    """

    def __init__(self, symbols) -> None:
        self.symbols = {entry[0]: entry for entry in symbols}
        self.markets = {symbol: SmallMarket() for symbol in self.symbols}
        self.balances = {entry[1]: Decimal(0) for entry in symbols}
        self.orders: dict[int, dict] = {}
        self.trades: list[dict] = []
        self.requests: list[dict] = []
        self.subscribers: set = set()
        self.connections: set = set()
        self.silent: set[str] = set()
        """Methods that are carried out and never answered."""
        self.deaf: set[str] = set()
        """Methods that are neither carried out nor answered."""
        self.errors: dict[str, tuple] = {}
        """By method: (status, code, message, data) of the next answer."""
        self.repeats_reports = False
        self.http_status = 0
        self.skew_ms = 0
        self.commission_in_base = False
        self.min_notional = "1"
        self.port = 0
        self._server = None
        self._ids = 900_000
        self._executions = 1_800_000

    async def start(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            process_request=self._http,
            close_timeout=0.1,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws-api/v3"

    def cut(self) -> None:
        for connection in list(self.connections):
            connection.transport.abort()
        self.subscribers.clear()

    def counterparty(self, symbol, side, price, quantity) -> None:
        sign = 1 if side == "BUY" else -1
        trades, _ = self.markets[symbol].enter(
            "other", f"x{self._next()}", sign, Decimal(price), Decimal(quantity)
        )
        self._settle_makers(symbol, trades)

    def tell(self, event) -> None:
        frame = json.dumps({"subscriptionId": 0, "event": event})
        for connection in list(self.subscribers):
            if connection.protocol.state is not State.OPEN:
                continue
            connection.protocol.send_text(frame.encode())
            connection.transport.write(b"".join(connection.protocol.data_to_send()))

    def _http(self, connection, request):
        if self.http_status:
            response = connection.respond(http.HTTPStatus(429), "<html>slow down</html>")
            response.status_code = self.http_status
            response.headers["Retry-After"] = "1"
            return response
        return None

    async def _serve(self, connection) -> None:
        self.connections.add(connection)
        try:
            async for text in connection:
                request = json.loads(text)
                self.requests.append(request)
                for frame in self._answer(connection, request):
                    await connection.send(json.dumps(frame))
        finally:
            self.connections.discard(connection)
            self.subscribers.discard(connection)

    def _answer(self, connection, request):
        method, params = request["method"], request.get("params", {})
        if method in self.deaf:
            return []
        if method in self.errors:
            return [self._error(request, *self.errors.pop(method))]
        if "signature" in params or method not in ("time", "exchangeInfo"):
            problem = self._check(params)
            if problem:
                return [self._error(request, 400, *problem)]
        handler = getattr(self, "_do_" + method.replace(".", "_"))
        answer = handler(connection, request, params)
        return [] if method in self.silent else [answer]

    def _check(self, params):
        signed = {name: value for name, value in params.items() if name != "signature"}
        payload = "&".join(
            f"{name}={str(value).lower() if isinstance(value, bool) else value}"
            for name, value in sorted(signed.items())
        )
        wanted = hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if params.get("apiKey") != KEY:
            return -2015, f"Invalid API-key {params.get('apiKey')}, IP, or permissions."
        if params.get("signature") != wanted:
            return -1022, "Signature for this request is not valid."
        lag = self._now() - params["timestamp"]
        if not -1000 < lag <= params.get("recvWindow", 5000):
            return -1021, "Timestamp for this request is outside of the recvWindow."
        return None

    def _error(self, request, status, code, message, data=None):
        error = {"code": code, "msg": message}
        if data is not None:
            error["data"] = data
        return {"id": request["id"], "status": status, "error": error, "rateLimits": []}

    def _ok(self, request, result):
        return {"id": request["id"], "status": 200, "result": result}

    def _now(self) -> int:
        return time.time_ns() // 1_000_000 + self.skew_ms

    def _next(self) -> int:
        self._ids += 1
        return self._ids

    def _do_time(self, connection, request, params):
        return self._ok(request, {"serverTime": self._now()})

    def _do_exchangeInfo(self, connection, request, params):  # noqa: N802  the venue's word
        symbols = []
        for name in params["symbols"]:
            symbol, base, tick, lot, _ = self.symbols[name]
            filters = [
                {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000",
                 "tickSize": tick},
                {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000.00000000",
                 "stepSize": lot},
                {"filterType": "NOTIONAL", "minNotional": self.min_notional,
                 "applyMinToMarket": True, "maxNotional": "9000000.00000000"},
            ]  # fmt: skip
            symbols.append(
                {"symbol": symbol, "status": "TRADING", "baseAsset": base, "quoteAsset": "EUR",
                 "filters": filters}
            )  # fmt: skip
        return self._ok(request, {"timezone": "UTC", "symbols": symbols})

    def _do_userDataStream_subscribe_signature(self, connection, request, params):  # noqa: N802
        self.subscribers.add(connection)
        return self._ok(request, {"subscriptionId": 0})

    def _do_openOrders_status(self, connection, request, params):  # noqa: N802
        return self._ok(
            request, [self._shown(order) for order in self.orders.values() if order["open"]]
        )

    def _do_myTrades(self, connection, request, params):  # noqa: N802
        return self._ok(
            request,
            [
                trade
                for trade in self.trades
                if trade["symbol"] == params["symbol"] and trade["time"] >= params["startTime"]
            ],
        )

    def _do_account_status(self, connection, request, params):
        balances = [
            {"asset": asset, "free": str(amount), "locked": "0.00000000"}
            for asset, amount in self.balances.items()
            if amount
        ]
        return self._ok(request, {"balances": balances})

    def _do_order_place(self, connection, request, params):
        symbol, side = params["symbol"], params["side"]
        sign = 1 if side == "BUY" else -1
        price, quantity = Decimal(params["price"]), Decimal(params["quantity"])
        market, entry = self.markets[symbol], self.symbols[symbol]
        if any(
            order["name"] == params["newClientOrderId"] and order["open"]
            for order in self.orders.values()
        ):
            return self._error(request, 400, -2010, "Duplicate order sent.")
        if params["type"] == "LIMIT_MAKER" and market.would_cross(sign, price):
            return self._error(request, 400, -2010, "Order would immediately match and take.")
        if sign > 0 and self.balances[entry[1]] + quantity > entry[4]:
            return self._error(request, 400, -1013, "Filter failure: MAX_POSITION")
        order = {
            "symbol": symbol, "id": self._next(), "name": params["newClientOrderId"],
            "side": side, "price": price, "quantity": quantity, "done": Decimal(0),
            "open": True, "type": params["type"], "tif": params.get("timeInForce", "GTC"),
            "status": "NEW",
        }  # fmt: skip
        self.orders[order["id"]] = order
        self._report(order, "NEW")
        trades, left = market.enter(
            "us", str(order["id"]), sign, price, quantity, ioc=order["tif"] == "IOC"
        )
        for trade in trades:
            self._trade(order, trade.price, trade.quantity, is_maker=False)
        if left and order["tif"] == "IOC":
            order["open"], order["status"] = False, "EXPIRED"
            self._report(order, "EXPIRED")
        return self._ok(request, {"symbol": symbol, "orderId": order["id"],
                                  "clientOrderId": order["name"]})  # fmt: skip

    def _do_order_cancel(self, connection, request, params):
        order = self._find(params, "origClientOrderId")
        if order is None or not order["open"]:
            return self._error(request, 400, -2011, "Unknown order sent.")
        self._cancel(order)
        return self._ok(request, self._shown(order))

    def _do_order_cancelReplace(self, connection, request, params):  # noqa: N802
        order = self._find(params, "cancelOrigClientOrderId")
        if order is None or not order["open"]:
            failed = {"cancelResult": "FAILURE", "newOrderResult": "NOT_ATTEMPTED"}
            return self._error(request, 400, -2022, "Order cancel-replace failed.", failed)
        self._cancel(order)
        answer = self._do_order_place(connection, request, params)
        if "error" in answer:
            half = {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE"}
            return self._error(request, 409, -2021, "Order cancel-replace partially failed.", half)
        return self._ok(request, {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS"})

    def _do_order_status(self, connection, request, params):
        order = self._find(params, "origClientOrderId")
        if order is None:
            return self._error(request, 400, -2013, "Order does not exist.")
        return self._ok(request, self._shown(order))

    def _do_openOrders_cancelAll(self, connection, request, params):  # noqa: N802
        found = [
            order
            for order in self.orders.values()
            if order["open"] and order["symbol"] == params["symbol"]
        ]
        if not found:
            return self._error(request, 400, -2011, "Unknown order sent.")
        for order in found:
            self._cancel(order)
        return self._ok(request, [self._shown(order) for order in found])

    def _find(self, params, field):
        return next(
            (
                order
                for order in reversed(self.orders.values())
                if order["name"] == params.get(field) or order["id"] == params.get("orderId")
            ),
            None,
        )

    def _cancel(self, order) -> None:
        self.markets[order["symbol"]].cancel(str(order["id"]))
        order["open"], order["status"] = False, "CANCELED"
        self._report(order, "CANCELED", c=f"cancel-{self._next()}", C=order["name"])

    def _settle_makers(self, symbol, trades) -> None:
        for trade in trades:
            if trade.maker.owner == "us":
                order = self.orders[int(trade.maker.name)]
                self._trade(order, trade.price, trade.quantity, is_maker=True)

    def _trade(self, order, price, quantity, *, is_maker) -> None:
        base = self.symbols[order["symbol"]][1]
        sign = 1 if order["side"] == "BUY" else -1
        order["done"] += quantity
        if order["done"] == order["quantity"]:
            order["open"], order["status"] = False, "FILLED"
        else:
            order["status"] = "PARTIALLY_FILLED"
        self.balances[base] += sign * quantity
        commission, asset = price * quantity * FEE, "EUR"
        if self.commission_in_base:
            commission, asset = quantity * FEE, base
            self.balances[base] -= commission
        if is_maker:
            commission = commission if self.commission_in_base else Decimal(0)
        trade_id = 77_000 + len(self.trades)
        now = self._now()
        self.trades.append(
            {"symbol": order["symbol"], "id": trade_id, "orderId": order["id"],
             "price": str(price), "qty": str(quantity), "commission": f"{commission:f}",
             "commissionAsset": asset, "time": now, "isBuyer": sign > 0, "isMaker": is_maker}
        )  # fmt: skip
        self._report(
            order, "TRADE", l=str(quantity), L=str(price), n=f"{commission:f}", N=asset,
            t=trade_id, m=is_maker, T=now,
        )  # fmt: skip

    def _report(self, order, execution, **changes) -> None:
        self._executions += 1
        event = {
            "e": "executionReport", "E": self._now(), "s": order["symbol"], "c": order["name"],
            "S": order["side"], "o": order["type"], "f": order["tif"],
            "q": str(order["quantity"]), "p": str(order["price"]), "C": "",
            "x": execution, "X": order["status"] if execution != "NEW" else "NEW", "r": "NONE",
            "i": order["id"], "l": "0.00000000", "z": str(order["done"]), "L": "0.00000000",
            "n": "0", "N": None, "T": self._now(), "t": -1, "I": self._executions, "w": True,
            "m": False, **changes,
        }  # fmt: skip
        for _ in range(1 + self.repeats_reports):
            self.tell(event)

    def _shown(self, order):
        return {
            "symbol": order["symbol"], "orderId": order["id"], "clientOrderId": order["name"],
            "price": str(order["price"]), "origQty": str(order["quantity"]),
            "executedQty": str(order["done"]), "status": order["status"], "side": order["side"],
            "type": order["type"], "timeInForce": order["tif"], "updateTime": self._now(),
        }  # fmt: skip
