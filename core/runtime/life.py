"""One engine life: what runs beside the loop, and how it ends in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from loguru import logger

from core.domain import events
from core.domain.enums import CommandKind, VenueState
from core.domain.snapshot import FeedView
from core.runtime.engine import Engine
from core.runtime.reporter import Reporter
from core.venues.port import Venue

TIMER_S = 0.25
"""Event time moves at least so often, and staleness is noticed so soon."""

CANCEL_TIMEOUT_S = 3.0
"""How long an orderly stop waits for the venue to confirm its cancels."""

_POLL_S = 0.01
_LOOK_S = 0.5


class EngineLife:
    """
    Runs the venue, and what goes on beside it, until somebody says stop.

    `request_stop` may be called from a signal handler, a command or a task.

    Args:
        engine: The loop.
        venue: Fed with the engine's orders, feeds it with events.
        beside: Made into tasks; none of them may return or raise before the end.
    """

    def __init__(
        self,
        engine: Engine,
        venue: Venue,
        beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
    ) -> None:
        self._engine = engine
        self._venue = venue
        self._beside = beside
        self._stopping = asyncio.Event()
        self._is_impatient = False
        self.reason = ""

    def request_stop(self, reason: str) -> None:
        """End in order. A second request does not wait for the venue any more."""
        self._is_impatient = self._stopping.is_set()
        self.reason = self.reason or reason
        self._stopping.set()

    async def run(self, limit_s: float | None = None) -> int:
        """
        Live until a stop is asked for, `limit_s` has passed or a part breaks.

        Returns:
            Orders that the venue has not confirmed as canceled: 0 for a clean end.

        Raises:
            Exception: What broke a part. Orders are asked to be canceled first.
        """
        tasks = [
            asyncio.create_task(self._venue.run(self._engine), name="venue"),
            asyncio.create_task(self._engine.watch(), name="engine"),
            *(asyncio.create_task(part()) for part in self._beside),
        ]
        waiter = asyncio.create_task(self._stopping.wait(), name="stop")
        broken: list[asyncio.Task[None]] = []
        try:
            done, _ = await asyncio.wait(
                [*tasks, waiter], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self.reason = self.reason or f"the {limit_s:g} s asked for are over"
            broken = [task for task in tasks if task in done]
            left = await self._cancel_orders()
            for task in broken:
                task.result()
            return left
        finally:
            await self._venue.close()
            await _end([task for task in (*tasks, waiter) if task not in broken])

    async def _cancel_orders(self) -> int:
        """Ask for every order to be canceled and wait until the venue says so."""
        self._engine.put(events.command(CommandKind.STOP))
        self._engine.flush()
        account = self._engine.state.account
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + CANCEL_TIMEOUT_S
        while account["open_orders"][0] and not self._is_impatient and loop.time() < deadline_s:
            await asyncio.sleep(_POLL_S)
        return int(account["open_orders"][0])


async def tick(engine: Engine, venue: Venue, is_ours: Callable[[], bool]) -> None:
    """
    Let the kernel know that time passes, and then the venue that somebody decides here.

    Args:
        engine: The loop. One that applies no timer any more feeds no dead-man timer.
        venue: Has the dead-man timer.
        is_ours: Asked first of all: whether the account may still be traded from here.
    """

    def put_timer() -> None:
        may_trade = is_ours()
        applied = engine.seq
        engine.put(events.timer())
        engine.flush()
        if may_trade and engine.seq > applied:
            venue.keep_alive()

    await _every(TIMER_S, put_timer)


async def tell_trouble(venue: Venue, reporter: Reporter) -> None:
    """Say what keeps a venue from being reached: once, and again when the reason changes."""
    told: dict[str, str] = {}

    def look() -> None:
        for name, counters in venue.counters().each(venue.name):
            reason = "" if counters.state is VenueState.SYNCED else counters.last_error
            if reason and reason != told.get(name):
                reporter.say("venue", "warning", f"{name} is not there yet: {reason}; trying on")
            told[name] = reason

    await _every(_LOOK_S, look)


async def tell_feeds(feeds: Callable[[], Sequence[FeedView]], reporter: Reporter) -> None:
    """Say when a feed of the city begins, fails, ages, comes back, or is served by another."""
    told: dict[str, tuple[str, str]] = {}

    def look() -> None:
        for feed in feeds():
            now = (feed.state, feed.source.partition(",")[0])
            if feed.state == "CONNECTING" or told.get(feed.name) == now:
                continue
            told[feed.name] = now
            is_well = feed.state == "LIVE" and not feed.note
            reason = f": {feed.note}" if feed.note else ""
            reporter.say(
                "engine",
                "info" if is_well else "warning",
                f"{feed.name} is {feed.state.lower()}, from {now[1]}{reason}",
            )

    await _every(_LOOK_S, look)


async def save(engine: Engine, every_s: float) -> None:
    """Save the state now and then, so that a restart has little to replay."""
    await _every(every_s, engine.checkpoint)


async def _every(period_s: float, action: Callable[[], None]) -> None:
    """Do something at a steady pace; what is late is not caught up with."""
    loop = asyncio.get_running_loop()
    due_s = loop.time() + period_s
    while True:
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        action()
        due_s = max(due_s + period_s, loop.time())


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        # Too late to end for it, but not to say so; `run` has raised what came before.
        if isinstance(result, Exception):
            logger.opt(exception=result).error("a part broke while the engine was ending")
