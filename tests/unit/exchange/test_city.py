"""A simulated city behind the market."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.errors import ConfigurationError
from core.events.loader import load_event
from core.exchange.city import CityValues
from core.exchange.config import CityConfig, ExchangeConfig
from core.exchange.exchange import Exchange, start_of
from core.exchange.products import load_products

START_NS = 1_790_000_000 * 10**9
SECOND_NS = 10**9
CITY = CityConfig("munich-2025", seed=11, speed=600.0)


def test_values_change_with_what_becomes_known_and_not_in_between() -> None:
    values = CityValues(CITY, START_NS)
    first = values.advance(START_NS)
    assert set(first) == {item.symbol for item in load_event("munich-2025").products}
    assert values.advance(START_NS + SECOND_NS // 100) == {}
    assert values.advance(START_NS + 2 * SECOND_NS)["1_Eisbach"] != first["1_Eisbach"]


def test_it_is_the_same_city_for_the_same_seed() -> None:
    at = START_NS + 30 * SECOND_NS
    assert CityValues(CITY, START_NS).advance(at) == CityValues(CITY, START_NS).advance(at)
    other = CityValues(CityConfig("munich-2025", seed=12, speed=600.0), START_NS)
    assert other.advance(at) != CityValues(CITY, START_NS).advance(at)


def test_the_market_stands_where_the_city_says_and_follows_it() -> None:
    """A minute is an hour of the city: the makers are led there by who knows."""
    city = CityConfig("munich-2025", seed=11, speed=60.0)
    exchange = Exchange(ExchangeConfig(products=load_products("munich-2025"), city=city), START_NS)
    values = CityValues(city, START_NS)
    first = prices = values.advance(START_NS)
    market = exchange.markets[4]
    tick_size = float(market.grid.instrument.tick_size)

    def is_there() -> bool:
        bid, ask = market.best_ticks(1), market.best_ticks(-1)
        wanted = prices[market.symbol]
        return bid > 0 and ask > 0 and abs((bid + ask) / 2 * tick_size / wanted - 1) < 0.015

    for seconds in (10, 70, 130):
        while exchange.ts_ns < START_NS + seconds * SECOND_NS:
            exchange.advance()
        prices = prices | values.advance(exchange.ts_ns)
        limit_ns = exchange.ts_ns + 5 * SECOND_NS
        while not is_there() and exchange.ts_ns < limit_ns:
            exchange.advance()
        assert is_there()
    assert abs(prices[market.symbol] / first[market.symbol] - 1) > 0.02


def test_without_a_city_every_value_begins_at_its_start_price() -> None:
    (product, *_) = load_products("munich-2025")
    exchange = Exchange(ExchangeConfig(products=(product,)), START_NS)
    assert Decimal(exchange._fairs[0].ticks) == product.start_price


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (CityConfig("munich-2052"), "did you mean munich-2025"),
        (CityConfig("munich-2025", place="paris"), "known: london, munich"),
    ],
)
def test_what_is_not_there_is_named(config, sentence) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        CityValues(config, START_NS)


def test_a_life_of_an_exchange_tells_when_it_began() -> None:
    exchange = Exchange(ExchangeConfig(products=load_products("munich-2025")), START_NS)
    assert start_of(exchange.session) == START_NS
    assert start_of("paper-binance") is None
    assert start_of("practice-") is None
    assert start_of("practice-xyz") is None
