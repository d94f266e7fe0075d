"""Numbers and times as people read them."""

from __future__ import annotations

import math

import pytest

from cockpit.viewmodels import numbers


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "expected"),
    [
        (101_284.5, 2, False, "101,284.50"),
        (-0.004, 2, True, "0.00"),
        (32.0, 0, True, "+32"),
        (-7.25, 1, True, "-7.2"),
        (math.nan, 2, False, "-"),
        (math.inf, 2, True, "-"),
    ],
)
def test_number(value, decimals, signed, expected) -> None:
    """A rounded zero carries no sign; what is not a number is a dash."""
    assert numbers.number(value, decimals, signed=signed) == expected


@pytest.mark.parametrize("value", [0.0, -0.01, 999.99, -99_999.4, 123_456.7, -9.87e8, 5e12])
def test_compact_fits_its_column(value) -> None:
    """Narrow panes give it eight columns at most."""
    assert len(numbers.compact(value, signed=True)) <= 8


@pytest.mark.parametrize(
    ("value", "decimals", "width", "expected"),
    [
        (0.01234, 5, 8, "+0.01234"),
        (0.01234, 5, 6, "+.0123"),
        (-12.3456, 4, 5, "-12.3"),
        (61_836.98, 2, 8, "+61837.0"),
        (1_234.0, 0, 5, "+1234"),
        (0.0, 5, 5, "0"),
        (0.000004, 5, 5, "0"),
        (-0.00002, 5, 5, "-2e-5"),
        (9_876_543.0, 2, 6, "+9.88M"),
        (math.nan, 2, 5, "-"),
    ],
)
def test_fitted_is_as_exact_as_its_column_allows(value, decimals, width, expected) -> None:
    """It never says 0.00 of what is something."""
    assert numbers.fitted(value, decimals, width, signed=True) == expected
    assert len(expected) <= width


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.45, "+.45"), (-0.33, "-.33"), (1.0, "+1.0"), (-0.996, "-1.0"), (0.001, " .00")],
)
def test_ratio_is_always_four_characters(value, expected) -> None:
    assert numbers.ratio(value) == expected
    assert len(numbers.ratio(value)) == 4


def test_ratio_of_nothing() -> None:
    assert numbers.ratio(math.nan) == "   -"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (7.25, "7.2s"),
        (59.9, "59s"),
        (325, "5m25s"),
        (3_720, "1h02m"),
        (90_061, "1d01h"),
        (-1, "-"),
        (math.nan, "-"),
    ],
)
def test_duration(seconds, expected) -> None:
    assert numbers.duration(seconds) == expected


def test_clock_is_utc() -> None:
    assert numbers.clock(1_763_820_207 * 10**9 + 999_999_999) == "14:03:27"


@pytest.mark.parametrize(("value", "expected"), [(98.4, "98 µs"), (1_520.0, "1.5 ms"), (0.0, "-")])
def test_micros(value, expected) -> None:
    assert numbers.micros(value) == expected


def test_a_gain_and_a_loss_have_tones_and_nothing_has_none() -> None:
    assert [numbers.sign_tone(value) for value in (3.0, -2.0, 0.0, math.nan)] == [
        "up",
        "down",
        "dim",
        "dim",
    ]


@pytest.mark.parametrize(
    ("order_id", "expected"),
    [(7, "     7"), (123_456, "123456"), (-1_882_463_872_780_622, "…80622")],
)
def test_a_number_of_an_order_never_leaves_its_column(order_id, expected) -> None:
    assert numbers.short_id(order_id) == expected
