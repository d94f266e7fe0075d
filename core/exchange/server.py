"""The practice exchange as a process: sockets, a clock, and its own end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import math
import signal
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from websockets.asyncio.server import Server, ServerConnection, broadcast
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from core.domain.errors import AddressInUse, DecodeError
from core.exchange.config import HOST, ExchangeConfig
from core.exchange.exchange import Exchange
from core.exchange.fault_panel import LOOK_EVERY_S, FaultPanel
from core.exchange.faults import NO_FAULTS, FaultyLine, reject_reason, spoil
from core.exchange.gateway import Client, Gateway
from core.exchange.market import warm_up
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client
from core.venues.wsx.probe import HEALTH_PATH, SERVICE, Health

if TYPE_CHECKING:
    from core.exchange.cmi.server import CmiServer

FAULTS_PATH = "/faults"
MAX_CLIENTS = 64
MAX_REQUEST_BYTES = 1 << 16
CLOSE_TIMEOUT_S = 1.0
_SHORTEST_SLEEP_S = 0.002
_MAX_TICKS_AT_ONCE = 64
"""A process that was stopped, or cannot keep up, does not make up for more than this."""


class SocketPeer:
    """A client at the other end of a socket, over a line that may be a faulty one."""

    def __init__(
        self, connection: ServerConnection, max_unsent_bytes: int, panel: FaultPanel
    ) -> None:
        self._connection = connection
        self._max_unsent_bytes = max_unsent_bytes
        self._panel = panel
        self._to_client = FaultyLine(panel.random)
        self._to_exchange = FaultyLine(panel.random)
        self._was_faulty = False
        self.joined_s = time.monotonic()

    def send(self, data: bytes) -> None:
        """Send a frame, or drop a client that does not read what it gets."""
        if not self._panel.is_on and not self._was_faulty:
            self._write(data)
            return
        self._was_faulty = True
        faults, now_ns = self._panel.now, time.monotonic_ns()
        for message, is_held in spoil(data, faults.exchange, self._panel.random):
            if is_held:
                self._to_client.hold(message, now_ns)
            else:
                self._to_client.pass_on(message, faults.to_client, now_ns)
        self.pump()

    def hear(self, data: bytes) -> list[bytes]:
        """Take a frame in. Returns what of it, and of those before it, arrives now."""
        if not self._panel.is_on and not self._was_faulty:
            return [data]
        self._was_faulty = True
        if not self._panel.now.exchange.half_open:
            self._to_exchange.pass_on(data, self._panel.now.to_exchange, time.monotonic_ns())
        return self.heard()

    def heard(self) -> list[bytes]:
        """What arrives at the exchange by now."""
        return self._to_exchange.due(time.monotonic_ns())

    def pump(self) -> None:
        """Send what has been under way for long enough."""
        for message in self._to_client.due(time.monotonic_ns()):
            self._write(message)

    def cut(self) -> None:
        """End the connection without a goodbye."""
        self._connection.transport.abort()

    def _write(self, data: bytes) -> None:
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

    Raises:
        ConfigurationError: If the file of faults cannot be used.
    """

    def __init__(self, config: ExchangeConfig, start_ts_ns: int) -> None:
        self.config = config
        self.panel = FaultPanel(config.faults)
        self._peers: dict[Client, SocketPeer] = {}
        self._made_s = time.monotonic()
        self.cmi = None if config.cmi_port is None else _cmi_side(config, self._health)
        self._begin(start_ts_ns)

    def _begin(self, start_ts_ns: int) -> None:
        """Begin a life of the exchange, in which nothing has happened yet."""
        self.exchange = Exchange(self.config, start_ts_ns)
        self.gateway = Gateway(self.exchange)
        if self.cmi is not None:
            self.cmi.begin(self.exchange, self.gateway)
        self._faults = NO_FAULTS.exchange

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
            if self.cmi is not None:
                await self.cmi.start(self.config.cmi_port or 0)
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
            if self.cmi is not None:
                await self.cmi.stop()
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
        if self.panel.now.exchange.refuse_connections:
            await connection.close(CloseCode.TRY_AGAIN_LATER, "not now")
            return
        peer = SocketPeer(connection, self.config.max_unsent_bytes, self.panel)
        gateway = self.gateway
        client = gateway.join(peer)
        self._peers[client] = peer
        try:
            is_welcome = True
            while is_welcome:
                data = await connection.recv(decode=False)
                is_welcome = all(self._receive(gateway, client, part) for part in peer.hear(data))
                gateway.flush()
                if self.panel.now.exchange.reads_per_s:
                    await asyncio.sleep(1 / self.panel.now.exchange.reads_per_s)
            await connection.close(CloseCode.POLICY_VIOLATION, "not logged in")
        except ConnectionClosed:
            pass
        finally:
            self._peers.pop(client, None)
            gateway.leave(client)
            gateway.flush()

    def _receive(self, gateway: Gateway, client: Client, data: bytes) -> bool:
        """Serve one message, or refuse it where the faults say so."""
        faults = self.panel.now.exchange
        if faults.reject and client.account is not None:
            with contextlib.suppress(DecodeError):
                message = decode_client(data)
                is_refused = self.panel.random.random() < faults.reject
                if isinstance(message, wire.Place) and is_refused:
                    self.exchange.place(client.account, message, reject_reason(faults))
                    return True
        return gateway.receive(client, data)

    def _change_faults(self) -> None:
        """Do what faults ask for that were turned on or off."""
        now = self.panel.now.exchange
        if now.life > self._faults.life:
            for peer in self._peers.values():
                peer.cut()
            self._peers.clear()
            self._begin(time.time_ns())
        self.exchange.turn_clock((now.clock_offset_ms - self._faults.clock_offset_ms) * 1_000_000)
        self._faults = now

    def _tend_lines(self) -> None:
        """Deliver what is due on every line, also what was delayed by faults that are over."""
        max_age_s = self.panel.now.exchange.disconnect_every_s or math.inf
        for client, peer in list(self._peers.items()):
            peer.pump()
            is_welcome = all(self._receive(self.gateway, client, data) for data in peer.heard())
            if not is_welcome or time.monotonic() - peer.joined_s > max_age_s:
                peer.cut()

    def _answer_http(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a probe; anything else goes on to the WebSocket handshake."""
        if request.path == FAULTS_PATH:
            return _as_json(connection, self.panel.now.model_dump_json(indent=2))
        if request.path != HEALTH_PATH:
            return None
        return _as_json(connection, json.dumps(self._health()))

    def _health(self) -> Health:
        return {
            "service": SERVICE,
            "session": self.exchange.session,
            "seed": self.config.seed,
            "speed": self.config.speed,
            "clients": self.gateway.clients,
            "refused": self.gateway.refused,
        }

    async def _live(self) -> None:
        """Advance the market with the clock; return when nobody has watched for too long."""
        loop = asyncio.get_running_loop()
        tick_s = self.exchange.tick_ns / 1e9 / self.config.speed
        # The clock on the wall went on while the matching was compiled.
        self.exchange.skip(round((time.monotonic() - self._made_s) * 1e9 * self.config.speed))
        now_s = watched_s = looked_s = loop.time()
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
            if now_s >= looked_s:
                looked_s = now_s + LOOK_EVERY_S
                self.panel.look()
                self._change_faults()
            self._tend_lines()
            self.gateway.flush()
            if now_s >= heartbeat_s:
                heartbeat_s = now_s + self.config.heartbeat_s
                self.gateway.heartbeat()
            if self.gateway.clients or (self.cmi is not None and self.cmi.is_watched):
                watched_s = now_s
            elif self.config.idle_exit_s and now_s - watched_s >= self.config.idle_exit_s:
                return
            await asyncio.sleep(max(_SHORTEST_SLEEP_S, due_s + tick_s - loop.time()))


def _cmi_side(config: ExchangeConfig, health: Callable[[], Health]) -> CmiServer:
    # Only where it is wanted: an HTTP server takes its time to load.
    from core.exchange.cmi.server import CmiServer

    return CmiServer(config, health)


def _as_json(connection: ServerConnection, text: str) -> Response:
    response = connection.respond(HTTPStatus.OK, text + "\n")
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    return response


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
        if server.cmi is not None:
            sys.stdout.write(f"as a CMI exchange (REST and SSE) on {server.cmi.url}\n")
        sys.stdout.flush()

    server = ExchangeServer(config, time.time_ns())

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such handlers; Ctrl-C ends the process there.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop.set)
        await server.run(stop, announce)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
