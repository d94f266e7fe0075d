"""A service of a city on a port of this machine, with every way in which one can fail."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

HTML = b"<!DOCTYPE html><html><body>Service unavailable</body></html>"
_TLS_HANDSHAKE = b"\x16"
_REASONS = {200: "OK", 302: "Found", 304: "Not Modified", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What to answer, and how badly."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_hung: bool = False
    """Read the request and say nothing."""
    drip_s: float = 0.0
    """Pause after each byte of the body."""
    huge_bytes: int = 0
    """Send so many bytes in the place of the body, without saying how many there will be."""
    cut_after_bytes: int | None = None
    """Hang up within the body; with 0 before any answer."""
    raw: bytes | None = None
    """Send this and nothing else."""
    gate: asyncio.Event | None = None
    """Answer when it is set."""
    delay_s: float = 0.0


def zipped(body: bytes) -> Reply:
    return Reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})


class CityServer:
    """Answers each path as it is told, and keeps what it was asked."""

    def __init__(self, *, tls=None) -> None:
        self.asked: list[Asked] = []
        self.replies: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.connections = 0
        self.sent_bytes: defaultdict[str, int] = defaultdict(int)
        self._tls = tls
        self._server = None
        self._port = 0
        self._tasks: set[asyncio.Task] = set()
        self._changed = asyncio.Event()

    async def __aenter__(self):
        await self.listen()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=self._tls
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection. `listen` opens the same port again."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self._port}{path}"

    def count(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    async def until(self, condition, within_s: float = 15.0) -> None:
        """Wait for what the requests so far are to show."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()

    async def _exchange(self, reader, writer) -> bool:
        """Take one request and answer it. Returns whether the connection lives on."""
        asked = await _read(reader)
        if asked is None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return False
        self.asked.append(asked)
        self._changed.set()
        reply = self.replies.get(asked.path, Reply())
        reply = reply(asked) if callable(reply) else reply
        if reply.gate is not None:
            await reply.gate.wait()
        await asyncio.sleep(reply.delay_s)
        if reply.is_hung:
            await reader.read()
            return False
        return await self._answer(asked, reply, writer)

    async def _answer(self, asked: Asked, reply: Reply, writer) -> bool:
        if reply.raw is not None:
            writer.write(reply.raw)
            await writer.drain()
            return False
        if reply.cut_after_bytes == 0:
            return False
        writer.write(_head(reply))
        if reply.huge_bytes:
            await self._send_huge(asked, reply, writer)
            return False
        if reply.cut_after_bytes is not None:
            writer.write(reply.body[: reply.cut_after_bytes])
            await writer.drain()
            return False
        if reply.drip_s:
            for byte in reply.body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(reply.drip_s)
        elif reply.status != 304:
            writer.write(reply.body)
        await writer.drain()
        return True

    async def _send_huge(self, asked: Asked, reply: Reply, writer) -> None:
        block = b"x" * (1 << 16)
        while self.sent_bytes[asked.path] < reply.huge_bytes:
            writer.write(block)
            await writer.drain()
            self.sent_bytes[asked.path] += len(block)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    first = await reader.readexactly(1)
    if first == _TLS_HANDSHAKE:
        return None
    head = first + await reader.readuntil(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").strip().split("\r\n")
    method, target, _version = line.split(" ")
    headers = {}
    for each in rest:
        name, _, value = each.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    body = await reader.readexactly(length) if length else b""
    parts = urlsplit(target)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, body)


def _head(reply: Reply) -> bytes:
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.huge_bytes:
        headers["Connection"] = "close"
    elif reply.status != 304:
        headers["Content-Length"] = str(len(reply.body))
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Because')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
