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
    """Half a minute is five hours of the city: the makers are led there by who knows."""
    products = load_products("munich-2025")
    exchange = Exchange(ExchangeConfig(products=products, city=CITY), START_NS)
    values = CityValues(CITY, START_NS)
    prices = values.advance(START_NS)
    for seconds in (5, 30):
        while exchange.ts_ns < START_NS + seconds * SECOND_NS:
            exchange.advance()
        prices |= values.advance(exchange.ts_ns)
        for index in (0, 2):
            market = exchange.markets[index]
            bid, ask = market.best_ticks(1), market.best_ticks(-1)
            tick_size = float(market.grid.instrument.tick_size)
            assert bid * tick_size == pytest.approx(prices[market.symbol], rel=0.03)
            assert 0 < bid < ask


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
