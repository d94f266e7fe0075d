"""
The checksum with which Kraken proves a book.

Source: https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from core.venues.market.side import TextLevel

LEVELS = 10
"""So many of the best levels a side are part of it."""


def book_checksum(asks: Iterable[TextLevel], bids: Iterable[TextLevel]) -> int:
    """CRC32 of the digits of the best `LEVELS` asks, then bids, best first."""
    digits = [_digits(price) + _digits(size) for side in (asks, bids) for price, size in side]
    return crc32("".join(digits).encode())


@lru_cache(maxsize=1 << 16)
def _digits(text: str) -> str:
    return text.replace(".", "").lstrip("0")
