"""Ages and states."""

from __future__ import annotations

import numpy as np
import pytest

from core.feeds.health import STALE_AFTER_S, FeedState, Newest, state_of
from core.feeds.port import Quantity, Reading, Topic, Vintage
from tests.feeds.fake_source import START_NS, observation

_S = 1_000_000_000


@pytest.mark.parametrize(
    ("age_s", "is_served", "has_failed", "state"),
    [
        (None, False, False, FeedState.CONNECTING),
        (None, False, True, FeedState.DOWN),
        (None, True, False, FeedState.STALE),
        (60.0, True, False, FeedState.LIVE),
        (60.0, True, True, FeedState.LIVE),
        (61.0, True, False, FeedState.STALE),
        (60.0, False, True, FeedState.STALE),
        (61.0, False, True, FeedState.DOWN),
    ],
)
def test_a_state_follows_from_age_and_service(age_s, is_served, has_failed, state) -> None:
    assert state_of(age_s, 60.0, is_served=is_served, has_failed=has_failed) is state


def test_every_topic_has_a_limit() -> None:
    assert set(STALE_AFTER_S) == set(Topic)


def test_an_age_is_that_of_the_newest_value() -> None:
    newest = Newest()
    assert newest.age_s(5.0) is None
    told = Reading((observation(1.5, START_NS - 900 * _S), observation(2.5, START_NS - 60 * _S)))
    newest.note(told, START_NS, 100.0)
    assert newest.age_s(100.0) == 60.0
    assert newest.age_s(130.0) == 90.0


def test_an_older_value_makes_nothing_older() -> None:
    newest = Newest()
    newest.note(Reading((observation(1.5, START_NS),)), START_NS, 0.0)
    newest.note(Reading((observation(1.5, START_NS - 900 * _S),)), START_NS, 10.0)
    assert newest.age_s(10.0) == 10.0


def test_a_value_of_the_future_has_no_age_below_zero() -> None:
    newest = Newest()
    newest.note(Reading((observation(1.5, START_NS + 900 * _S),)), START_NS, 0.0)
    assert newest.age_s(0.0) == 0.0


def test_a_forecast_is_as_old_as_its_issue() -> None:
    moments = np.array([START_NS + 3600 * _S], dtype=np.int64)
    vintage = Vintage(
        Quantity.TEMPERATURE_C, "one", "munich", START_NS - 30 * _S, moments, np.array([11.5])
    )
    newest = Newest()
    newest.note(Reading(vintages=(vintage,)), START_NS, 0.0)
    assert newest.age_s(0.0) == 30.0


def test_a_reading_that_tells_nothing_makes_nothing_young() -> None:
    newest = Newest()
    newest.note(Reading(), START_NS, 0.0)
    assert newest.age_s(0.0) is None
