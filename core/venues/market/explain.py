"""Sentences on connections that fail: what happened, and what to do about it."""

from __future__ import annotations

import socket
import ssl
from http import HTTPStatus

from websockets.exceptions import InvalidMessage, InvalidStatus, PayloadTooBig

_BY_STATUS: dict[int, str] = {
    HTTPStatus.FORBIDDEN: "it refuses this address or country; use another venue or its own "
    "site for your region",
    HTTPStatus.NOT_FOUND: "there is no market data under this path; check the address",
    HTTPStatus.IM_A_TEAPOT: "this address is banned for a while; leave it alone until then",
    HTTPStatus.TOO_MANY_REQUESTS: "too many connections; they are made more slowly now",
    HTTPStatus.OK: "it answered with a web page instead of market data; a proxy or a login "
    "page may stand between, so open the address in a browser",
}


_BY_KIND: tuple[tuple[type[BaseException], str], ...] = (
    (InvalidMessage, "what answers there does not speak HTTP; check address and port"),
    (
        ssl.SSLCertVerificationError,
        "its certificate is not trusted; check this machine's clock, and for a proxy that reads",
    ),
    (ssl.SSLError, "no TLS there; check wss:// against ws:// in the address, and the port"),
    (
        socket.gaierror,
        "its name could not be looked up; check the address and the internet connection",
    ),
    (ConnectionResetError, "it hung up at once; check wss:// against ws://, and the port"),
    (ConnectionRefusedError, "nobody listens there; check address and port"),
    (TimeoutError, "no answer in time; check the internet connection"),
    (PayloadTooBig, "it sent a longer message than it ever should, which was not read"),
)


def explain(error: BaseException) -> str:
    """Say why a connection could not be made or did not last, and what to do."""
    if isinstance(error, InvalidStatus):
        return status_sentence(error.response.status_code)
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return sentence
    return str(error) or type(error).__name__


def status_sentence(status: int) -> str:
    """Say what an HTTP status means here."""
    advice = _BY_STATUS.get(HTTPStatus(status)) if status in set(HTTPStatus) else None
    if advice is None:
        advice = (
            "the venue has a fault or is closed for maintenance" if status >= 500 else "refused"
        )
    return f"HTTP {status}: {advice}"
