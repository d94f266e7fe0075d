"""Loops that live and end together."""

from __future__ import annotations

import asyncio

import pytest

from core.venues.common.together import run_together


class Part:
    def __init__(self):
        self.may_end = asyncio.Event()
        self.failure = None
        self.was_cancelled = False

    async def run(self):
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        if self.failure is not None:
            raise self.failure


async def test_all_have_to_end() -> None:
    first, second = Part(), Part()
    task = asyncio.ensure_future(run_together([first.run(), second.run()]))
    first.may_end.set()
    await asyncio.sleep(0.01)
    assert not task.done()
    second.may_end.set()
    await task


async def test_one_that_fails_ends_the_others() -> None:
    first, second = Part(), Part()
    second.failure = RuntimeError("out of order")
    second.may_end.set()
    with pytest.raises(RuntimeError, match="out of order"):
        await run_together([first.run(), second.run()])
    assert first.was_cancelled


async def test_one_that_ends_in_order_may_end_the_others() -> None:
    first, second = Part(), Part()
    first.may_end.set()
    await run_together([first.run(), second.run()], until_one_ends=True)
    assert second.was_cancelled


async def test_who_cancels_it_cancels_all() -> None:
    first, second = Part(), Part()
    task = asyncio.ensure_future(run_together([first.run(), second.run()]))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert first.was_cancelled
    assert second.was_cancelled
