"""Hyperliquid's whole books."""

from __future__ import annotations

import pytest

from tests.venues.fixtures import sample, text
from tests.venues.sessions import Told, terms

BTC = terms("BTC", "1")


def test_the_sample_is_a_book() -> None:
    heard = Told("hyperliquid", BTC)
    heard.hear(text("hyperliquid", "l2book"))
    assert heard.book() == ([(64_210, 97_139), (64_209, 120_000)], [(64_211, 4_396)])


def test_time_that_goes_back_is_left_out_and_the_same_time_is_not() -> None:
    heard = Told("hyperliquid", BTC)
    book = sample("hyperliquid", "l2book")
    heard.hear(book, book)
    assert len(heard.books()) == 2
    heard.hear(book | {"data": book["data"] | {"time": book["data"]["time"] - 1}})
    assert len(heard.books()) == 2
    assert heard.tally.duplicates == 1


def test_trades_tell_the_attacker() -> None:
    heard = Told("hyperliquid", BTC)
    heard.hear(text("hyperliquid", "trades"))
    assert heard.trades() == [(0, 64_210, 500, -1)]


@pytest.mark.parametrize("name", ["bbo", "pong", "subscription_response"])
def test_messages_without_books_change_nothing(name: str) -> None:
    heard = Told("hyperliquid", BTC)
    rows = len(heard.rows)
    heard.hear(text("hyperliquid", name))
    assert len(heard.rows) == rows
    assert heard.tally.refused == 0


def test_a_second_subscription_is_no_fault() -> None:
    heard = Told("hyperliquid", BTC)
    data = 'Already subscribed: {"type":"l2Book","coin":"BTC"}'
    heard.hear({"channel": "error", "data": data})
    assert heard.tally.refused == 0
    assert heard.market.due_s < 1e9


def test_another_error_is_told() -> None:
    heard = Told("hyperliquid", BTC)
    heard.hear(text("hyperliquid", "error_bad_json"))
    assert "Error parsing JSON" in heard.tally.last_error
    assert heard.session.complaint == ""
