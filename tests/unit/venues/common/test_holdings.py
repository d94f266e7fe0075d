"""Coins and positions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.common.holdings import Holding

BTC = Instrument(Symbol("BTCUSDT"), Decimal("0.01"), Decimal("0.001"))


def test_coins_that_were_there_do_not_count() -> None:
    holding = Holding(BTC, 0, counts_all=False)
    assert holding.told(Decimal("2.5")) == 0
    holding.fill(-40, Decimal(0))
    assert holding.told(Decimal("2.46")) == -40


def test_a_fee_in_the_coin_is_not_missing_from_the_position() -> None:
    holding = Holding(BTC, 0, counts_all=False)
    holding.told(Decimal(1))
    for _ in range(10):
        holding.fill(100, Decimal("0.0001"))
    assert holding.told(Decimal("1.999")) == 1000


def test_a_position_of_an_earlier_run_is_part_of_the_first_balance() -> None:
    holding = Holding(BTC, 7, counts_all=False)
    assert holding.told(Decimal("2.5")) == 7
    assert holding.told(Decimal("2.494")) == 1


@pytest.mark.parametrize(("balance", "lots"), [("0.0129", 12), ("0", 0), ("0.0009", 0)])
def test_where_all_counts_whole_lots_do(balance, lots) -> None:
    assert Holding(BTC, 3, counts_all=True).told(Decimal(balance)) == lots
