"""Sentences on requests that get no answer."""

from __future__ import annotations

import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from core.feeds.explain import explain, redirected, too_large

KEY = "open-sesame-77"
_WHERE = ConnectionKey("city.test", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None,
                       proxy_headers_hash=None)  # fmt: skip


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "no whole answer in time"),
        (aiohttp.ConnectionTimeoutError(), "no connection in time"),
        (aiohttp.ClientConnectorDNSError(_WHERE, OSError(KEY)), "could not be looked up"),
        (aiohttp.ClientConnectorError(_WHERE, OSError(KEY)), "nobody listens there"),
        (aiohttp.ClientProxyConnectionError(_WHERE, OSError(KEY)), "the proxy does not answer"),
        (ssl.SSLCertVerificationError(KEY), "certificate is not trusted"),
        (aiohttp.ServerDisconnectedError(KEY), "hung up without an answer"),
        (aiohttp.ClientPayloadError(KEY), "broke off"),
        (aiohttp.InvalidURL(f"https://a.test/?appid={KEY}"), "its address cannot be used"),
        (aiohttp.NonHttpUrlClientError(f"ftp://a.test/?appid={KEY}"), "not one of HTTP"),
        (UnicodeError(KEY), "its address cannot be used"),
        (ConnectionResetError(KEY), "hung up"),
        (aiohttp.ClientOSError(KEY), "the connection broke"),
        (aiohttp.ClientError(KEY), "no answer (ClientError)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_is_a_sentence_that_quotes_nothing(error, words) -> None:
    sentence = explain(error)
    assert words in sentence
    assert KEY not in sentence
    assert sentence[0].islower()


def test_a_redirect_names_the_host_alone() -> None:
    assert "it points to elsewhere.test, which is not followed" in redirected(302, "elsewhere.test")


def test_a_limit_is_named_in_megabytes() -> None:
    assert "more than 8 MB" in too_large(8 << 20)
    assert "more than 0.5 MB" in too_large(1 << 19)
