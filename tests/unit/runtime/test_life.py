"""A life ends in order: cancels asked for, confirmed or given up on, nothing left running."""

from __future__ import annotations

import asyncio

import pytest
from loguru import logger

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import IntentKind, OrderStatus
from core.runtime import life
from core.runtime.life import EngineLife
from tests.unit.runtime.engine_rig import EngineRig


class Patience:
    """A venue that answers nothing by itself."""

    name = "quiet"

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.was_running_at_close = False

    async def run(self, sink) -> None:
        await self.closed.wait()

    async def close(self) -> None:
        self.was_running_at_close = not self.closed.is_set()
        self.closed.set()


def trading_rig() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book()
    assert rig.ask(CommandName.BUY, instrument="1_Eisbach", quantity="3", price="3399").accepted
    return rig


async def test_a_stop_cancels_and_waits_until_the_venue_says_so() -> None:
    rig, venue = trading_rig(), Patience()
    engine_life = EngineLife(rig.engine, venue)
    running = asyncio.create_task(engine_life.run())
    await asyncio.sleep(0)
    engine_life.request_stop("asked")
    while rig.sent[-1]["kind"] != IntentKind.CANCEL:
        await asyncio.sleep(0)
    assert not running.done()
    rig.feed(events.order_report(0, rig.sent[-1]["order_id"], OrderStatus.CANCELED))
    assert await running == 0
    assert venue.was_running_at_close
    assert engine_life.reason == "asked"


async def test_what_is_not_confirmed_in_time_is_counted(monkeypatch) -> None:
    monkeypatch.setattr(life, "CANCEL_TIMEOUT_S", 0.02)
    engine_life = EngineLife(trading_rig().engine, Patience())
    engine_life.request_stop("asked")
    assert await engine_life.run() == 1


async def test_a_second_request_does_not_wait() -> None:
    engine_life = EngineLife(trading_rig().engine, Patience())
    engine_life.request_stop("SIGINT")
    engine_life.request_stop("SIGINT")
    async with asyncio.timeout(1):
        assert await engine_life.run() == 1


async def test_a_part_that_breaks_ends_the_life_after_the_cancels() -> None:
    async def breaks() -> None:
        raise ZeroDivisionError

    rig, venue = trading_rig(), Patience()
    engine_life = EngineLife(rig.engine, venue, beside=[breaks])
    engine_life.request_stop("in a hurry")
    engine_life.request_stop("in a hurry")
    with pytest.raises(ZeroDivisionError):
        await engine_life.run()
    assert rig.sent[-1]["kind"] == IntentKind.CANCEL
    assert venue.closed.is_set()


async def test_a_limit_ends_it_and_says_so() -> None:
    rig = EngineRig()
    engine_life = EngineLife(rig.engine, Patience())
    assert await engine_life.run(limit_s=0.01) == 0
    assert engine_life.reason == "the 0.01 s asked for are over"


async def test_a_part_that_breaks_while_ending_is_logged() -> None:
    """The stop goes on, but nobody may be left to guess."""

    async def breaks_when_told_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    lines: list[str] = []
    handler = logger.add(lines.append, format="{level} {message}", diagnose=False)
    try:
        engine_life = EngineLife(EngineRig().engine, Patience(), beside=[breaks_when_told_to_end])
        assert await engine_life.run(limit_s=0.01) == 0
    finally:
        logger.remove(handler)
    assert any("ZeroDivisionError" in line for line in lines)


class DeadMan(Patience):
    """A venue that notes each sign of life and how many events had been applied by then."""

    def __init__(self, rig: EngineRig) -> None:
        super().__init__()
        self.rig = rig
        self.fed: list[int] = []

    def keep_alive(self) -> None:
        self.fed.append(self.rig.engine.seq)


async def beat(monkeypatch, rig: EngineRig, venue: DeadMan, *, is_ours=lambda: True) -> None:
    """Let a few periods pass."""
    monkeypatch.setattr(life, "TIMER_S", 0.001)
    beats = 0

    def count() -> bool:
        nonlocal beats
        beats += 1
        return is_ours()

    beating = asyncio.create_task(life.tick(rig.engine, venue, count))
    while beats < 4 and not beating.done():
        await asyncio.sleep(0)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_the_dead_man_timer_is_fed_after_each_timer_was_applied(monkeypatch) -> None:
    rig = EngineRig()
    venue = DeadMan(rig)
    await beat(monkeypatch, rig, venue)
    assert venue.fed[:3] == [1, 2, 3]


async def test_a_loop_that_applies_no_timer_feeds_nothing(monkeypatch) -> None:
    rig = EngineRig()
    venue = DeadMan(rig)
    monkeypatch.setattr(rig.engine, "flush", lambda: None)
    await beat(monkeypatch, rig, venue)
    assert venue.fed == []


async def test_a_loop_that_breaks_feeds_nothing(monkeypatch) -> None:
    def break_down() -> None:
        raise ZeroDivisionError

    rig = EngineRig()
    venue = DeadMan(rig)
    monkeypatch.setattr(rig.engine, "flush", break_down)
    await beat(monkeypatch, rig, venue)
    assert venue.fed == []


async def test_who_has_lost_the_account_feeds_nothing_but_goes_on(monkeypatch) -> None:
    rig = EngineRig()
    venue = DeadMan(rig)
    await beat(monkeypatch, rig, venue, is_ours=lambda: False)
    assert venue.fed == []
    assert rig.engine.seq >= 3
