"""What may be traded together, and what it is called."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.settings.loader import load_settings
from core.settings.markets import engine_instruments, markets_of


def settings(*overrides: str, profile: str = "paper-two"):
    return load_settings(profile, (), overrides).settings


def parts(*names: str) -> str:
    return "venue.parts=[" + ", ".join(f'"{name}"' for name in names) + "]"


def test_one_venue_is_traded_under_its_own_symbols() -> None:
    markets = markets_of(settings(profile="practice"))
    assert [market.name for market in markets] == ["practice"]
    assert engine_instruments(markets) == markets[0].instruments


def test_a_symbol_of_two_venues_bears_the_venues_name_and_others_do_not() -> None:
    markets = markets_of(settings(parts("paper-coinbase", "paper-kraken"), "account.currency=USD"))
    assert [item.symbol for item in engine_instruments(markets)] == [
        "BTC-USD", "ETH-USD", "BTC/USD", "ETH/USD",
    ]  # fmt: skip
    both = engine_instruments(markets_of(settings()))
    assert [(item.venue, item.symbol) for item in both][1:3] == [
        (0, "ETHUSDT@binance"), (1, "BTCUSDT@bybit"),
    ]  # fmt: skip
    assert both[2].tick_size != both[0].tick_size


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ([parts()], "venue.parts names 0 profiles"),
        ([parts("paper-binance")], "needs 2 to 8"),
        ([parts("paper-binance", "paper-krakn")], "did you mean paper-kraken?"),
        ([parts("paper-binance", "paper-two")], 'venue.kind = "several" is no venue to trade at'),
        ([parts("paper-binance", "binance")], 'venue.kind = "recorded" is no venue'),
        (
            [parts("paper-binance", "paper-kraken")],
            "counts in USD, and this profile counts in USDT",
        ),
        ([parts("paper-binance", "binance-live")], "real money: that takes an engine of its own"),
        ([parts("practice", "cmi"), "account.currency=EUR"], "both start an exchange here"),
    ],
)
def test_what_cannot_be_traded_together_is_refused(overrides, sentence) -> None:
    with pytest.raises(ConfigurationError) as refused:
        markets_of(settings(*overrides))
    assert sentence in str(refused.value)
