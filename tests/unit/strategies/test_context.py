"""What a Python strategy sees and asks for, in its instruments' own units."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from core.domain.enums import CommandKind
from core.domain.events import IOC, MARKET, OWN, POST_ONLY, load
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.strategies.context import Context, LiveOrder

ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"), lot_size=Decimal("0.5"))
EISBACH = Instrument(Symbol("1_Eisbach"), Decimal(1))


class Fake:
    def ts_ns(self):
        return 1_700

    def position_lots(self, instrument):
        return [-7, 3][instrument]

    def pnl_nanos(self):
        return -2_500_000_000

    def levels(self, instrument):
        return [[514, 513, 0], [4, 9, 0], [516, 0, 0], [2, 0, 0]]

    def orders(self):
        return [LiveOrder(11, 0, 1, 510, 4), LiveOrder(12, 1, -1, 3400, 2)]


@pytest.fixture
def context():
    return Context([ETF, EISBACH], Fake())


def wanted(context):
    rows = load(context.take_wanted())
    names = ("code", "instrument", "side", "price_ticks", "lots", "order_id", "key")
    return [tuple(int(row[name]) for name in names) for row in rows]


def test_what_is_seen_is_in_own_units(context):
    assert context.position("7_ETF") == -3.5
    assert context.pnl == -2.5
    assert context.now_ns == 1_700
    assert context.symbols == ("7_ETF", "1_Eisbach")
    book = context.book("7_ETF")
    assert np.allclose(book.bids, [(51.4, 2.0), (51.3, 4.5)])
    assert (book.ask, book.mid) == pytest.approx((51.6, 51.5))
    assert [(o.order_id, o.symbol, o.price) for o in context.orders] == [
        (11, "7_ETF", pytest.approx(51.0)), (12, "1_Eisbach", 3400.0),
    ]  # fmt: skip


@pytest.mark.parametrize("price", [51.3, Decimal("51.3"), 0.1 * 513])
def test_a_price_may_be_float_or_decimal(context, price):
    """Even a float that is a rounding error beside its tick."""
    context.buy("7_ETF", 1.5, price, post_only=True)
    assert wanted(context) == [(CommandKind.PLACE, 0, 1, 513, 3, 0, OWN | POST_ONLY)]
    assert wanted(context) == []


def test_without_a_price_it_is_a_market_order(context):
    context.sell("1_Eisbach", 4)
    context.sell("1_Eisbach", 4, 3400, ioc=True)
    first, second = wanted(context)
    assert first == (CommandKind.PLACE, 1, -1, 0, 4, 0, OWN | MARKET | IOC)
    assert second == (CommandKind.PLACE, 1, -1, 3400, 4, 0, OWN | IOC)


def test_cancels_name_the_order(context):
    context.cancel(12)
    context.cancel(99)
    context.cancel_all("7_ETF")
    assert [(row[0], row[5]) for row in wanted(context)] == [
        (CommandKind.CANCEL, 12), (CommandKind.CANCEL, 11),
    ]  # fmt: skip


def test_a_target_cancels_and_trades_the_difference(context):
    context.target("7_ETF", 2)
    cancel, order = wanted(context)
    assert (cancel[0], cancel[5]) == (CommandKind.CANCEL, 11)
    assert order == (CommandKind.PLACE, 0, 1, 0, 11, 0, OWN | MARKET | IOC)
    context.target("1_Eisbach", 3)
    assert [row[0] for row in wanted(context)] == [CommandKind.CANCEL]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("buy", "7_ETF", 1, 51.35), "price 51.35 is not a multiple of 0.1, its tick size"),
        (("buy", "7_ETF", 0.7, 51.3), "quantity 0.7 is not a multiple of 0.5, its lot size"),
        (("buy", "7_ETF", -1, 51.3), "quantity -1 is not above 0"),
        (("sell", "7_ETF", 0, 51.3), "quantity 0 is not above 0"),
        (("buy", "7_ETF", float("nan")), "quantity nan is no price or size"),
        (("buy", "7_ETF", "many"), "quantity 'many' is no number"),
        (("buy", "7_EFT", 1), "7_EFT is not traded here; did you mean 7_ETF?"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(context, call, words):
    name, *arguments = call
    with pytest.raises(ValueError, match="7_E") as refused:
        getattr(context, name)(*arguments)
    assert words in str(refused.value)
    assert wanted(context) == []
