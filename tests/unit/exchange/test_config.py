"""What an exchange is made with."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.errors import ConfigurationError
from core.exchange.config import ExchangeConfig, Product
from core.exchange.products import load_products


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", -1), ("port", 65_536), ("speed", 0.0), ("speed", 101), ("idle_exit_s", -1)],
)
def test_a_number_out_of_bounds_is_named(products, name, value) -> None:
    with pytest.raises(ConfigurationError, match=f"exchange {name} = {value} is not between"):
        ExchangeConfig(products=products, **{name: value})


def test_nan_is_out_of_every_bound(products) -> None:
    with pytest.raises(ConfigurationError, match="speed"):
        ExchangeConfig(products=products, speed=float("nan"))


def test_an_exchange_needs_a_product() -> None:
    with pytest.raises(ConfigurationError, match="at least one product"):
        ExchangeConfig(products=())


@pytest.mark.parametrize(("price", "volatility"), [(0, 0.1), (-3, 0.1), (5, -0.1), (5, 1.5)])
def test_a_product_that_cannot_be_is_refused(products, price, volatility) -> None:
    with pytest.raises(ConfigurationError, match="7_ETF"):
        Product(products[1].instrument, Decimal(price), volatility)


def test_the_eight_products_of_munich_are_there() -> None:
    products = load_products("munich-2025")
    assert [product.instrument.symbol[0] for product in products] == list("12345678")
    assert {product.instrument.position_limit_lots for product in products} == {200}
    assert products[6].instrument.tick_size == Decimal("0.1")


def test_an_unknown_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match="atlantis"):
        load_products("atlantis")


def test_a_product_without_a_start_cannot_be_traded(monkeypatch) -> None:
    """Such files are good for a recorded market, not for a living one."""
    from core.exchange import products as products_module

    entries = [
        entry.model_copy(update={"volatility": None})
        for entry in products_module.load_instruments("munich-2025")
    ]
    monkeypatch.setattr(products_module, "load_instruments", lambda _: entries)
    with pytest.raises(ConfigurationError, match="1_Eisbach needs start_price and volatility"):
        load_products("munich-2025")
