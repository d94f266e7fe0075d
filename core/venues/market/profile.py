"""What the client has to know of a venue before it connects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import SplitResult, urlsplit, urlunsplit

from core.domain.errors import ConfigurationError
from core.domain.instrument import Instrument
from core.venues.market.session import MarketSession
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing

_SCHEMES = {"ws": "http", "wss": "https"}


class MakeSession(Protocol):
    """Makes a session for one connection; see `MarketSession`."""

    def __call__(
        self,
        instruments: Sequence[Instrument],
        tally: Tally,
        timing: Timing,
        *,
        is_recorded: bool = False,
    ) -> MarketSession:
        """Make one."""
        ...


@dataclass(frozen=True, slots=True)
class VenueProfile:
    """One venue's public market data."""

    name: str
    url: str
    """Public address, with its path."""
    make_session: MakeSession
    max_message_bytes: int
    """Longer messages end the connection."""
    timing: Timing = field(default_factory=Timing)
    compression: Literal["deflate"] | None = None
    """Only where the venue's snapshots are megabytes: inflating costs 5 to 20 us a message,
    more than decoding it, and an update of 300 bytes does not travel faster for it."""
    retry_ceiling_s: float = 5.0
    """Longest pause between two attempts to connect; half of it on the average."""
    http_urls: dict[str, str] = field(default_factory=dict)
    """HTTP address that belongs to a WebSocket host; others answer both on one host."""

    def stream_url(self, url: str) -> str:
        """
        Address to connect to: the public one, or `url` with the venue's path if it has none.

        Raises:
            ConfigurationError: If `url` is not one of a WebSocket.
        """
        if not url:
            return self.url
        parts = _split(url)
        path = parts.path if parts.path.strip("/") else urlsplit(self.url).path
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))

    def http_url(self, url: str) -> str:
        """
        Address for what is fetched by HTTP beside `url`.

        Raises:
            ConfigurationError: If `url` is not one of a WebSocket.
        """
        parts = _split(url or self.url)
        known = self.http_urls.get(parts.hostname or "")
        return known or urlunsplit((_SCHEMES[parts.scheme], parts.netloc, "", "", ""))


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ConfigurationError(
            f"{url!r} is not an address of market data such as wss://stream.example.com/ws"
        )
    return parts
