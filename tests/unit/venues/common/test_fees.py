"""Fees: what they are worth, to the last nano."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.errors import DecodeError
from core.venues.common.fees import Fees

RATES = {"BNB": Decimal("610.5"), "DUST": Decimal("0.5")}


@pytest.mark.parametrize(
    ("amount", "asset", "nanos"),
    [
        ("0.002", "", 2_000_000),
        ("-0.001", "BNB", -610_500_000),
        ("0.000000001", "DUST", 0),
        ("0.000000003", "DUST", 2),
        ("-0.000000003", "DUST", -2),
        ("0", "NOBODY_KNOWS", 0),
    ],
)
def test_a_fee_is_worth_its_amount_times_the_rate_half_to_even(amount, asset, nanos) -> None:
    assert Fees(RATES).nanos(amount, asset) == nanos


def test_no_digit_is_lost_on_the_way() -> None:
    """28 digits, as many as decimals usually keep, would make a half of what is more than one."""
    rate = Decimal("0.500000000000000000000000000001")
    assert Fees({"FINE": rate}).nanos("0.000000001", "FINE") == 1


def test_an_asset_without_a_rate_has_no_worth() -> None:
    assert Fees(RATES).nanos("0.002", "DOGE") is None
    assert Fees().nanos("-0.002", "BNB") is None


@pytest.mark.parametrize(
    ("amount", "asset"), [("999999999", "BNB"), ("-999999999", "BNB"), ("4611686018.427387904", "")]
)
def test_a_fee_beyond_all_sums_is_refused(amount, asset) -> None:
    with pytest.raises(DecodeError, match="does not fit"):
        Fees(RATES).nanos(amount, asset)


@pytest.mark.parametrize("amount", ["", "NaN", "1e3", "0.0000000001", "--1"])
def test_what_is_no_amount_is_refused(amount) -> None:
    with pytest.raises(DecodeError, match="not a plain decimal"):
        Fees(RATES).nanos(amount, "BNB")
