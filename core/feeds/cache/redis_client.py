"""A connection to Redis, and sentences on why there is none."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from core.domain.errors import ConfigurationError

INSTALL = "Redis needs a package: pip install 'imc-cockpit[redis]'"
SCHEMES = ("redis", "rediss", "unix")
PATIENCE_S = 1.0
"""For one command. Redis answers within a millisecond, or it is of no use as a cache."""


class RedisPipeline(Protocol):
    """Commands that are sent together."""

    def get(self, name: str) -> object:
        """GET: bytes, or None."""
        ...

    def pttl(self, name: str) -> object:
        """PTTL: milliseconds; below 0 for a key that is not there or lives for ever."""
        ...

    async def execute(self) -> list[Any]:
        """Send them, and return what each has answered."""
        ...


class RedisClient(Protocol):
    """The commands of `redis.asyncio.Redis` that are used here."""

    def pipeline(self, *, transaction: bool) -> RedisPipeline:
        """Collect commands for one round trip."""
        ...

    async def set(self, name: str, value: bytes | str, *, px: int, nx: bool = False) -> object:
        """SET with PX, and NX."""
        ...

    async def eval(self, script: str, numkeys: int, *keys_and_args: str) -> object:
        """EVAL."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def open_client(url: str, password: str = "") -> RedisClient:
    """
    Make a client; it connects with its first command.

    Args:
        url: Such as `redis://host:6379/0`, `rediss://...` with TLS, `unix:///path`; it may
            hold a password.
        password: Of a Redis that wants one, where `url` has none; empty for none.

    Raises:
        ConfigurationError: If the package is not installed, or `url` is not an address of Redis.
    """
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise ConfigurationError(INSTALL) from None
    try:
        client: Any = Redis.from_url(
            url,
            password=password or None,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            # Once: a connection of the pool may have died with a server that is back.
            retry=Retry(NoBackoff(), 1),
        )
    except ValueError:
        client = None
    # Outside, because the library's error shows the address with its password.
    if client is None or urlsplit(url).scheme not in SCHEMES:
        raise ConfigurationError(
            "the address of Redis cannot be used; it looks like redis://127.0.0.1:6379/0, "
            "redis://:password@host:6379/0, rediss://host:6380/0 (TLS) or unix:///run/redis.sock"
        )
    made: RedisClient = client
    return made


def failures() -> tuple[type[Exception], ...]:
    """What a command may raise when Redis is away or refuses."""
    from redis.exceptions import RedisError

    return (RedisError, OSError, TimeoutError)


def explain(error: Exception) -> str:
    """Say why Redis did not do what it was asked, and what to do. Quotes no address."""
    from redis import exceptions

    by_kind: tuple[tuple[type[Exception], str], ...] = (
        (exceptions.BusyLoadingError, "it is still reading its data"),
        (exceptions.AuthenticationError, "it refuses the password, or wants one"),
        (exceptions.NoPermissionError, "this user may not use it so; allow GET SET PTTL EVAL"),
        (exceptions.ReadOnlyError, "it is a copy that takes no writes; use the original"),
        (exceptions.OutOfMemoryError, "its memory is full; set maxmemory-policy allkeys-lru"),
        (exceptions.TimeoutError, "no answer in time"),
        (TimeoutError, "no answer in time"),
        (exceptions.ConnectionError, "nobody answers there"),
        (OSError, "nobody answers there"),
    )
    for kind, sentence in by_kind:
        if isinstance(error, kind):
            return sentence
    return f"it refuses ({type(error).__name__})"


def place_of(url: str) -> str:
    """Where a Redis is, without its password: for people."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    return f"{parts.hostname}:{parts.port or 6379}{parts.path}"
