"""Questions to the terminal and their answers."""

from __future__ import annotations

from cockpit.line.echo import KEPT, Echo


def test_a_round_trip_lasts_from_the_question_to_its_answer() -> None:
    echo = Echo()
    echo.ask(10.0)
    assert echo.is_open
    assert echo.answer(10.25)
    assert list(echo.round_trips_s) == [0.25]
    assert not echo.is_open


def test_an_answer_that_nobody_asked_for_counts_for_nothing() -> None:
    """Shift and F3 look like one in some terminals."""
    echo = Echo()
    assert not echo.answer(3.0)
    assert not echo.round_trips_s


def test_a_terminal_that_never_answered_is_not_waited_for() -> None:
    echo = Echo()
    echo.ask(10.0)
    assert echo.waited_s(99.0) == 0
    echo.answer(100.0)
    assert echo.waited_s(104.0) == 0
    echo.ask(105.0)
    assert echo.waited_s(108.0) == 3.0


def test_only_the_last_answers_are_remembered() -> None:
    echo = Echo()
    for number in range(KEPT + 4):
        echo.ask(number)
        echo.answer(number + number / 100)
    assert len(echo.round_trips_s) == KEPT
    assert min(echo.round_trips_s) > 0.039
