"""What headers say on waiting."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.feeds.waits import LONGEST_WAIT_S, wait_s

NOW_NS = 1_763_800_000_000_000_000
"""2025-11-22 08:26:40 UTC."""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "nan"}, 0),
        ({"retry-after": "inf"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": ""}, 0),
        ({"retry-after": "Sat, 22 Nov 2025 08:27:40 GMT"}, 60),
        ({"retry-after": "Saturday, 22-Nov-25 08:27:40 GMT"}, 60),
        ({"retry-after": "Sat, 22 Nov 2025 08:27:40 -0000"}, 60),
        ({"retry-after": "Sat, 22 Nov 2025 09:27:40 +0100"}, 60),
        ({"retry-after": "Sat, 22 Nov 2025 08:00:00 GMT"}, 0),
        ({"retry-after": "Sat, 99 Nov 2025 08:00:00 GMT"}, 0),
        ({"retry-after": "31536000"}, LONGEST_WAIT_S),
        ({"x-rate-limit-retry-after-seconds": "16841"}, 16841),
        ({"retry-after": "10", "x-rate-limit-retry-after-seconds": "40"}, 40),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}, 60),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "60"}, 0),
        ({"x-ratelimit-reset": "60"}, 0),
        ({"x-ratelimit-remaining": "0"}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1763800090"}, 90),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1763800090000"}, 90),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "30"}, 30),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30),
    ],
)
def test_headers_say_how_long_to_wait(headers, seconds) -> None:
    assert wait_s(headers, NOW_NS) == pytest.approx(seconds, abs=1e-6)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_header_gives_a_wait_that_ends(one, two, three) -> None:
    headers = {"retry-after": one, "x-ratelimit-remaining": two, "x-ratelimit-reset": three}
    seconds = wait_s(headers, NOW_NS)
    assert math.isfinite(seconds)
    assert 0 <= seconds <= LONGEST_WAIT_S
