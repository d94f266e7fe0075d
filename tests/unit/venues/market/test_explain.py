"""Sentences on connections that fail."""

from __future__ import annotations

import socket
import ssl

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus, PayloadTooBig
from websockets.http11 import Response

from core.venues.market.explain import explain
from core.venues.market.fetcher import retry_after_s


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ConnectionRefusedError(111, "refused"), "nobody listens there"),
        (ConnectionResetError(), "check wss:// against ws://"),
        (TimeoutError(), "check the internet connection"),
        (socket.gaierror(-2, "unknown"), "its name could not be looked up"),
        (ssl.SSLCertVerificationError(1, "expired"), "its certificate is not trusted"),
        (ssl.SSLError(1, "wrong version"), "check wss:// against ws://"),
        (PayloadTooBig(9, 8), "a longer message than it ever should"),
        (OSError("the cable is out"), "the cable is out"),
    ],
)
def test_every_failure_says_what_to_do(error: Exception, advice: str) -> None:
    assert advice in explain(error)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (200, "a web page instead of market data"),
        (403, "refuses this address or country"),
        (418, "banned for a while"),
        (429, "made more slowly"),
        (503, "closed for maintenance"),
        (402, "HTTP 402: refused"),
    ],
)
def test_every_status_says_what_it_means(status: int, advice: str) -> None:
    assert advice in explain(InvalidStatus(Response(status, "", Headers())))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0.0), ("2.5", 2.5), ("-3", 0.0), ("nan", 0.0), ("soon", 0.0), ("1e9", 259_200.0)],
)
def test_a_wait_is_read_and_bounded(header: str, seconds: float) -> None:
    assert retry_after_s(header) == seconds
