"""Identities. Text outside the kernel, dense integers inside it."""

from __future__ import annotations

import hashlib
from typing import NewType

RunId = NewType("RunId", str)
"""One engine life, for example `20261120T140327-practice-4f1c`."""

Symbol = NewType("Symbol", str)
ClientOrderId = NewType("ClientOrderId", str)
VenueOrderId = NewType("VenueOrderId", str)


def client_order_id(run_id: RunId, number: int) -> ClientOrderId:
    """
    Name one of our orders: run and counter, so that a replay gives the same one.

    >>> client_order_id(RunId("20261120T140327-practice-4f1c"), 7)
    '4f1c-7'
    """
    return ClientOrderId(f"{run_id.rsplit('-', 1)[-1]}-{number}")


def stable_int64(text: str) -> int:
    """Positive 63-bit number for a venue's textual id, the same in every process."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
