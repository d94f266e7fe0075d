"""How an engine's life ends when the venue does not answer."""

from __future__ import annotations

import asyncio

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import OrderStatus
from core.runtime import life
from tests.unit.runtime.engine_rig import EngineRig

PATIENCE_S = 20.0


class SilentVenue:
    """Is connected, and confirms nothing unless told to."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def run(self, sink) -> None:
        await self.closed.wait()

    async def close(self) -> None:
        self.closed.set()


@pytest.fixture
async def living(monkeypatch):
    """An engine with an order that rests, and a life that would wait for its cancel for ever."""
    monkeypatch.setattr(life, "CANCEL_TIMEOUT_S", float("inf"))
    rig = EngineRig()
    rig.connect()
    rig.book(500, 502, index=1)
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    rig.feed(events.order_report(1, 1, OrderStatus.OPEN, side=1, price_ticks=500, lots=4))
    assert rig.account["open_orders"] == 1
    venue = SilentVenue()
    return rig, venue, life.EngineLife(rig.engine, venue)


async def until_canceling(rig: EngineRig) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not rig.account["stopping"]:
            await asyncio.sleep(0)


async def test_a_stop_waits_until_the_venue_has_confirmed_the_cancels(living) -> None:
    rig, venue, one_life = living
    task = asyncio.create_task(one_life.run())
    one_life.request_stop("first")
    await until_canceling(rig)
    assert not venue.closed.is_set()
    rig.feed(events.order_report(1, 1, OrderStatus.CANCELED, side=1, price_ticks=500, lots=4))
    async with asyncio.timeout(PATIENCE_S):
        assert await task == 0
    assert venue.closed.is_set()


async def test_a_second_request_does_not_wait_and_counts_what_is_left(living) -> None:
    """The reason stays the first one: it is what began the end."""
    rig, venue, one_life = living
    task = asyncio.create_task(one_life.run())
    one_life.request_stop("first")
    await until_canceling(rig)
    one_life.request_stop("second")
    async with asyncio.timeout(PATIENCE_S):
        assert await task == 1
    assert one_life.reason == "first"
    assert venue.closed.is_set()


async def test_a_part_that_breaks_ends_the_life_after_asking_for_the_cancels(living) -> None:
    """Its error is what the run ends with, and not before the orders were asked to go."""
    rig, venue, _ = living

    async def break_down() -> None:
        raise ValueError("a part broke")

    one_life = life.EngineLife(rig.engine, venue, beside=[break_down])
    task = asyncio.create_task(one_life.run())
    await until_canceling(rig)
    one_life.request_stop("impatient")
    one_life.request_stop("very impatient")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ValueError, match="a part broke"):
            await task
    assert venue.closed.is_set()
