"""Asks the services of a city by HTTP, and keeps their keys out of sight."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

import aiohttp
from yarl import URL

from core.domain.errors import RecoverableError
from core.domain.redaction import forms_of, redact
from core.feeds.explain import UNSENDABLE, explain, redirected, too_large
from core.feeds.port import Answer, Request

MAX_BODY_BYTES = 8 << 20
CONNECT_S = 5.0
TOTAL_S = 10.0
"""From the first packet to the last byte of the body: a slow drip ends there too."""

USER_AGENT = "imc-cockpit (terminal cockpit for trading algorithms)"

_CONNECTIONS = 32
"""More than there are sources, of which each asks one thing at a time: none waits for another."""
_REDIRECTS = range(300, 400)
_NOT_MODIFIED = 304
_NOT_KEPT = frozenset({"set-cookie", "www-authenticate", "location"})
"""Headers that may carry a session or a key of ours back."""


class FetchFailed(RecoverableError):
    """No answer came; the text is a sentence for a person, without secrets."""


class Fetcher(Protocol):
    """Gets one answer for one request."""

    async def fetch(self, request: Request, validators: Mapping[str, str]) -> Answer:
        """
        Ask once.

        Args:
            request: What to ask for.
            validators: Headers that make it conditional; empty for none.

        Raises:
            FetchFailed: If no whole answer came.
        """
        ...


class HttpFetcher:
    """
    One pool of connections for all sources.

    Redirects are not followed: a key must not go where it was not meant for.

    Args:
        max_body_bytes: A longer body, unpacked, ends at this size.
        connect_s: Limit for name, connection and TLS.
        total_s: Limit for everything.
        wall_ns: Stamps the answers.
    """

    def __init__(
        self,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        connect_s: float = CONNECT_S,
        total_s: float = TOTAL_S,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._max_body_bytes = max_body_bytes
        self._timeout = aiohttp.ClientTimeout(total=total_s, connect=connect_s)
        self._wall_ns = wall_ns
        self._client: aiohttp.ClientSession | None = None

    async def fetch(self, request: Request, validators: Mapping[str, str]) -> Answer:
        """Ask once; see `Fetcher.fetch`."""
        if not _can_be_sent(request.secret_headers):
            raise FetchFailed(UNSENDABLE)
        try:
            return await self._fetch(request, validators)
        except FetchFailed:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            sentence = explain(error)
        # Outside, so that no traceback carries an address with a key in it.
        raise FetchFailed(redact(sentence, secret_forms(request)))

    async def close(self) -> None:
        """Give the connections back."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _fetch(self, request: Request, validators: Mapping[str, str]) -> Answer:
        url = URL(request.url).update_query({**request.query, **request.secret_query})
        async with self._pool().request(
            "GET" if request.form is None else "POST",
            url,
            data=request.form,
            headers={**validators, **request.headers, **request.secret_headers},
            allow_redirects=False,
        ) as response:
            if response.status in _REDIRECTS and response.status != _NOT_MODIFIED:
                host = _host_of(response.headers.get("Location", ""), url)
                raise FetchFailed(redirected(response.status, host))
            body = await self._body(response)
            headers = _plain(response.headers)
        return Answer(response.status, headers, body, self._wall_ns())

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > self._max_body_bytes:
                raise FetchFailed(too_large(self._max_body_bytes))
            parts.append(part)
        return b"".join(parts)

    def _pool(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT},
                trust_env=True,
            )
        return self._client


def secret_forms(request: Request) -> tuple[str, ...]:
    """Every form in which a text might show a secret of a request, the longest first."""
    secrets = [*request.secret_query.values(), *request.secret_headers.values()]
    secrets += (request.form or {}).values()
    # "Bearer abc" is said, "abc" is the secret.
    secrets += [word for value in request.secret_headers.values() for word in value.split()[1:]]
    forms = {form for secret in secrets for form in forms_of(secret)}
    return tuple(sorted(forms, key=len, reverse=True))


def _can_be_sent(headers: Mapping[str, str]) -> bool:
    return all(value.isprintable() and value.isascii() for value in headers.values())


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of an answer, with names in lower case and without halves of letters."""
    return {
        name.lower(): value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for name, value in headers.items()
        if name.lower() not in _NOT_KEPT
    }


def _host_of(location: str, url: URL) -> str:
    try:
        return url.join(URL(location)).host or "another place"
    except ValueError:
        return "another place"
