"""An exchange with a panel of faults, and the real engine on it over a real socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.assembly.describe import journal_meta
from core.assembly.trading import Trading, build, fresh_state
from core.domain.commands import Command, CommandName
from core.domain.enums import OrderStatus, Readiness, TradingState
from core.domain.ids import RunId
from core.exchange.config import ExchangeConfig
from core.exchange.products import load_products
from core.exchange.server import ExchangeServer
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.runtime.life import EngineLife, tick
from core.runtime.verify import read_beginning, verify
from core.settings.loader import load_settings
from core.venues.wsx.client import WsxVenue

KEY = "practice"
WAIT_S = 40.0
RUN = RunId("20261121T080000-practice-4f1c")
LIVELY = (
    "strategy.cooldown_ms=20",
    "strategy.min_signal=0.05",
    "strategy.min_confidence=0",
    "strategy.min_regime_probability=0",
    "strategy.min_change_pct=2",
    "strategy.bar_ms=10",
    "strategy.passive_edge=1",
    "risk.max_repeated_orders=1000",
    "risk.stale_book_ms=600",
    "models.refit=false",
)


def to_toml(tables: dict[str, dict[str, Any]]) -> str:
    lines = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


@dataclass
class Faulty:
    """Both sides, in one process and over one socket."""

    server: ExchangeServer
    venue: WsxVenue
    trading: Trading
    life: EngineLife
    path: Path
    folder: Path

    @property
    def account(self):
        return self.trading.state.account[0]

    @property
    def truth(self):
        return self.server.exchange.account(KEY)

    async def turn_on(self, **tables: dict[str, Any]) -> None:
        """Write the file, and wait until the exchange has taken it over."""
        self.path.write_text(to_toml(tables))
        before = self.server.panel.now
        await self.until(lambda: self.server.panel.now is not before, "other faults")

    async def until(self, condition: Callable[[], object], what: str) -> None:
        deadline_s = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > deadline_s:
                raise AssertionError(f"no {what} within {WAIT_S:g} s: {self.describe()}")
            await asyncio.sleep(0.01)

    def describe(self) -> str:
        account = self.account
        return (
            f"{Readiness(int(account['readiness'])).name} "
            f"{TradingState(int(account['trading_state'])).name}, "
            f"orders {int(account['orders'])}, open {int(account['open_orders'])}, "
            f"fills {int(account['fills'])}; {self.venue.counters()}"
        )

    async def trade(self, fills: int = 5) -> None:
        """Wait for so many fills more."""
        wanted = int(self.account["fills"]) + fills
        await self.until(lambda: self.account["fills"] >= wanted, f"{fills} more fills")

    def ask(self, name: CommandName, **args: str) -> bool:
        return self.trading.desk.submit(Command(name, "test", 1, args)).accepted

    def ready(self) -> bool:
        return bool(self.account["readiness"] == Readiness.READY)

    async def settle(self) -> None:
        """Turn everything off, halt, and wait until both sides agree that nothing rests."""
        await self.turn_on()
        self.ask(CommandName.HALT)
        # What was lost without a gap to show for it is found by asking for everything.
        self.ask(CommandName.FLATTEN)
        await self.until(self._agree, "agreement")

    def _agree(self) -> bool:
        positions = [int(row["position_lots"]) for row in self.trading.state.instruments]
        unknown = (self.trading.state.orders["status"] == OrderStatus.UNKNOWN).any()
        return (
            self.ready()
            and not unknown
            and not self.account["open_orders"]
            and not self.truth.orders
            and positions == self.truth.positions
        )

    def check_money(self) -> None:
        """To the nano, and without a correction: every fill counted once."""
        assert self.account["corrections"] == 0
        paid = int(self.account["capital_nanos"]) + self.truth.cash_nanos
        assert int(self.account["cash_nanos"]) == paid
        assert self.account["identity_break_nanos"] == 0


@pytest.fixture
async def faulty(tmp_path):
    path = tmp_path / "faults.toml"
    path.write_text("")
    settings = load_settings("practice", (), LIVELY).settings
    products = load_products("munich-2025")[5:7]
    config = ExchangeConfig(products=products, port=0, heartbeat_s=0.2, idle_exit_s=0, faults=path)
    server = ExchangeServer(config, time.time_ns())
    stop = asyncio.Event()
    port = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(server.run(stop, port.set_result))
    instruments = tuple(product.instrument for product in products)
    venue = WsxVenue(
        f"ws://127.0.0.1:{await port}", KEY, RUN, instruments, cancel_on_disconnect=True,
        dead_man_s=5, lease=9,
    )  # fmt: skip
    state = fresh_state(settings, instruments)
    folder = tmp_path / RUN
    meta = journal_meta(settings, RUN, "", instruments, state, None)
    journal = JournalWriter.open(folder / JOURNAL, meta)
    trading = build(
        settings, instruments, state, journal, venue.submit,
        stop=lambda _: None, log=lambda _: None,
    )  # fmt: skip
    trading.tell(starting_models(settings, instruments, SpreadRows()))
    trading.begin()

    async def live() -> None:
        await tick(trading.engine, venue, lambda: True)

    life = EngineLife(trading.engine, venue, [live])
    living = asyncio.create_task(life.run())
    world = Faulty(server, venue, trading, life, path, folder)
    await world.until(world.ready, "READY engine")
    yield world
    life.request_stop("the test is over")
    async with asyncio.timeout(WAIT_S):
        await living
        stop.set()
        await serving
    journal.close()
    # Whatever went wrong, the journal tells it: driven again, every decision is the same.
    assert verify(folder, read_beginning(folder), None).identical
