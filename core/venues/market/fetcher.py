"""Fetches what a session wants by HTTP."""

from __future__ import annotations

import math

import aiohttp

from core.venues.market.fetching import Answer

TIMEOUT_S = 10.0
MAX_WAIT_S = 3 * 86_400.0
"""Bans last up to three days."""


class Fetcher:
    """
    GET below one address, over connections that are kept.

    Args:
        base_url: Where paths are appended.
        max_bytes: Longer answers are refused.
    """

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._base_url = base_url.rstrip("/")
        self._max_bytes = max_bytes
        self._client: aiohttp.ClientSession | None = None

    async def get(self, path: str) -> Answer:
        """Fetch one path. Never raises: a failure is an answer with status 0."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=True
            )
        try:
            async with self._client.get(self._base_url + path, allow_redirects=False) as response:
                body = await self._body(response)
                if body is None:
                    return Answer(0, b"", failure=f"an answer of more than {self._max_bytes} bytes")
                wait_s = retry_after_s(response.headers.get("Retry-After", ""))
                return Answer(response.status, body, wait_s)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(0, b"", failure=str(error) or "no answer in time")

    async def close(self) -> None:
        """Give the connections back."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _body(self, response: aiohttp.ClientResponse) -> bytes | None:
        """Read at most the allowed number of bytes; None if there are more."""
        parts = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._max_bytes:
                return None
            parts.append(part)
        return b"".join(parts)


def retry_after_s(text: str) -> float:
    """Seconds of a Retry-After header; 0 where it has none."""
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), MAX_WAIT_S) if math.isfinite(seconds) else 0.0
