"""Every code of the engine has words."""

from __future__ import annotations

import pytest

from cockpit.viewmodels import words
from core.domain.enums import (
    BookState,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Signal,
    StateReason,
    TradingState,
)


@pytest.mark.parametrize(
    ("enum", "table"),
    [
        (Outcome, words.OUTCOME_WORDS),
        (TradingState, words.STATE_WORDS),
        (StateReason, words.REASON_WORDS),
        (Readiness, words.READINESS_WORDS),
        (Regime, words.REGIME_WORDS),
        (Regime, words.REGIME_LETTERS),
        (Signal, words.SIGNAL_WORDS),
        (BookState, words.BOOK_WORDS),
        (OrderStatus, words.ORDER_WORDS),
    ],
)
def test_no_code_is_left_without_words(enum, table) -> None:
    """A new code fails here, not on somebody's screen."""
    assert set(table) == set(enum)
