"""Kraken's token desk and private WebSocket v2 on loopback, with faults to order."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs

from aiohttp import web
from websockets.asyncio.server import serve
from websockets.protocol import State

from core.venues.kraken.orders.signing import TOKEN_PATH, api_sign, key_of
from tests.venues.small_market import SmallMarket

KEY = "krakenTestKey000000000000000000000000000000000000000000A"
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
FEE = Decimal("0.0005")


class KrakenServer:
    """
    One account, and a counterparty.

    Args:
        symbols: (symbol, most lots held) of each.
    """

    def __init__(self, symbols) -> None:
        self.limits = dict(symbols)
        self.markets = {symbol: SmallMarket() for symbol in self.limits}
        self.balances = {symbol.partition("/")[0]: Decimal(0) for symbol in self.limits}
        self.orders: dict[str, dict] = {}
        self.trades: list[dict] = []
        self.requests: list[dict] = []
        self.subscribers: dict[str, dict] = {"executions": {}, "balances": {}}
        """By channel: the number of the last message, by connection."""
        self.connections: set = set()
        self.deaf: set[str] = set()
        self.silent: set[str] = set()
        self.errors: dict[str, str] = {}
        """By method: the error of the next answer."""
        self.skips_a_number = False
        self.expires_tokens = False
        self.nonces: list[int] = []
        self.dead_man: list[int] = []
        self.port = 0
        self.rest_port = 0
        self._server = None
        self._runner = None
        self._ids = 0
        self._tokens: set[str] = set()

    async def start(self) -> None:
        self._server = await serve(self._serve, "127.0.0.1", self.port, close_timeout=0.1)
        self.port = self._server.sockets[0].getsockname()[1]
        app = web.Application()
        app.router.add_post(TOKEN_PATH, self._give_token)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.rest_port)
        await site.start()
        self.rest_port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v2"

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self.rest_port}"

    def cut(self) -> None:
        for connection in list(self.connections):
            connection.transport.abort()
        for kept in self.subscribers.values():
            kept.clear()

    def counterparty(self, symbol, side, price, quantity) -> None:
        sign = 1 if side == "buy" else -1
        trades, _ = self.markets[symbol].enter(
            "other", self._next("X"), sign, Decimal(price), Decimal(quantity)
        )
        for trade in trades:
            if trade.maker.owner == "us":
                self._trade(self.orders[trade.maker.name], trade.price, trade.quantity, "m")

    def tell(self, channel, data) -> None:
        """Send an update; the balances without news are not told."""
        if self.skips_a_number and channel == "executions":
            self.skips_a_number = False
            for connection in self.subscribers[channel]:
                self.subscribers[channel][connection] += 1
            return
        for connection in list(self.subscribers[channel]):
            self.subscribers[channel][connection] += 1
            self._send(
                connection,
                {"channel": channel, "type": "update", "data": data,
                 "sequence": self.subscribers[channel][connection]},
            )  # fmt: skip

    async def _give_token(self, request):
        body = await request.text()
        nonce = int(parse_qs(body)["nonce"][0])
        wanted = api_sign(key_of(SECRET), TOKEN_PATH, nonce, body)
        if request.headers["API-Key"] != KEY:
            return web.json_response({"error": ["EAPI:Invalid key"]})
        if request.headers["API-Sign"] != wanted:
            return web.json_response({"error": ["EAPI:Invalid signature"]})
        if self.nonces and nonce <= max(self.nonces):
            return web.json_response({"error": ["EAPI:Invalid nonce"]})
        self.nonces.append(nonce)
        token = self._next("token-")
        if not self.expires_tokens:
            self._tokens.add(token)
        self.expires_tokens = False
        return web.json_response({"error": [], "result": {"token": token, "expires": 900}})

    async def _serve(self, connection) -> None:
        self.connections.add(connection)
        self._send(connection, {"channel": "status", "type": "update",
                                "data": [{"system": "online", "version": "2.0.10"}]})  # fmt: skip
        try:
            async for text in connection:
                request = json.loads(text, parse_float=Decimal, parse_int=Decimal)
                self.requests.append(request)
                self._answer(connection, request)
        finally:
            self.connections.discard(connection)
            for kept in self.subscribers.values():
                kept.pop(connection, None)

    def _send(self, connection, message) -> None:
        if connection.protocol.state is State.OPEN:
            connection.protocol.send_text(json.dumps(message).encode())
            connection.transport.write(b"".join(connection.protocol.data_to_send()))

    def _answer(self, connection, request) -> None:
        method, params = request["method"], request["params"]
        if method in self.deaf:
            return
        error = self.errors.pop(method, "")
        if params.get("token") not in self._tokens:
            error = "ESession:Invalid session"
        after = []
        result = {}
        if not error:
            result = getattr(self, f"_do_{method}")(connection, params, after)
            if isinstance(result, str):
                error, result = result, {}
        answer = {"method": method, "req_id": int(request["req_id"]), "success": not error}
        answer |= {"error": error} if error else {"result": result}
        if method not in self.silent:
            self._send(connection, answer)
        for action in after:
            action()

    def _do_subscribe(self, connection, params, after):
        channel = params["channel"]

        def snapshot() -> None:
            self.subscribers[channel][connection] = 1
            data = self._open_orders() + self.trades[-50:] if channel == "executions" else [
                {"asset": asset, "asset_class": "currency", "balance": float(amount)}
                for asset, amount in self.balances.items()
            ]  # fmt: skip
            message = {"channel": channel, "type": "snapshot", "data": data, "sequence": 1}
            self._send(connection, message)

        after.append(snapshot)
        return {"channel": channel}

    def _do_unsubscribe(self, connection, params, after):
        self.subscribers[params["channel"]].pop(connection, None)
        return {"channel": params["channel"]}

    def _do_add_order(self, connection, params, after):
        symbol, side = params["symbol"], params["side"]
        sign = 1 if side == "buy" else -1
        price, quantity = params["limit_price"], params["order_qty"]
        market = self.markets[symbol]
        if params["post_only"] and market.would_cross(sign, price):
            return "EOrder:Post only order"
        if sign > 0 and self.balances[symbol.partition("/")[0]] + quantity > self.limits[symbol]:
            return "EOrder:Positions limit exceeded"
        order = {
            "order_id": self._next("OIMC-"), "cl_ord_id": params["cl_ord_id"], "symbol": symbol,
            "side": side, "price": price, "quantity": quantity, "done": Decimal(0),
            "tif": params["time_in_force"], "open": True,
        }  # fmt: skip
        self.orders[order["order_id"]] = order

        def happen() -> None:
            self.tell("executions", [self._whole(order, "pending_new")])
            self.tell("executions", [self._sparse(order, "new")])
            trades, left = market.enter(
                "us", order["order_id"], sign, price, quantity, ioc=order["tif"] == "ioc"
            )
            for trade in trades:
                self._trade(order, trade.price, trade.quantity, "t")
            if left and order["tif"] == "ioc":
                self._over(order, "canceled", "IOC order unfilled remainder")

        after.append(happen)
        return {"order_id": order["order_id"], "cl_ord_id": order["cl_ord_id"]}

    def _do_cancel_order(self, connection, params, after):
        order = self._find(params)
        if order is None:
            return "EOrder:Unknown order"
        after.append(lambda: self._over(order, "canceled", "User requested"))
        return {"order_id": order["order_id"]}

    def _do_cancel_all(self, connection, params, after):
        found = [order for order in self.orders.values() if order["open"]]
        for order in found:
            after.append(lambda order=order: self._over(order, "canceled", "User requested"))
        return {"count": len(found)}

    def _do_amend_order(self, connection, params, after):
        order = self._find(params)
        if order is None:
            return "EOrder:Unknown order"
        market = self.markets[order["symbol"]]
        market.cancel(order["order_id"])
        order["price"], order["quantity"] = params["limit_price"], params["order_qty"]
        sign = 1 if order["side"] == "buy" else -1

        def happen() -> None:
            self.tell(
                "executions",
                [
                    self._sparse(order, "amended", limit_price=float(order["price"]),
                                 order_qty=float(order["quantity"]))
                ],
            )  # fmt: skip
            left = order["quantity"] - order["done"]
            market.enter("us", order["order_id"], sign, order["price"], left)

        after.append(happen)
        return {"amend_id": self._next("TIMC-"), "order_id": order["order_id"]}

    def _do_cancel_all_orders_after(self, connection, params, after):
        self.dead_man.append(int(params["timeout"]))
        return {"currentTime": self._now(), "triggerTime": self._now()}

    def _find(self, params):
        names = params.get("cl_ord_id", []), params.get("order_id", [])
        return next(
            (
                order
                for order in self.orders.values()
                if order["open"]
                and (order["cl_ord_id"] in names[0] or order["order_id"] in names[1])
            ),
            None,
        )

    def _over(self, order, kind, reason="") -> None:
        self.markets[order["symbol"]].cancel(order["order_id"])
        order["open"] = False
        changes = {"reason": reason, "cancel_reason": reason} if reason else {}
        self.tell(
            "executions", [self._sparse(order, kind, cum_qty=float(order["done"]), **changes)]
        )

    def _trade(self, order, price, quantity, liquidity) -> None:
        """Said to be partly filled even where it is whole: `filled` follows."""
        order["done"] += quantity
        sign = 1 if order["side"] == "buy" else -1
        base, _, quote = order["symbol"].partition("/")
        self.balances[base] += sign * quantity
        fee = price * quantity * FEE if liquidity == "t" else Decimal(0)
        trade = {
            "order_id": order["order_id"], "cl_ord_id": order["cl_ord_id"],
            "symbol": order["symbol"], "exec_id": self._next("TIMC-"), "exec_type": "trade",
            "trade_id": 8_253_473 + len(self.trades), "side": order["side"],
            "last_qty": float(quantity), "last_price": float(price),
            "liquidity_ind": liquidity, "order_status": "partially_filled",
            "fees": [{"asset": quote, "qty": float(fee)}], "timestamp": self._now(),
        }  # fmt: skip
        self.trades.append(trade)
        self.tell("executions", [trade])
        self.tell(
            "balances",
            [{"asset": base, "type": "trade", "amount": float(sign * quantity),
              "balance": float(self.balances[base])}],
        )  # fmt: skip
        if order["done"] == order["quantity"]:
            self._over(order, "filled")

    def _open_orders(self):
        return [
            self._whole(order, "new", cum_qty=float(order["done"]))
            for order in self.orders.values()
            if order["open"]
        ]

    def _whole(self, order, kind, **changes):
        return {
            **self._sparse(order, kind), "symbol": order["symbol"], "side": order["side"],
            "order_qty": float(order["quantity"]), "limit_price": float(order["price"]),
            "time_in_force": order["tif"].upper(), "order_type": "limit", **changes,
        }  # fmt: skip

    def _sparse(self, order, kind, **changes):
        return {
            "order_id": order["order_id"], "cl_ord_id": order["cl_ord_id"], "exec_type": kind,
            "order_status": kind, "timestamp": self._now(), **changes,
        }  # fmt: skip

    def _now(self) -> str:
        moment = datetime.fromtimestamp(time.time(), UTC)
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _next(self, prefix) -> str:
        self._ids += 1
        return f"{prefix}{self._ids:06d}"
