"""What a refusal means, in the words that all venues share."""

from __future__ import annotations

from core.domain.enums import RejectReason

_WORDS = (
    (("not found", "unknown order", "no such order"), RejectReason.UNKNOWN_ORDER),
    (("too many requests", "rate"), RejectReason.RATE_LIMIT),
    (("too many", "open orders"), RejectReason.TOO_MANY_ORDERS),
    (("own order", "self", "wash"), RejectReason.SELF_TRADE),
    (("position", "limit", "exposure"), RejectReason.POSITION_LIMIT),
    (("closed", "accepting", "halted", "not open", "stopped"), RejectReason.MARKET_CLOSED),
    (("product", "symbol", "instrument"), RejectReason.UNKNOWN_INSTRUMENT),
    (("price", "tick"), RejectReason.BAD_PRICE),
    (("volume", "quantity", "size", "lot"), RejectReason.BAD_SIZE),
)


def reason_of(message: str) -> RejectReason:
    """
    Map a refusal's text. The exact texts are nowhere written down: the first words that fit.

    >>> reason_of("Order would exceed the position limit")
    <RejectReason.POSITION_LIMIT: 5>
    """
    text = message.lower()
    for words, reason in _WORDS:
        if any(word in text for word in words):
            return reason
    return RejectReason.OTHER
