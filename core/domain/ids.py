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

    The run's time stands in it, because its four random digits alone would come again
    within some hundred runs on one account.

    >>> client_order_id(RunId("20261120T140327-practice-4f1c"), 7)
    '20261120T140327-4f1c-7'
    """
    began, _, rest = run_id.partition("-")
    suffix = rest.rsplit("-", 1)[-1]
    return ClientOrderId(f"{began}-{suffix}-{number}" if suffix else f"{began}-{number}")


def stable_int64(text: str) -> int:
    """Positive 63-bit number for a venue's textual id, the same in every process."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
