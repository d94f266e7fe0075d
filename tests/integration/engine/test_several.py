"""Two markets in one engine: what happens at one is none of the other's business."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.assembly.live import LiveRun, RunOptions
from core.domain import events
from core.domain.enums import CommandKind, Outcome, Readiness, VenueState
from core.settings.loader import load_settings
from core.venues.market import feeds
from tests.venues.fake_feed import FakeFeed, MarketSource
from tests.venues.small_market import SmallMarket

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("compiled_kernel")]

WAIT_S = 60.0
BINANCE_BTC, BYBIT_BTC = 0, 2
BYBIT = 1
ASK = {BINANCE_BTC: 6_400_100, BYBIT_BTC: 642_010}
"""Ticks are a cent at Binance, ten cents at Bybit."""


async def until(condition):
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def make_source(btc: str) -> MarketSource:
    source = MarketSource([SmallMarket(), SmallMarket()])
    source.is_up = True
    for market, price in zip(source.markets, (btc, "3100"), strict=True):
        market.enter("x", "b", 1, Decimal(price), Decimal(5))
        market.enter("x", "a", -1, Decimal(price) + 1, Decimal(5))
    return source


@pytest.fixture
def sources(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    sources = {"binance": make_source("64000"), "bybit": make_source("64200")}
    monkeypatch.setattr(
        feeds, "make_feed", lambda name, instruments, url="": FakeFeed(sources[name], instruments)
    )
    return sources


class Life:
    """One engine on both markets, until it is stopped."""

    def __init__(self, run_dir):
        settings = load_settings("paper-two", (), ["risk.stale_book_ms=60000"]).settings
        self.run = LiveRun(RunOptions(settings, run_dir, report=lambda _: None))
        self.task = asyncio.ensure_future(self.run.run())

    async def __aenter__(self):
        ready = asyncio.ensure_future(self.run.ready.wait())
        await asyncio.wait({ready, self.task}, return_when=asyncio.FIRST_COMPLETED)
        assert self.run.ready.is_set(), self.task.result()
        self.engine = self.run.life._engine
        self.account = self.engine.state.account
        synced = [VenueState.SYNCED] * 2
        await until(lambda: self.account["venue_states"][0, :2].tolist() == synced)
        await until(lambda: self.account["readiness"][0] == Readiness.READY)
        return self

    async def __aexit__(self, *error):
        self.run.life.request_stop("test")
        assert await self.task == 0

    def buy(self, index, lots):
        self.engine.put(
            events.command(
                CommandKind.PLACE, instrument=index, side=1, price_ticks=ASK[index], lots=lots,
                key=events.IOC,
            )
        )  # fmt: skip
        self.engine.flush()

    @property
    def positions(self):
        return self.engine.state.instruments["position_lots"].tolist()


async def test_one_symbol_at_two_markets_is_two_products(sources, tmp_path) -> None:
    async with Life(tmp_path) as life:
        symbols = [item.symbol for item in life.run.host.meta.instruments]
        assert symbols == [
            "BTCUSDT@binance", "ETHUSDT@binance",
            "BTCUSDT@bybit", "ETHUSDT@bybit",
        ]  # fmt: skip
        life.buy(BYBIT_BTC, 40)
        await until(lambda: life.account["fills"][0] == 1)
        assert life.positions == [0, 0, 40, 0]


async def test_a_market_that_is_away_stops_nothing_at_the_other(sources, tmp_path) -> None:
    async with Life(tmp_path) as life:
        sources["bybit"].is_up = False
        sources["bybit"].cut()
        await until(lambda: life.account["venue_states"][0, BYBIT] < VenueState.CONNECTED)
        assert life.account["readiness"][0] == Readiness.READY
        life.buy(BYBIT_BTC, 40)
        assert life.account["denial_code"][0] == Outcome.NOT_READY
        life.buy(BINANCE_BTC, 30)
        await until(lambda: life.positions == [30, 0, 0, 0])
        texts = [notice.text for notice in life.run.host.notices.since(0).notices]
        lost = "connection lost (BTCUSDT@bybit, ETHUSDT@bybit)"
        assert sum(text.startswith(lost) for text in texts) == 1
        sources["bybit"].is_up = True
        await until(lambda: life.account["venue_states"][0, BYBIT] == VenueState.SYNCED)
        life.buy(BYBIT_BTC, 20)
        await until(lambda: life.positions == [30, 0, 20, 0])


async def test_books_of_both_markets_go_on_after_a_restart(sources, tmp_path) -> None:
    async with Life(tmp_path) as first:
        first.buy(BINANCE_BTC, 30)
        first.buy(BYBIT_BTC, 20)
        await until(lambda: first.account["fills"][0] == 2)
        fees = int(first.account["fees_nanos"][0])
    async with Life(tmp_path) as second:
        assert second.positions == [30, 0, 20, 0]
        assert second.account["fees_nanos"][0] == fees
        assert second.account["corrections"][0] == 0
        second.buy(BYBIT_BTC, 5)
        await until(lambda: second.positions == [30, 0, 25, 0])
        assert second.account["duplicate_fills"][0] == 0
