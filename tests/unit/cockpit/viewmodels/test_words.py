"""Every code of the engine has words."""

from __future__ import annotations

import pytest

from cockpit.viewmodels import words
from core.domain.enums import (
    BookState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Signal,
    SignalFault,
    StateReason,
    TradingState,
)
from core.domain.spreads import SpreadKind, SpreadReason, SpreadState


@pytest.mark.parametrize(
    ("enum", "table"),
    [
        (Outcome, words.OUTCOME_WORDS),
        (TradingState, words.STATE_WORDS),
        (StateReason, words.REASON_WORDS),
        (Readiness, words.READINESS_WORDS),
        (Regime, words.REGIME_WORDS),
        (Regime, words.REGIME_LETTERS),
        (Regime, words.SHORT_REGIME_WORDS),
        (Signal, words.SIGNAL_WORDS),
        (Signal, words.SIGNAL_NAMES),
        (SignalFault, words.FAULT_WORDS),
        (SpreadKind, words.SPREAD_KINDS),
        (SpreadState, words.SPREAD_STATES),
        (SpreadReason, words.SPREAD_REASONS),
        (BookState, words.BOOK_WORDS),
        (OrderStatus, words.ORDER_WORDS),
        (OrderOrigin, words.ORIGIN_WORDS),
    ],
)
def test_no_code_is_left_without_words(enum, table) -> None:
    """A new code fails here, not on somebody's screen."""
    assert set(table) == set(enum)


def test_short_words_of_signals_are_three_letters_and_all_different() -> None:
    """They head columns of four cells."""
    short = list(words.SIGNAL_WORDS.values())
    assert {len(word) for word in short} == {3}
    assert len(set(short)) == len(short)
