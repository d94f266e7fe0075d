"""`kill` at a real venue: every order of the account goes, and what is left is said."""

from __future__ import annotations

import asyncio

import pytest

from core.assembly.kill.kill import kill
from core.domain.errors import ConfigurationError, EngineUnavailable
from core.settings.loader import load_settings
from tests.venues import binance_orders_server, kraken_orders_server
from tests.venues.binance_orders_server import BinanceServer
from tests.venues.kraken_orders_server import KrakenServer

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("BINANCE_TESTNET_API_KEY", binance_orders_server.KEY)
    monkeypatch.setenv("BINANCE_TESTNET_API_SECRET", binance_orders_server.SECRET)
    monkeypatch.setenv("KRAKEN_API_KEY", kraken_orders_server.KEY)
    monkeypatch.setenv("KRAKEN_API_SECRET", kraken_orders_server.SECRET)


def binance() -> BinanceServer:
    return BinanceServer(
        [("BTCUSDT", "BTC", "0.01", "0.00001", 9), ("ETHUSDT", "ETH", "0.01", "0.0001", 9)]
    )


async def test_every_order_at_binance_is_canceled(tmp_path) -> None:
    server = binance()
    await server.start()
    for number in range(2):
        order = {
            "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
            "price": "64000", "quantity": "0.002", "newClientOrderId": f"by-hand-{number}",
        }  # fmt: skip
        server._do_order_place(None, {"id": "x"}, order)
    settings = load_settings("binance-testnet", (), [f"venue.url={server.url}"]).settings
    report = await asyncio.to_thread(kill, settings, tmp_path)
    assert (len(report.canceled), report.left, report.exit_code) == (2, [], 0)
    assert not any(order["open"] for order in server.orders.values())
    await server.stop()


async def test_an_order_that_cannot_be_canceled_is_said_to_be_left(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("core.assembly.kill.real.TIMEOUT_S", 2.0)
    server = binance()
    await server.start()
    server.deaf.add("openOrders.cancelAll")
    order = {
        "symbol": "ETHUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC",
        "price": "3100", "quantity": "0.02", "newClientOrderId": "by-hand",
    }  # fmt: skip
    server._do_order_place(None, {"id": "x"}, order)
    settings = load_settings("binance-testnet", (), [f"venue.url={server.url}"]).settings
    report = await asyncio.to_thread(kill, settings, tmp_path)
    assert (len(report.left), report.exit_code) == (1, 4)
    await server.stop()


async def test_every_order_at_kraken_is_canceled_without_the_word_for_trading(tmp_path) -> None:
    """Stopping must never wait for a word."""
    server = KrakenServer([("BTC/USD", 9), ("ETH/USD", 9)])
    await server.start()
    overrides = [f"venue.url={server.url}", f"venue.rest_url={server.rest_url}"]
    settings = load_settings("kraken-live", (), overrides).settings
    report = await asyncio.to_thread(kill, settings, tmp_path)
    assert (report.canceled, report.left, report.exit_code) == ([], [], 0)
    assert any(request["method"] == "cancel_all" for request in server.requests)
    await server.stop()


def test_a_venue_that_cannot_be_reached_is_said(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("core.assembly.kill.real.TIMEOUT_S", 0.5)
    settings = load_settings("binance-testnet", (), ["venue.url=ws://127.0.0.1:9/x"]).settings
    with pytest.raises(EngineUnavailable, match="not known to be canceled"):
        kill(settings, tmp_path)


def test_a_paper_account_has_nothing_outside_the_engine(tmp_path) -> None:
    settings = load_settings("paper-binance").settings
    with pytest.raises(ConfigurationError, match="live in the engine"):
        kill(settings, tmp_path)
