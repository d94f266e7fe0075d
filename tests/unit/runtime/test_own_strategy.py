"""A Python strategy in a process of its own: heard while it is well, halted by when it is not."""

from __future__ import annotations

import asyncio
import textwrap
from contextlib import suppress

import pytest

from core.domain import events
from core.domain.enums import CommandKind, OrderOrigin, OwnStrategy, StateReason, TradingState
from core.domain.events import OWN
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.kernel.state import make_state, to_bytes
from core.kernel.step import step
from core.runtime.own_strategy import OwnStrategyDesk, OwnStrategyOptions
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params
from tests.unit.runtime.engine_rig import EngineRig

STRATEGY = """
    import os
    import time

    class Good:
        def on_start(self, context):
            self.context = context
            self.filled = 0

        def on_book(self, book):
            if book.symbol == "1_Eisbach" and book.bid and not self.context.orders:
                self.context.buy("1_Eisbach", 2 + self.filled, book.bid, post_only=True)

        def on_fill(self, fill):
            self.filled += 1
            self.context.cancel_all()

    class Raises:
        def on_book(self, book):
            raise ValueError("no idea")

    class Hangs:
        def on_book(self, book):
            time.sleep(60)

    class Dies:
        def on_book(self, book):
            os._exit(9)

    class Eats:
        def on_book(self, book):
            kept = bytearray(1 << 30)

    class Trader:
        def run(self, state):
            return {}, 0, ""
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(textwrap.dedent(STRATEGY))
    return path


def make(name, *, timeout_s=10.0, memory_mb=500):
    rig = EngineRig()
    rig.account["own_strategy"] = OwnStrategy.PYTHON
    options = OwnStrategyOptions(name, (), timeout_s, memory_mb)
    desk = OwnStrategyDesk(options, rig.engine, rig.reporter, (EISBACH, ETF))
    rig.engine._observer.add(desk)
    rig.connect()
    rig.book()
    return rig, desk


async def until(condition, limit_s=30.0):
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.005)


async def beside(desk, scenario):
    task = asyncio.create_task(desk.run())
    try:
        await scenario()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_it_wants_is_journaled_and_sent(file):
    rig, desk = make(f"{file}:Good")

    async def scenario():
        await until(lambda: rig.sent)
        (order,) = rig.sent
        assert (order["origin"], order["side"], order["lots"]) == (OrderOrigin.STRATEGY, 1, 2)
        (command,) = [row for row in rig.journal.stored if row[24] == 7]
        assert len(command) == 128
        rig.feed(events.fill(0, order["order_id"], 5, 1, 3400, 2))
        rig.book(bid=3399)
        await until(lambda: len(rig.sent) == 2)
        assert (rig.sent[1]["lots"], rig.sent[1]["price_ticks"]) == (3, 3399)

    await beside(desk, scenario)
    assert rig.account["trading_state"] == TradingState.ACTIVE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Raises", "raised ValueError: no idea"),
        ("Hangs", "gave no answer within 0.3 s"),
        ("Dies", "ended"),
        ("Eats", "wanted more than 64 MB"),
        ("Trader", "trades recorded days only"),
        ("Goood", "did you mean Good?"),
    ],
)
async def test_one_that_is_not_well_halts_the_engine(file, name, words):
    """The loop itself goes on, and the alarm says what happened where."""
    timeout_s = 0.3 if name == "Hangs" else 10.0
    rig, desk = make(f"{file}:{name}", timeout_s=timeout_s, memory_mb=64)

    async def scenario():
        await until(lambda: rig.account["trading_state"] == TradingState.HALTED)

    await beside(desk, scenario)
    assert rig.account["state_reason"] == StateReason.STRATEGY_FAILED
    assert any("your own strategy failed" in text and words in text for text in rig.texts())


def test_only_orders_and_cancels_are_let_in(file):
    """What comes over the line is checked: a strategy may not resume, or act as a person."""
    _, desk = make(f"{file}:Good")
    allowed = events.command(CommandKind.PLACE, instrument=1, key=OWN)
    assert desk._is_allowed(allowed)
    for row in (
        events.command(CommandKind.RESUME, key=OWN),
        events.command(CommandKind.PLACE, instrument=1),
        events.command(CommandKind.PLACE, instrument=2, key=OWN),
        events.timer(),
    ):
        assert not desk._is_allowed(row)


async def test_a_replay_needs_the_journal_alone(file):
    """The class is not run again, and every decision is the same."""
    rig, desk = make(f"{file}:Good")

    async def scenario():
        for beat in range(3):
            await until(lambda wanted=beat + 1: len(rig.sent) >= wanted)
            rig.feed(events.fill(0, rig.sent[-1]["order_id"], 5 + beat, 1, 3400, 2 + beat))
            rig.book(bid=3400 - beat)

    await beside(desk, scenario)
    state = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    state.account[0]["own_strategy"] = OwnStrategy.PYTHON
    intents = allocate(INTENT, MAX_INTENTS)
    for row in rig.journal.stored:
        step(state, events.load([row]), 0, intents)
    assert to_bytes(state) == to_bytes(rig.engine.state)
    assert state.account[0]["decision_hash"] != 0
