"""When a line is called slow, and when it is forgiven."""

from __future__ import annotations

import pytest

from cockpit.line.echo import KEPT, Echo
from cockpit.line.judge import (
    FAST_S,
    FEWEST,
    LONGEST_PROBATION_S,
    OVERDUE_S,
    PROBATION_S,
    SLOW_S,
    Judge,
)


def echo_of(*round_trips_s: float) -> Echo:
    echo = Echo()
    for taken_s in round_trips_s:
        echo.ask(0.0)
        echo.answer(taken_s)
    return echo


LONG = (SLOW_S + 0.01,) * FEWEST
SHORT = (FAST_S - 0.01,) * KEPT
BETWEEN = ((SLOW_S + FAST_S) / 2,) * KEPT


def test_always_and_never_are_not_open_to_evidence() -> None:
    always, never = Judge("always"), Judge("never")
    assert not always.look(echo_of(*SHORT), 1e6, is_clogged=False)
    assert always.is_slow
    assert not never.look(echo_of(*LONG), 0.0, is_clogged=True)
    assert not never.is_slow


def test_long_round_trips_make_it_slow_but_not_the_first_two() -> None:
    judge = Judge("auto")
    assert not judge.look(echo_of(*LONG[:-1]), 0.0, is_clogged=False)
    assert judge.look(echo_of(*LONG), 0.0, is_clogged=False)
    assert judge.is_slow
    assert not judge.look(echo_of(*LONG), 1.0, is_clogged=False)


def test_a_single_hiccup_is_no_slow_line() -> None:
    judge = Judge("auto")
    assert not judge.look(echo_of(0.02, 0.03, 1.9, 0.02, 0.04), 0.0, is_clogged=False)


def test_an_answer_that_is_overdue_makes_it_slow() -> None:
    judge = Judge("auto")
    echo = echo_of(0.02)
    echo.ask(100.0)
    assert not judge.look(echo, 100.0 + OVERDUE_S, is_clogged=False)
    assert judge.look(echo, 100.1 + OVERDUE_S, is_clogged=False)


def test_a_terminal_that_takes_nothing_makes_it_slow() -> None:
    """Whether or not it answers questions; and it is forgiven when it takes things again."""
    judge = Judge("auto")
    assert judge.look(Echo(), 0.0, is_clogged=True)
    assert not judge.look(Echo(), PROBATION_S - 0.1, is_clogged=False)
    assert judge.look(Echo(), PROBATION_S, is_clogged=False)
    assert not judge.is_slow


@pytest.mark.parametrize("trips_s", [BETWEEN, SHORT[:-1], (*SHORT[:-1], FAST_S)])
def test_it_stays_slow_until_every_answer_was_quick(trips_s) -> None:
    judge = Judge("auto")
    judge.look(echo_of(*LONG), 0.0, is_clogged=False)
    assert not judge.look(echo_of(*trips_s), 1e6, is_clogged=False)
    assert judge.look(echo_of(*SHORT), 1e6, is_clogged=False)


def test_nothing_is_forgiven_while_a_question_is_open() -> None:
    judge = Judge("auto")
    judge.look(echo_of(*LONG), 0.0, is_clogged=False)
    echo = echo_of(*SHORT)
    echo.ask(1e6)
    assert not judge.look(echo, 1e6, is_clogged=False)


def test_probation_doubles_with_each_relapse_up_to_a_quarter_of_an_hour() -> None:
    """A narrow line is fast whenever little goes over it."""
    judge = Judge("auto")
    now_s, expected_s = 0.0, PROBATION_S
    for _ in range(12):
        judge.look(echo_of(*LONG), now_s, is_clogged=False)
        assert not judge.look(echo_of(*SHORT), now_s + expected_s - 0.1, is_clogged=False)
        assert judge.look(echo_of(*SHORT), now_s + expected_s, is_clogged=False)
        now_s += expected_s + 1
        expected_s = min(2 * expected_s, LONGEST_PROBATION_S)
    assert expected_s == LONGEST_PROBATION_S
