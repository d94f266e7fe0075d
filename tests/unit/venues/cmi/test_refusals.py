"""What the exchange says, in the words of all venues."""

from __future__ import annotations

import pytest

from core.domain.enums import RejectReason
from core.exchange.cmi.front import _TEXTS
from core.venues.cmi.refusals import reason_of


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Market is closed", RejectReason.MARKET_CLOSED),
        ("Exchange is not accepting orders", RejectReason.MARKET_CLOSED),
        ("Position limit breached for 7_ETF", RejectReason.POSITION_LIMIT),
        ("Price must be a multiple of tick size", RejectReason.BAD_PRICE),
        ("volume must be positive", RejectReason.BAD_SIZE),
        ("Product FOO does not exist", RejectReason.UNKNOWN_INSTRUMENT),
        ("Order not found", RejectReason.UNKNOWN_ORDER),
        ("Too many requests", RejectReason.RATE_LIMIT),
        ("teapot", RejectReason.OTHER),
        ("", RejectReason.OTHER),
    ],
)
def test_the_first_words_that_fit_say_why(text: str, reason: RejectReason) -> None:
    assert reason_of(text) is reason


@pytest.mark.parametrize("reason", _TEXTS)
def test_what_our_own_exchange_says_is_understood(reason: RejectReason) -> None:
    assert reason_of(_TEXTS[reason]) is reason
