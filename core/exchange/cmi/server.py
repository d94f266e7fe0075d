"""CMI's addresses over HTTP."""

from __future__ import annotations

import errno
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from core.domain.errors import AddressInUse, DecodeError
from core.exchange.cmi.front import CmiFront, Faults, Refusal, User
from core.exchange.config import HOST, ExchangeConfig
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.venues.cmi.codec import encode
from core.venues.cmi.messages import Credentials, NewOrder
from core.venues.wsx.probe import HEALTH_PATH, Health

MAX_REQUEST_BYTES = 1 << 16
_WATCHED_S = 30.0
"""Somebody who polls may take so long between two requests."""

_STREAM_TYPE = "text/event-stream; charset=utf-8"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_credentials = msgspec.json.Decoder(Credentials)
_new_order = msgspec.json.Decoder(NewOrder)


class CmiServer:
    """
    Serves the exchange that `begin` names: it may begin a new life meanwhile.

    Args:
        config: Says how many requests are let in.
        health: What the probe is answered.
    """

    def __init__(self, config: ExchangeConfig, health: Callable[[], Health]) -> None:
        self._health = health
        self._runner: web.AppRunner | None = None
        self._asked_s = -_WATCHED_S
        self._is_ending = False
        self.front: CmiFront
        self.faults = Faults(config.cmi_requests_per_s)
        self.url = ""

    @property
    def is_watched(self) -> bool:
        """Whether somebody listens, or asked a short while ago."""
        return self.front.streams > 0 or time.monotonic() - self._asked_s < _WATCHED_S

    def begin(self, exchange: Exchange, gateway: Gateway) -> None:
        """Serve this exchange from now on: of the one before, streams end and logins are void."""
        if hasattr(self, "front"):
            self.front.close()
        self.front = gateway.listener = CmiFront(exchange, gateway, self.faults)

    async def start(self, port: int) -> None:
        """
        Listen; 0 picks a free port. `url` says where.

        Raises:
            AddressInUse: If somebody else has the port.
        """
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            if error.errno != errno.EADDRINUSE:
                raise
            raise AddressInUse(
                f"port {port} on {HOST} is taken, perhaps by another exchange; choose another one "
                "with --cmi-port, or let --cmi-port 0 choose"
            ) from error
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self._is_ending = True
        self.front.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[_speak])
        routes = app.router
        routes.add_get(HEALTH_PATH, self._answer_probe)
        routes.add_post("/api/user", self._sign_up)
        routes.add_get("/api/user", self._list_users)
        routes.add_post("/api/user/authenticate", self._log_in)
        routes.add_get("/api/market/stream", self._stream)
        routes.add_delete("/api/order/{id}", self._cancel)
        routes.add_delete("/api/order", self._cancel_level)
        routes.add_post("/api/order", self._place)
        for path, look in {
            "/api/product": lambda front, _user, _ask: front.products(),
            "/api/product/{symbol}/order-book/current-user": (
                lambda front, user, ask: front.book(user, ask.match_info["symbol"])
            ),
            "/api/order/current-user": (
                lambda front, user, ask: front.orders(user, ask.query.get("productsymbol"))
            ),
            "/api/position/current-user": lambda front, user, _ask: front.positions(user),
            "/api/trade": lambda front, _user, ask: front.trades(ask.query.get("from")),
            "/api/profit/current-user": lambda front, user, _ask: front.profit(user),
            "/api/status": lambda front, _user, _ask: front.status(),
            "/api/news": lambda _front, _user, _ask: [],
        }.items():
            routes.add_get(path, self._looking(look))
        return app

    def _looking(self, look: Callable[[CmiFront, User, web.Request], Any]) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            return _json(look(self.front, self._user(request), request))

        return answer

    def _user(self, request: web.Request) -> User:
        self._asked_s = time.monotonic()
        if self._is_ending:
            raise Refusal(503, "the exchange is closing")
        return self.front.user(request.headers.get("Authorization", ""), self._asked_s)

    async def _answer_probe(self, request: web.Request) -> web.StreamResponse:
        del request
        return _json(self._health())

    async def _sign_up(self, request: web.Request) -> web.StreamResponse:
        wanted = _credentials.decode(await request.read())
        self.front.sign_up(wanted)
        return _json({"username": wanted.username})

    async def _list_users(self, request: web.Request) -> web.StreamResponse:
        del request
        return _json(self.front.usernames())

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        token = self.front.log_in(_credentials.decode(await request.read()))
        return web.Response(headers={"Authorization": token})

    async def _place(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        return _json(self.front.place(user, _new_order.decode(await request.read())))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        self.front.cancel(self._user(request), request.match_info["id"])
        return web.Response()

    async def _cancel_level(self, request: web.Request) -> web.StreamResponse:
        ask = request.query
        self.front.cancel_level(
            self._user(request), ask.get("product"), ask.get("price"), ask.get("side")
        )
        return web.Response()

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        front = self.front
        user = self._user(request)
        response = web.StreamResponse(
            headers={"Content-Type": _STREAM_TYPE, "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        stream = front.open_stream(user)
        try:
            while data := await stream.take():
                await response.write(data)
        except ConnectionError:
            pass
        finally:
            front.end_stream(user, stream)
        return response


@web.middleware
async def _speak(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer in CMI's way when something is refused."""
    try:
        # Browsers name an origin; no web page has business here.
        if "Origin" in request.headers:
            return _refusal(403, "no web page has business here")
        return await handler(request)
    except Refusal as refusal:
        return _refusal(refusal.status, refusal.message)
    except (DecodeError, ValueError) as error:
        return _refusal(400, str(error))
    except web.HTTPException as error:
        return _refusal(error.status, error.reason)


def _refusal(status: int, message: str) -> web.Response:
    return _json({"message": message}, status)


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=encode(value), status=status, content_type="application/json")
