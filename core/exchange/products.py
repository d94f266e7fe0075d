"""The products of a settings file, as the exchange needs them."""

from __future__ import annotations

from core.domain.errors import ConfigurationError
from core.exchange.config import Product
from core.settings.instruments import load_instruments


def load_products(name: str) -> tuple[Product, ...]:
    """
    Read the products of `config/instruments/<name>.toml`.

    Raises:
        ConfigurationError: If the file cannot be used, or does not say where a product's
            price starts and how it moves.
    """
    products = []
    for entry in load_instruments(name):
        if entry.start_price is None or entry.volatility is None:
            raise ConfigurationError(
                f"config/instruments/{name}.toml: {entry.symbol} needs start_price and "
                "volatility to be traded on the practice exchange"
            )
        products.append(Product(entry.to_instrument(), entry.start_price, entry.volatility))
    return tuple(products)
