"""The practice exchange as a process: sockets, a clock, and its own end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import signal
import sys
import time
from collections.abc import Callable
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, broadcast
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from core.domain.errors import AddressInUse
from core.exchange.config import HOST, ExchangeConfig
from core.exchange.exchange import Exchange
from core.exchange.gateway import Gateway
from core.exchange.market import warm_up
from core.venues.wsx.probe import HEALTH_PATH, SERVICE

MAX_CLIENTS = 64
MAX_REQUEST_BYTES = 1 << 16
CLOSE_TIMEOUT_S = 1.0
_SHORTEST_SLEEP_S = 0.002
_MAX_TICKS_AT_ONCE = 64
"""A process that was stopped, or cannot keep up, does not make up for more than this."""


class SocketPeer:
    """A client at the other end of a socket."""

    def __init__(self, connection: ServerConnection, max_unsent_bytes: int) -> None:
        self._connection = connection
        self._max_unsent_bytes = max_unsent_bytes

    def send(self, data: bytes) -> None:
        """Send a frame, or drop a client that does not read what it gets."""
        transport = self._connection.transport
        if transport.get_write_buffer_size() > self._max_unsent_bytes:
            transport.abort()
        else:
            broadcast([self._connection], data, text=True)


class ExchangeServer:
    """
    One exchange on one port.

    Args:
        config: What to trade, where, and how fast.
        start_ts_ns: Exchange time at the start, UTC.
    """

    def __init__(self, config: ExchangeConfig, start_ts_ns: int) -> None:
        self.config = config
        self.exchange = Exchange(config, start_ts_ns)
        self.gateway = Gateway(self.exchange)

    async def run(self, stop: asyncio.Event, ready: Callable[[int], None] | None = None) -> None:
        """
        Serve until `stop` is set or nobody was connected for `idle_exit_s`.

        Args:
            stop: Ends it.
            ready: Called with the port once clients can connect.

        Raises:
            AddressInUse: If somebody else holds the port.
        """
        # Before anybody can connect, or the first client would find nobody at home.
        warm_up(self.config.products[0])
        server = await self._listen()
        try:
            if ready is not None:
                ready(server.sockets[0].getsockname()[1])
            clock = asyncio.ensure_future(self._live())
            stopped = asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait({clock, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if clock.done():
                    clock.result()
            finally:
                clock.cancel()
                stopped.cancel()
        finally:
            server.close()
            await server.wait_closed()

    async def _listen(self) -> Server:
        try:
            return await listen(
                self._attend,
                HOST,
                self.config.port,
                process_request=self._answer_http,
                # Browsers name an origin; no web page has business here.
                origins=[None],
                compression=None,
                max_size=MAX_REQUEST_BYTES,
                close_timeout=CLOSE_TIMEOUT_S,
            )
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise AddressInUse(
                f"port {self.config.port} on {HOST} is taken, perhaps by another exchange; "
                "choose another one with --port, or let --port 0 choose"
            ) from error

    async def _attend(self, connection: ServerConnection) -> None:
        """Serve one client to its end."""
        if self.gateway.clients >= MAX_CLIENTS:
            await connection.close(CloseCode.TRY_AGAIN_LATER, "too many clients")
            return
        client = self.gateway.join(SocketPeer(connection, self.config.max_unsent_bytes))
        try:
            while self.gateway.receive(client, await connection.recv(decode=False)):
                self.gateway.flush()
            await connection.close(CloseCode.POLICY_VIOLATION, "not logged in")
        except ConnectionClosed:
            pass
        finally:
            self.gateway.leave(client)
            self.gateway.flush()

    def _answer_http(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a probe; anything else goes on to the WebSocket handshake."""
        if request.path != HEALTH_PATH:
            return None
        health = {
            "service": SERVICE,
            "session": self.exchange.session,
            "seed": self.config.seed,
            "speed": self.config.speed,
            "clients": self.gateway.clients,
            "refused": self.gateway.refused,
        }
        response = connection.respond(HTTPStatus.OK, json.dumps(health) + "\n")
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response

    async def _live(self) -> None:
        """Advance the market with the clock; return when nobody has watched for too long."""
        loop = asyncio.get_running_loop()
        tick_s = self.exchange.tick_ns / 1e9 / self.config.speed
        now_s = watched_s = loop.time()
        due_s, heartbeat_s = now_s, now_s
        while True:
            now_s = loop.time()
            ticks = int((now_s - due_s) / tick_s)
            for _ in range(min(ticks, _MAX_TICKS_AT_ONCE)):
                self.exchange.advance()
            missed = max(0, ticks - _MAX_TICKS_AT_ONCE)
            if missed:
                self.exchange.skip(missed * self.exchange.tick_ns)
            due_s += ticks * tick_s
            self.gateway.flush()
            if now_s >= heartbeat_s:
                heartbeat_s = now_s + self.config.heartbeat_s
                self.gateway.heartbeat()
            if self.gateway.clients:
                watched_s = now_s
            elif self.config.idle_exit_s and now_s - watched_s >= self.config.idle_exit_s:
                return
            await asyncio.sleep(max(_SHORTEST_SLEEP_S, due_s + tick_s - loop.time()))


async def serve(
    config: ExchangeConfig,
    ready: Callable[[int], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """
    Run an exchange until it is stopped, or nobody has been connected for a while.

    Args:
        config: What to trade, where, and how fast.
        ready: Called with the port once clients can connect.
        stop: Ends it; without one, cancel the task.

    Raises:
        AddressInUse: If somebody else holds the port.
    """
    await ExchangeServer(config, time.time_ns()).run(stop or asyncio.Event(), ready)


def main(config: ExchangeConfig) -> None:
    """
    Run an exchange as this process, until SIGINT, SIGTERM or idleness ends it in order.

    Raises:
        AddressInUse: If somebody else holds the port.
    """

    def announce(port: int) -> None:
        sys.stdout.write(f"practice exchange on ws://{HOST}:{port} (seed {config.seed})\n")
        sys.stdout.flush()

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; Ctrl-C ends the process there.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop.set)
        await serve(config, announce, stop)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
