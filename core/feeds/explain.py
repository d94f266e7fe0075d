"""Sentences on requests that get no answer: what happened, and what to do about it."""

from __future__ import annotations

import ssl

import aiohttp

UNSENDABLE = (
    "the key holds a line break or a letter that cannot be sent; copy it once more, "
    "without what stands around it"
)

_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (
        aiohttp.ClientConnectorCertificateError,
        "its certificate is not trusted; check this machine's clock, and for a proxy that reads",
    ),
    (
        ssl.SSLCertVerificationError,
        "its certificate is not trusted; check this machine's clock, and for a proxy that reads",
    ),
    (aiohttp.ClientSSLError, "no TLS there; check https:// against http:// and the port"),
    (
        aiohttp.ClientConnectorDNSError,
        "its name could not be looked up; check the address and the internet connection",
    ),
    (
        aiohttp.ConnectionTimeoutError,
        "no connection in time; check the internet connection",
    ),
    (TimeoutError, "no whole answer in time; it is asked again later"),
    (aiohttp.NonHttpUrlClientError, "its address is not one of HTTP; check it"),
    (ValueError, "its address cannot be used; check it"),
    (aiohttp.ClientProxyConnectionError, "the proxy does not answer; check HTTPS_PROXY"),
    (aiohttp.ClientConnectorError, "nobody listens there; check address and port"),
    (aiohttp.ServerDisconnectedError, "it hung up without an answer; it is asked again later"),
    (aiohttp.ClientPayloadError, "its answer broke off; it is asked again later"),
    (aiohttp.ClientResponseError, "what answers there does not speak HTTP; check the address"),
    (ConnectionResetError, "it hung up; it is asked again later"),
    (aiohttp.ClientOSError, "the connection broke; it is asked again later"),
)


def explain(error: BaseException) -> str:
    """Say why no answer came, and what to do. Never quotes the error: it may hold a key."""
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return sentence
    return f"no answer ({type(error).__name__}); it is asked again later"


def redirected(status: int, host: str) -> str:
    """Say that an answer pointed elsewhere."""
    return (
        f"HTTP {status}: it points to {host}, which is not followed so that no key goes there; "
        "if the service has moved, a newer version may know its address"
    )


def too_large(limit_bytes: int) -> str:
    """Say that a body was too long."""
    return (
        f"an answer of more than {limit_bytes / (1 << 20):g} MB was not read to its end; "
        "if the place asked for is large, ask for a smaller one"
    )
