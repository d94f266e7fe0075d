"""Words for a place in a recording, and what is said of places that are none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from core.runtime.places import clock, find_place
from core.runtime.refusals import CommandRefused

START_NS = int(datetime(2026, 11, 20, 14, 3, 27, tzinfo=UTC).timestamp()) * 10**9 + 250_000_000
TIMES = START_NS + np.array([0, 1, 1, 5, 30, 31, 3_600], np.int64) * 10**9
"""Seconds after 14:03:27.250; the last one is an hour later."""


@pytest.mark.parametrize(
    ("where", "position", "found"),
    [
        ("start", 4, 0),
        ("end", 4, 7),
        ("seq 3", 0, 3),
        ("seq=7", 0, 7),
        ("seq 0", 5, 0),
        ("+1s", 1, 3),
        ("+0.5s", 1, 1),
        ("+30s", 2, 6),
        ("-1s", 4, 3),
        ("-30s", 6, 3),
        ("+1m", 0, 6),
        ("+1h", 0, 7),
        ("+2h", 3, 7),
        ("-2h", 3, 0),
        ("14:03:32", 0, 3),
        ("14:03:32.250", 0, 4),
        ("14:03:32.2", 0, 3),
        ("14:04", 6, 6),
        ("14:03:27", 6, 0),
        ("15:03:27.25", 0, 7),
    ],
)
def test_a_place_is_a_number_of_events(where: str, position: int, found: int) -> None:
    """Everything up to and including that moment has happened."""
    assert find_place(where, position, TIMES) == found


@pytest.mark.parametrize("where", ["", "noon", "30s", "+30", "14", "14:3:27", "seq", "seq -1"])
def test_other_words_are_no_place(where: str) -> None:
    assert find_place(where, 0, TIMES) is None


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("seq 8", "seq 8 is beyond the end; the last event is 7"),
        ("15:03:28", "15:03:28 is not in the recording, which goes from 14:03:27 to 15:03:27 UTC"),
        ("14:03:26", "14:03:26 is not in the recording"),
        ("24:00", "24:00 is no time of day; written as 14:03:27, in UTC"),
        ("14:60:00", "is no time of day"),
        ("14:59:60", "is no time of day"),
    ],
)
def test_a_place_outside_is_refused_with_the_bounds(where: str, sentence: str) -> None:
    with pytest.raises(CommandRefused, match=re.escape(sentence)):
        find_place(where, 0, TIMES)


def test_a_time_after_midnight_is_the_next_day() -> None:
    times = START_NS + np.array([0, 12], np.int64) * 3_600 * 10**9
    assert find_place("02:00", 0, times) == 1
    assert find_place("02:03:27.25", 0, times) == 2


def test_a_time_that_is_none_is_told_as_its_number() -> None:
    assert clock(START_NS) == "14:03:27"
    assert clock(2**62 * 1_000) == f"{2**62 * 1_000} ns"
