"""
Signatures of Kraken's private REST requests, which give out the token of the WebSocket.

`API-Sign` is the base64 of HMAC-SHA512 over path and SHA256 of nonce and body, with the
decoded secret as its key.

Source: docs.kraken.com/api/docs/guides/spot-rest-auth
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

from core.domain.errors import ConfigurationError

TOKEN_PATH = "/0/private/GetWebSocketsToken"  # noqa: S105  where tokens are, not one


def key_of(secret: str) -> bytes:
    """
    Decode a secret.

    Raises:
        ConfigurationError: If it is no base64; never repeats it.
    """
    try:
        return base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError(
            "venue.api_secret_env: not a Kraken secret, which is base64: copy all of it"
        ) from None


def api_sign(key: bytes, path: str, nonce: int, body: str) -> str:
    """Sign a request."""
    digest = hashlib.sha256(f"{nonce}{body}".encode()).digest()
    return base64.b64encode(hmac.new(key, path.encode() + digest, hashlib.sha512).digest()).decode()


class Nonces:
    """
    Numbers that strictly grow, as long as the clock does not fall far back between runs.

    Args:
        clock_us: Time of day in microseconds.
    """

    def __init__(self, clock_us: Callable[[], int]) -> None:
        self._clock_us = clock_us
        self._last = 0

    def take(self) -> int:
        """Give out the next one."""
        self._last = max(self._last + 1, self._clock_us())
        return self._last
