"""
What Binance's error codes mean for an order.

Source: developers.binance.com/docs/binance-spot-api-docs/errors
"""

from __future__ import annotations

from core.domain.enums import RejectReason

UNKNOWN_ORDER = -2011
NO_SUCH_ORDER = -2013
BAD_TIME = -1021
FATAL = frozenset({-1022, -2014, -2015})
"""Signature, form of the key, the key itself: trying again changes nothing."""

_UNKNOWN_OUTCOME = frozenset({-1000, -1001, -1006, -1007})
_RATE = frozenset({-1003, -1015, -1034})
_SERVER_ERROR = 500

_BY_CODE = {
    -1013: RejectReason.BAD_SIZE,
    -1111: RejectReason.BAD_SIZE,
    -1121: RejectReason.UNKNOWN_INSTRUMENT,
    UNKNOWN_ORDER: RejectReason.UNKNOWN_ORDER,
    NO_SUCH_ORDER: RejectReason.UNKNOWN_ORDER,
}
_BY_TEXT = (
    ("would immediately match", RejectReason.WOULD_CROSS),
    ("Duplicate order", RejectReason.DUPLICATE_ORDER_ID),
    ("PRICE_FILTER", RejectReason.BAD_PRICE),
    ("PERCENT_PRICE", RejectReason.BAD_PRICE),
    ("MAX_POSITION", RejectReason.POSITION_LIMIT),
    ("MAX_NUM_ORDERS", RejectReason.TOO_MANY_ORDERS),
    ("Market is closed", RejectReason.MARKET_CLOSED),
)


def has_unknown_outcome(status: int, code: int) -> bool:
    """Whether the request may have been carried out: it must not be sent again."""
    return code in _UNKNOWN_OUTCOME or status >= _SERVER_ERROR


def reason_of(status: int, code: int, text: str) -> RejectReason:
    """Put an error into the words of all venues."""
    if code in _RATE or status in (418, 429):
        return RejectReason.RATE_LIMIT
    for part, reason in _BY_TEXT:
        if part in text:
            return reason
    return _BY_CODE.get(code, RejectReason.OTHER)
