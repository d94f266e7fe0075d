"""Ask whether a practice exchange answers on a port, without logging in."""

from __future__ import annotations

import asyncio
from typing import TypedDict
from urllib.parse import urlsplit

import msgspec

SERVICE = "imc-cockpit practice exchange"
HEALTH_PATH = "/health"
_MAX_ANSWER_BYTES = 1 << 14


class Health(TypedDict):
    """What an exchange says of itself."""

    service: str
    session: str
    seed: int
    speed: float
    clients: int
    refused: int


async def probe(url: str, timeout_s: float = 1.0) -> Health | None:
    """
    Look for an exchange.

    Args:
        url: As for `WsxVenue`, for example `ws://127.0.0.1:8765`.
        timeout_s: How long to wait for an answer.

    Returns:
        What it says of itself, or None if nothing, or something else, answers there.
    """
    try:
        parts = urlsplit(url)
        request = f"GET {HEALTH_PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        async with asyncio.timeout(timeout_s):
            answer = await _ask(parts.hostname or "", parts.port or 80, request.encode())
    except (OSError, ValueError):
        # A port beyond 65535 is a ValueError.
        return None
    try:
        health = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2], type=Health)
    except (ValueError, RecursionError):
        return None
    return health if health["service"] == SERVICE else None


async def _ask(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        answer = b""
        while len(answer) < _MAX_ANSWER_BYTES:
            more = await reader.read(_MAX_ANSWER_BYTES)
            if not more:
                break
            answer += more
        return answer
    finally:
        writer.close()
