"""Times as venues write them."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.venues.market.times import iso_ns


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-05-20T10:00:00Z", 1_779_271_200_000_000_000),
        ("2026-05-20T10:00:00.714964855Z", 1_779_271_200_714_964_855),
        ("2026-05-20T10:00:00.5+00:00", 1_779_271_200_500_000_000),
        ("1970-01-01T00:00:00.000001Z", 1_000),
    ],
)
def test_nanoseconds_are_kept(text: str, ns: int) -> None:
    assert iso_ns(text) == ns


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-05-20 10:00:00Z", "2026-13-20T10:00:00Z", "1969-12-31T23:59:59Z",
     "9999-01-01T00:00:00Z", "2026-05-20T10:00:00+02:00"],
)  # fmt: skip
def test_what_is_no_time_in_utc_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        iso_ns(text)
