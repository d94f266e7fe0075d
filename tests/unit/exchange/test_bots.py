"""A market that lives."""

from __future__ import annotations

import pytest

from core.exchange.exchange import Exchange
from core.venues.wsx import messages as wire


@pytest.fixture(scope="module")
def minute():
    """Two products for a minute: what was said, and the last books."""
    from decimal import Decimal

    from core.domain.ids import Symbol
    from core.domain.instrument import Instrument
    from core.exchange.config import ExchangeConfig, Product

    products = (
        Product(Instrument(Symbol("1_Eisbach"), Decimal(1)), Decimal(3400), 0.003),
        Product(Instrument(Symbol("8_Strangle"), Decimal("0.1")), Decimal(28), 0.02),
    )
    exchange = Exchange(ExchangeConfig(products=products, seed=5), 10**18)
    said, books = [], []
    for step in range(2 * 20 * 60):
        exchange.advance()
        said += [out.message for out in exchange.take_outgoing()]
        if step > 40:
            books += [exchange.snapshot(symbol) for symbol in exchange.symbols()]
    return said, books


def test_there_is_always_something_to_trade_on(minute) -> None:
    _, books = minute
    two_sided = [book for book in books if len(book.bids) >= 3 and len(book.asks) >= 3]
    assert len(two_sided) > 0.95 * len(books)


def test_books_are_never_crossed(minute) -> None:
    _, books = minute
    for book in books:
        if book.bids and book.asks:
            assert float(book.bids[0][0]) < float(book.asks[0][0])


def test_the_market_trades_both_ways(minute) -> None:
    said, _ = minute
    for symbol in ("1_Eisbach", "8_Strangle"):
        trades = [m for m in said if isinstance(m, wire.PublicTrade) and m.symbol == symbol]
        sides = [trade.aggressor for trade in trades]
        assert min(sides.count("buy"), sides.count("sell")) > 10


def test_books_change_several_times_a_second(minute) -> None:
    said, _ = minute
    deltas = [m for m in said if isinstance(m, wire.Delta)]
    assert len(deltas) > 2 * 8 * 60


def test_the_price_moves(minute) -> None:
    _, books = minute
    mids = {float(book.bids[0][0]) for book in books if book.symbol == "1_Eisbach" and book.bids}
    assert len(mids) > 5
