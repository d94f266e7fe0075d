"""Decimal text and whole units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.errors import DecodeError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.common import grid as grid_module
from core.venues.common.grid import Grid, money_nanos, money_text


@pytest.fixture
def grid() -> Grid:
    return Grid(Instrument(Symbol("7_ETF"), Decimal("0.05"), lot_size=Decimal("0.1")))


def test_prices_become_ticks_and_texts_again(grid) -> None:
    assert grid.ticks("50.15") == 1003
    assert grid.price(1003) == "50.15"
    assert grid.ticks("50.150") == 1003


def test_quantities_become_lots_with_or_without_a_sign(grid) -> None:
    assert grid.lots("1.7") == 17
    assert grid.lots("0") == 0
    assert grid.signed_lots("-1.7") == -17
    assert grid.quantity(-17) == "-1.7"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0", "0 is not a price"),
        ("50.01", "not a multiple of 0.05"),
        ("-50", "not a plain"),
        ("+50", "not a plain"),
        (" 50", "not a plain"),
        ("50.", "not a plain"),
        ("nan", "not a plain"),
        ("5e1", "not a plain"),
        ("\u0665\u0660", "not a plain"),
        ("999999999999", "beyond"),
    ],
)
def test_prices_that_cannot_be_are_refused(grid, text, reason) -> None:
    with pytest.raises(DecodeError, match=reason):
        grid.ticks(text)


def test_a_double_minus_is_no_quantity(grid) -> None:
    with pytest.raises(DecodeError):
        grid.signed_lots("--1")


def test_a_stranger_with_ever_new_prices_costs_no_memory(grid, monkeypatch) -> None:
    monkeypatch.setattr(grid_module, "_CACHE_SIZE", 8)
    for ticks in range(1, 100):
        assert grid.ticks(grid.price(ticks)) == ticks
    assert len(grid._ticks) <= 8
    assert len(grid._prices) <= 8


@pytest.mark.parametrize(
    ("nanos", "text"),
    [(0, "0"), (-1, "-0.000000001"), (1_500_000_000, "1.5"), (-7_000_000_000, "-7")],
)
def test_money_becomes_text_and_nanos_again(nanos, text) -> None:
    assert money_text(nanos) == text
    assert money_nanos(text) == nanos


@pytest.mark.parametrize("text", ["", "--1", "1e3", "NaN", "0.0000000001", "99999999999", "1_0"])
def test_money_that_cannot_be_is_refused(text) -> None:
    with pytest.raises(DecodeError):
        money_nanos(text)
