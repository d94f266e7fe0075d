"""Numbers as they are written in Germany."""

from __future__ import annotations

import pytest

from core.feeds.common.german import decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [("143", 143.0), ("23,1", 23.1), ("1.234,5", 1234.5), ("-0,3", -0.3), (" 96,00 ", 96.0)],
)
def test_commas_are_decimal(text, value) -> None:
    assert decimal(text) == value


@pytest.mark.parametrize("text", ["", "--", "-", "  "])
def test_dashes_are_no_value(text) -> None:
    assert decimal(text) is None


@pytest.mark.parametrize("text", ["abc", "1,2,3", "nan", "inf", "12 cm"])
def test_what_is_no_number_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"."):
        decimal(text)
