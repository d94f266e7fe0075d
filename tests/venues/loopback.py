"""What the loopback servers of all venues share: a port, its connections, and their faults."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

HTML = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"


class LoopbackServer:
    """
    A venue on a port of this machine.

    A venue's own server says what it answers in `on_connect` and `on_message`.
    """

    path = "/"
    max_size = 1 << 22

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.accepted = 0
        self.received: list[dict] = []
        self.is_html = False
        """Answer every handshake with a web page."""
        self.refuse_status = 0
        """Answer every handshake with this status."""
        self.compression: str | None = None
        self._server = None
        self._port = 0

    async def __aenter__(self):
        await self.listen()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self._port,
            process_request=self._on_request,
            compression=self.compression,
            max_size=self.max_size,
            ping_interval=None,
            close_timeout=0.2,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close(close_connections=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Lose every connection without a goodbye."""
        for connection in self.connections:
            connection.transport.abort()

    async def send(self, message: object, connection: ServerConnection | None = None) -> None:
        """Send to one connection or to all of them; bytes and texts go as they are."""
        data = message if isinstance(message, bytes | str) else msgspec.json.encode(message)
        text = data if isinstance(data, str) else data.decode()
        for each in [connection] if connection else list(self.connections):
            with contextlib.suppress(Exception):
                await each.send(text)

    async def until(self, condition, within_s: float = 10.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.005)

    async def on_connect(self, connection: ServerConnection) -> None:
        """See the class."""

    async def on_message(self, connection: ServerConnection, message: dict) -> None:
        """See the class."""

    def on_http(self, path: str) -> tuple[int, bytes, dict[str, str]] | None:
        """Answer a plain GET; None where it is a handshake."""
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.accepted += 1
        try:
            await self.on_connect(connection)
            with contextlib.suppress(ConnectionClosed):
                async for frame in connection:
                    message = msgspec.json.decode(frame)
                    self.received.append(message)
                    await self.on_message(connection, message)
        finally:
            self.connections.remove(connection)

    def _on_request(self, connection: ServerConnection, request) -> Response | None:
        if self.is_html:
            return _response(200, HTML, {"Content-Type": "text/html"})
        if self.refuse_status:
            return _response(self.refuse_status, b"no", {"Retry-After": "0.3"})
        answer = self.on_http(request.path)
        return None if answer is None else _response(*answer)


def _response(status: int, body: bytes, headers: dict[str, str]) -> Response:
    every = Headers({"Content-Length": str(len(body)), "Connection": "close", **headers})
    return Response(status, HTTPStatus(status).phrase, every, body)
