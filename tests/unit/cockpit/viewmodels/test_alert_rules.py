"""Rules as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.alert_rules import (
    ACCOUNT,
    COMPARISONS,
    EVENTS,
    INSTRUMENT,
    Condition,
    parse_condition,
    parse_rule,
)
from core.domain.enums import Regime


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_a_word(event) -> None:
    assert parse_condition(f" {event} ") == Condition(event)


@pytest.mark.parametrize(
    ("when", "condition"),
    [
        ("drawdown_pct > 5", Condition("drawdown_pct", "", ">", 5.0)),
        ("equity<=99000.5", Condition("equity", "", "<=", 99_000.5)),
        ("price 7_ETF > 55", Condition("price", "7_ETF", ">", 55.0)),
        ("position 3_Weather<=-7", Condition("position", "3_Weather", "<=", -7.0)),
        ("price BTC/USDT >= 1e5", Condition("price", "BTC/USDT", ">=", 100_000.0)),
        ("regime 7_ETF == volatile", Condition("regime", "7_ETF", "==", Regime.HIGH_VOLATILITY)),
        ("regime 7_ETF != trending", Condition("regime", "7_ETF", "!=", Regime.TRENDING)),
    ],
)
def test_a_measure_stands_against_a_limit(when, condition) -> None:
    assert parse_condition(when) == condition


@given(
    st.sampled_from(sorted(ACCOUNT) + [f"{measure} 5_Flights" for measure in INSTRUMENT]),
    st.sampled_from(sorted(COMPARISONS)),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_every_measure_takes_every_comparison_and_every_number(measure, sign, limit) -> None:
    condition = parse_condition(f"{measure} {sign} {limit!r}")
    assert (condition.comparison, condition.limit) == (sign, limit)
    assert f"{condition.measure} {condition.symbol}".strip() == measure


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text) -> None:
    try:
        parse_condition(text)
    except ValueError as error:
        sentence = str(error)
    else:
        return
    assert len(sentence) > 10


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("drawdwn_pct > 5", "did you mean drawdown_pct?"),
        ("fil", "did you mean fill?"),
        ("", "write fill, reject, command, state, stale, drawdown_pct > 5, price 7_ETF > 55 or"),
        ("drawdown_pct > lots", "lots is not a number"),
        ("drawdown_pct > nan", "nan is not a number"),
        ("equity > inf", "inf is not a number"),
        ("drawdown_pct => 5", "write fill"),
        ("drawdown_pct 7_ETF > 5", "drawdown_pct is of the account: write drawdown_pct > 5"),
        ("price > 5", "price is of an instrument: write price 7_ETF > ..."),
        ("regime == volatile", "regime is of an instrument"),
        ("regime 7_ETF > volatile", "compared with == or !=, not with >"),
        ("regime 7_ETF == volatil", "did you mean volatile?"),
        ("regime 7_ETF == calm", "known: trending, mean-reverting, volatile, unknown"),
        ("fill 7_ETF", "write fill"),
    ],
)
def test_what_nobody_can_wait_for_is_refused_with_what_can_be_meant(when, sentence) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_condition(when)
    assert sentence in str(refused.value)


def test_a_rule_keeps_what_was_written_and_no_control_characters() -> None:
    rule = parse_rule("fill", level="alarm", bell=True, text="call\x1b[2J me")
    assert (rule.when, rule.level, rule.bell) == ("fill", "alarm", True)
    assert rule.text == "call [2J me"
