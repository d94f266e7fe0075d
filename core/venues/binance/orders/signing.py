"""
Signatures of Binance's WebSocket API.

All parameters but the signature, sorted by name, as `name=value` joined by `&`, without
percent-encoding. HMAC-SHA256 is written in hex, Ed25519 in base64.

Source: developers.binance.com/docs/binance-spot-api-docs/websocket-api/request-security
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from core.domain.errors import ConfigurationError

Value: TypeAlias = str | int | bool
Sign: TypeAlias = Callable[[bytes], str]
"""Makes the signature of a payload."""

_PEM_BEGIN = "-----BEGIN"


def payload_of(params: Mapping[str, Value]) -> bytes:
    """Write what is signed."""
    return "&".join(f"{name}={_text(params[name])}" for name in sorted(params)).encode()


def signer_of(secret: str) -> Sign:
    """
    Make the signer that a secret is for.

    Args:
        secret: An HMAC secret; or an Ed25519 private key as PEM text, or the path of a
            file with one.

    Raises:
        ConfigurationError: If the key cannot be read; never repeats it.
    """
    if secret.startswith(_PEM_BEGIN):
        return _ed25519(secret.encode())
    if secret.endswith(".pem"):
        try:
            return _ed25519(Path(secret).expanduser().read_bytes())
        except OSError as error:
            raise ConfigurationError(
                "venue.api_secret_env: the file of the private key cannot be read: "
                f"{error.strerror}"
            ) from None
    return _hmac(secret.encode())


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _hmac(key: bytes) -> Sign:
    return lambda payload: hmac.new(key, payload, hashlib.sha256).hexdigest()


def _ed25519(pem: bytes) -> Sign:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise ConfigurationError(
            "venue.api_secret_env: an Ed25519 key needs the package cryptography; install it "
            "with pip install 'imc-cockpit[binance]', or use an HMAC key"
        ) from None
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        # The library's sentence may repeat what it read.
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(
            "venue.api_secret_env: not an Ed25519 private key in PEM without a password"
        )
    return lambda payload: base64.b64encode(key.sign(payload)).decode()
