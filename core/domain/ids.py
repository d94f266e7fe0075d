"""Identities. Text outside the kernel, dense integers inside it."""

from __future__ import annotations

import hashlib
import re
from typing import NewType

RunId = NewType("RunId", str)
"""One engine life, for example `20261120T140327-practice-4f1c`."""

Symbol = NewType("Symbol", str)
ClientOrderId = NewType("ClientOrderId", str)
VenueOrderId = NewType("VenueOrderId", str)

_RUN_ID = re.compile(r"([0-9]{8}T[0-9]{6})-.+-([0-9a-f]{4})")
_PREFIX_CHARS = 28


def client_order_id(run_id: RunId, number: int) -> ClientOrderId:
    """
    Name one of our orders: run and counter, so that a replay gives the same one.

    The run's time stands in it, because its four random digits alone would come again
    within some hundred runs on one account. Of a run that is named in another way, the
    last characters stand in it; venues take at most 36.

    >>> client_order_id(RunId("20261120T140327-practice-4f1c"), 7)
    '20261120T140327-4f1c-7'
    """
    named = _RUN_ID.fullmatch(run_id)
    prefix = "-".join(named.groups()) if named else run_id[-_PREFIX_CHARS:]
    return ClientOrderId(f"{prefix}-{number}")


def stable_int64(text: str) -> int:
    """Positive 63-bit number for a venue's textual id, the same in every process."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
