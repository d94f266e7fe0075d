"""A paper account over the lives of its engines."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.assembly.account import account_lease
from core.assembly.live import LiveRun, RunOptions
from core.domain import events
from core.domain.enums import CommandKind, Mode, Readiness, VenueState
from core.domain.errors import ConfigurationError
from core.settings.loader import load_settings
from core.venues.market import feeds
from tests import recorded_data
from tests.venues.fake_feed import FakeFeed, MarketSource
from tests.venues.small_market import SmallMarket

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("compiled_kernel")]

WAIT_S = 60.0


async def until(condition):
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def source(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    source = MarketSource([SmallMarket(), SmallMarket()])
    source.is_up = True
    for market, price in zip(source.markets, ("64000", "3100"), strict=True):
        market.enter("x", "b", 1, Decimal(price), Decimal(5))
        market.enter("x", "a", -1, Decimal(price) + 1, Decimal(5))
    monkeypatch.setattr(
        feeds, "make_feed", lambda name, instruments, url="": FakeFeed(source, instruments)
    )
    return source


class Life:
    """One engine of the profile, until it is stopped."""

    def __init__(self, run_dir, *more):
        overrides = ["venue.latency_ms=0", "risk.stale_book_ms=60000", *more]
        settings = load_settings("paper-binance", (), overrides).settings
        self.said = []
        self.run = LiveRun(RunOptions(settings, run_dir, report=self.said.append))
        self.task = asyncio.ensure_future(self.run.run())

    async def __aenter__(self):
        ready = asyncio.ensure_future(self.run.ready.wait())
        await asyncio.wait({ready, self.task}, return_when=asyncio.FIRST_COMPLETED)
        assert self.run.ready.is_set(), self.task.result()
        self.engine = self.run.life._engine
        self.account = self.engine.state.account
        return self

    async def __aexit__(self, *error):
        self.run.life.request_stop("test")
        assert await self.task == 0


async def test_positions_on_paper_go_on_after_a_restart(source, tmp_path) -> None:
    async with Life(tmp_path) as first:
        await until(lambda: first.account["readiness"][0] == Readiness.READY)
        assert first.run.host.meta.mode is Mode.PAPER
        first.engine.put(
            events.command(
                CommandKind.PLACE,
                instrument=0,
                side=1,
                price_ticks=6_400_100,
                lots=40,
                key=events.IOC,
            )
        )
        first.engine.flush()
        await until(lambda: first.account["fills"][0] == 1)
        fees = int(first.account["fees_nanos"][0])
        assert fees > 0
    async with Life(tmp_path) as second:
        await until(lambda: second.account["readiness"][0] == Readiness.READY)
        assert second.engine.state.instruments["position_lots"].tolist() == [40, 0]
        assert second.account["fees_nanos"][0] == fees
        assert second.account["corrections"][0] == 0
        second.engine.put(
            events.command(
                CommandKind.PLACE,
                instrument=0,
                side=-1,
                price_ticks=6_400_000,
                lots=15,
                key=events.IOC,
            )
        )
        second.engine.flush()
        await until(lambda: second.engine.state.instruments["position_lots"][0] == 25)


async def test_another_run_directory_is_another_paper_account(source, tmp_path) -> None:
    leases = set()
    for name in ("one", "two"):
        async with Life(tmp_path / name) as life:
            await until(lambda life=life: life.account["readiness"][0] == Readiness.READY)
            texts = [notice.text for notice in life.run.host.notices.since(0).notices]
            assert "a new paper account begins: flat, with all its capital" in texts
            leases.add(account_lease(life.run._settings.venue, "", tmp_path / name).path)
    assert len(leases) == 2


async def test_a_recording_plays_as_the_venue_and_says_when_it_is_over(tmp_path) -> None:
    """The capture holds one of the profile's two products: the other does not hold it up."""
    path = recorded_data.find("binance_l2") / "spot_btcusdt_20240808.gz"
    async with Life(tmp_path, f"venue.recording={path}", "venue.recording_speed=0") as life:
        await until(lambda: life.run.host.telemetry().venues[0].last_error)
        (venue,) = life.run.host.telemetry().venues
        assert (venue.name, venue.last_error) == (
            "paper recorded binance",
            "binance: the recording is over",
        )
        assert life.account["venue_state"][0] == VenueState.DOWN
        heard = life.engine.state.instruments["book_ts_ns"].tolist()
        assert heard[0] > 0
        assert heard[1] == 0
        assert life.account["evaluations"][0] > 1_000


async def test_a_recording_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no recording .*nothing\.gz"):
        async with Life(tmp_path, f"venue.recording={tmp_path}/nothing.gz"):
            pass
