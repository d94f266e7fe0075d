"""
The life of an order as a table: what it is, what happens, what it is then.

Kernel, tests and `docs/orders.md` read the same table. Where a row has a dash nothing
changes: reports come in any order, and a late one must not bring an order back to life.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from core.domain.enums import OrderStatus


class Happening(IntEnum):
    """What may happen to an order of ours."""

    STANDS = 0
    """The venue says that it works: accepted, or replaced."""
    REQUEST_REFUSED = 1
    """The venue says that it works, because it refused a cancel or a replace of it."""
    FILLED_IN_PART = 2
    FILLED = 3
    CANCELED = 4
    REJECTED = 5
    EXPIRED = 6
    CANCEL_SENT = 7
    REPLACE_SENT = 8
    UNANSWERED = 9
    """A request about it went without an answer for too long."""


_NEW = OrderStatus.PENDING_NEW
_OPEN = OrderStatus.OPEN
_PART = OrderStatus.PARTIALLY_FILLED
_CANCEL = OrderStatus.PENDING_CANCEL
_REPLACE = OrderStatus.PENDING_REPLACE
_UNKNOWN = OrderStatus.UNKNOWN

_LIVE = (_NEW, _OPEN, _PART, _CANCEL, _REPLACE, _UNKNOWN)

_ENDS = {
    Happening.FILLED: OrderStatus.FILLED,
    Happening.CANCELED: OrderStatus.CANCELED,
    Happening.REJECTED: OrderStatus.REJECTED,
    Happening.EXPIRED: OrderStatus.EXPIRED,
}

TRANSITIONS: dict[tuple[OrderStatus, Happening], OrderStatus] = {
    # Whatever it waits for, its end is its end.
    **{(status, end): after for status in _LIVE for end, after in _ENDS.items()},
    **{(status, Happening.CANCEL_SENT): _CANCEL for status in _LIVE},
    **{(status, Happening.UNANSWERED): _UNKNOWN for status in (_NEW, _CANCEL, _REPLACE)},
    (_OPEN, Happening.REPLACE_SENT): _REPLACE,
    (_PART, Happening.REPLACE_SENT): _REPLACE,
    # The acknowledgement of the order itself does not answer the cancel that overtook it.
    **{(status, Happening.STANDS): _OPEN for status in _LIVE if status is not _CANCEL},
    **{(status, Happening.REQUEST_REFUSED): _OPEN for status in _LIVE},
    # A fill says nothing of the request that is under way, or of what is left.
    **{(status, Happening.FILLED_IN_PART): _PART for status in (_NEW, _OPEN, _PART)},
}  # fmt: skip
"""What is not in it changes nothing. OPEN stands for PARTIALLY_FILLED where lots have traded."""


def _table() -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    table = np.zeros((len(OrderStatus), len(Happening)), np.int64)
    for status in OrderStatus:
        for happening in Happening:
            table[status, happening] = TRANSITIONS.get((status, happening), status)
    return table


NEXT_STATUS = _table()
"""int64, shape (statuses, happenings): the status that follows, for the kernel."""
