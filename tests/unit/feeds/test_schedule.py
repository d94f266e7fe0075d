"""When a source is asked next."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.feeds.breaker import Breaker, BreakerState
from core.feeds.schedule import (
    JITTER,
    LONGEST_RETRY_S,
    REFUSED_S,
    SHORTEST_PAUSE_S,
    Schedule,
)


def schedule(interval_s: float = 300.0, seed: int = 3, **breaker) -> Schedule:
    return Schedule(interval_s, Random(seed), Breaker(**breaker) if breaker else None)


def pause_s(planned: Schedule, now_s: float) -> float:
    return planned.next_s - now_s


def test_a_new_source_is_due_at_once() -> None:
    assert schedule().is_due(0)
    assert not schedule().is_good


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_is_kept_with_jitter_upwards_only(seed) -> None:
    planned = schedule(300, seed)
    planned.answered(1000, 300)
    assert 300 <= pause_s(planned, 1000) <= 300 * (1 + JITTER)
    assert not planned.is_due(1299)


def test_an_answer_of_another_engine_is_waited_out() -> None:
    """It was asked for 180 s ago, so that there is a newer one in 120 s."""
    planned = schedule(300)
    planned.answered(1000, 120)
    assert 120 <= pause_s(planned, 1000) <= 120 + 300 * JITTER


@pytest.mark.parametrize(
    ("fresh_for_s", "slot_s"), [(900, 300), (899, 299), (601, 1), (600, 300), (450, 150), (0, 300)]
)
def test_a_source_that_takes_turns_keeps_the_slots_of_whoever_asked(fresh_for_s, slot_s) -> None:
    planned = schedule(300)
    planned.answered(1000, fresh_for_s)
    assert slot_s <= pause_s(planned, 1000) <= slot_s + 300 * JITTER


def test_a_last_bit_does_not_make_a_slot_of_its_own() -> None:
    planned = schedule(300)
    planned.answered(1000, 900.0000001)
    assert pause_s(planned, 1000) >= 300


def test_a_wait_that_is_asked_for_is_kept_after_a_good_answer() -> None:
    planned = schedule(300)
    planned.answered(1000, 300, wait_s=777)
    assert planned.next_s == 1777


def test_failures_double_the_longest_pause_up_to_a_ceiling() -> None:
    longest = []
    for failures in range(1, 12):
        pauses = []
        for seed in range(200):
            planned = schedule(seed=seed, failures=99)
            for _ in range(failures):
                planned.failed(1000)
            pauses.append(pause_s(planned, 1000))
        assert min(pauses) >= SHORTEST_PAUSE_S
        longest.append(max(pauses))
    assert longest[:4] == [pytest.approx(SHORTEST_PAUSE_S + 2**n, rel=0.1) for n in range(1, 5)]
    assert max(longest) <= SHORTEST_PAUSE_S + LONGEST_RETRY_S


def test_the_jitter_is_full() -> None:
    """Engines that lost one service together do not come back together."""
    pauses = []
    for seed in range(400):
        planned = schedule(seed=seed, failures=99)
        for _ in range(7):
            planned.failed(0)
        pauses.append(planned.next_s)
    quarters = [sum(low <= each - 1 < low + 32 for each in pauses) for low in (0, 32, 64, 96)]
    assert min(quarters) > 60


def test_a_wait_that_is_asked_for_is_kept_after_a_failure() -> None:
    planned = schedule()
    planned.failed(1000, wait_s=777)
    assert planned.next_s == 1777


def test_an_open_breaker_is_waited_for() -> None:
    breaker = Breaker(failures=2, cool_down_s=500)
    planned = Schedule(300.0, Random(3), breaker)
    planned.failed(0)
    planned.failed(10)
    assert planned.next_s == 510
    assert breaker.state(509) is BreakerState.OPEN
    assert breaker.state(510) is BreakerState.HALF_OPEN


def test_a_success_forgets_the_failures() -> None:
    breaker = Breaker()
    planned = Schedule(300.0, Random(3), breaker)
    for _ in range(9):
        planned.failed(0)
    planned.answered(5000, 300)
    planned.failed(6000)
    assert pause_s(planned, 6000) <= SHORTEST_PAUSE_S + 2
    assert breaker.state(6000) is BreakerState.CLOSED


def test_a_refusal_waits_as_long_as_it_says_or_longer() -> None:
    planned = schedule()
    planned.refused(1000, 5000)
    assert 5000 <= pause_s(planned, 1000) <= 5000 * (1 + JITTER)


def test_a_refusal_without_a_time_is_tried_again_now_and_then() -> None:
    planned = schedule()
    planned.refused(1000, None)
    assert REFUSED_S <= pause_s(planned, 1000) <= REFUSED_S * (1 + JITTER)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["answered", "failed", "refused"]),
            st.floats(0, 1e5),
            st.floats(0, 1e4),
        ),
        max_size=30,
    )
)
def test_no_story_asks_a_service_twice_within_a_second(story) -> None:
    planned = schedule()
    for name, wait_s, later_s in story:
        now_s = max(0.0, planned.next_s) + later_s
        if name == "answered":
            planned.answered(now_s, later_s, wait_s)
        elif name == "failed":
            planned.failed(now_s, wait_s)
        else:
            planned.refused(now_s, wait_s)
        # A sum of large floats may be short by the last bit.
        assert planned.next_s - now_s >= max(SHORTEST_PAUSE_S, wait_s) * (1 - 1e-9)
