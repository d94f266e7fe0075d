"""The link: what it keeps, what it says, and that it never gives up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from cockpit.actions import ACTIONS
from cockpit.link import FIRST_RETRY_S, Link
from cockpit.viewmodels.view import LinkState
from core.api.client import PROTOCOL, Notices
from tests.unit.cockpit.fake_engine import FakeEngine, make_meta, make_notices, make_snapshot


class Clock:
    """Monotonic seconds that only move when told."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Watcher:
    """A link that runs, and a way to wait for what it says."""

    def __init__(self, engines: Iterable[FakeEngine]) -> None:
        self.clock = Clock()
        self.changed = asyncio.Event()
        waiting = iter(engines)
        self.link = Link(lambda: next(waiting), self.changed.set, now_s=self.clock)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a change after which the condition holds."""
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                self.link.hurry()
                await self.changed.wait()


@asynccontextmanager
async def watching(*engines: FakeEngine) -> AsyncIterator[Watcher]:
    watcher = Watcher(engines)
    task = asyncio.create_task(watcher.link.run())
    try:
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_it_is_live_after_the_first_snapshot() -> None:
    engine = FakeEngine(Notices(make_notices()), make_snapshot())
    async with watching(engine) as watcher:
        await watcher.until(lambda: watcher.link.status.state is LinkState.LIVE)
        assert watcher.link.meta == engine.meta
        assert len(watcher.link.notices) == len(make_notices())
        assert engine.pace == 10.0


async def test_the_latest_snapshot_wins() -> None:
    engine = FakeEngine(make_snapshot(0.0), make_snapshot(1.0), make_snapshot(2.0))
    async with watching(engine) as watcher:
        expected = make_snapshot(2.0).seq
        await watcher.until(
            lambda: watcher.link.snapshot is not None and watcher.link.snapshot.seq == expected
        )


async def test_age_is_counted_from_the_last_snapshot() -> None:
    """The engine's own clock plays no part in it: it may be another machine's."""
    async with watching(FakeEngine(make_snapshot())) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        watcher.clock.now_s += 7.5
        assert watcher.link.status.age_s == 7.5


async def test_a_lost_link_keeps_the_picture_and_comes_back() -> None:
    first, second = FakeEngine(make_snapshot()), FakeEngine(make_snapshot(9.0))
    async with watching(first, second) as watcher:
        await watcher.until(lambda: watcher.link.status.state is LinkState.LIVE)
        first.break_link("connection reset")
        said: list[str] = []

        def lost_then_live() -> bool:
            said.append(watcher.link.status.text)
            return (
                watcher.link.snapshot is not None
                and watcher.link.snapshot.seq == make_snapshot(9.0).seq
            )

        await watcher.until(lost_then_live)
        assert "link lost, trying again: connection reset" in said
        assert first.closed


async def test_notices_are_not_doubled_by_a_reconnect() -> None:
    """The engine repeats what it remembers; numbers tell what is known."""
    notices = make_notices(6)
    later = replace(notices[-1], number=7, text="new")
    first = FakeEngine(Notices(notices), make_snapshot())
    second = FakeEngine(Notices((*notices[2:], later)), make_snapshot(1.0))
    async with watching(first, second) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        first.break_link()
        await watcher.until(lambda: len(watcher.link.notices) == 7)
        assert [notice.number for notice in watcher.link.notices] == [1, 2, 3, 4, 5, 6, 7]


async def test_another_run_starts_with_an_empty_log() -> None:
    first = FakeEngine(Notices(make_notices(6)), make_snapshot())
    second = FakeEngine(Notices(make_notices(2)), make_snapshot(), meta=make_meta(run_id="other"))
    async with watching(first, second) as watcher:
        await watcher.until(lambda: len(watcher.link.notices) == 6)
        first.break_link()
        await watcher.until(lambda: len(watcher.link.notices) == 2)


async def test_forgotten_notices_are_counted() -> None:
    engine = FakeEngine(Notices(make_notices(3), missed=41), make_snapshot())
    async with watching(engine) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        assert watcher.link.status.missed == 41


async def test_notices_that_are_taken_back_are_forgotten() -> None:
    """A replay went back to before the second: it comes again, with the same number."""
    old = make_notices(5)
    engine = FakeEngine(Notices(old), Notices(old[:1], reset=True), Notices(old[1:2]))
    async with watching(engine) as watcher:
        await watcher.until(lambda: watcher.link.notices_version >= 3)
        assert [notice.number for notice in watcher.link.notices] == [1, 2]


async def test_a_farewell_is_told_and_outlives_the_attempts_after_it() -> None:
    engine = FakeEngine(make_snapshot())
    gone = [FakeEngine(refuse="no socket") for _ in range(50)]
    async with watching(engine, *gone) as watcher:
        await watcher.until(lambda: watcher.link.status.state is LinkState.LIVE)
        engine.end("stopped by operator")
        await watcher.until(lambda: watcher.link.status.state is LinkState.ENDED)
        assert watcher.link.status.text == "the engine ended: stopped by operator"


async def test_another_protocol_is_said_in_words() -> None:
    """A newer engine must not look like a broken one."""
    newer = [FakeEngine(make_snapshot(), meta=make_meta(protocol=PROTOCOL + 1)) for _ in range(50)]
    async with watching(*newer) as watcher:
        await watcher.until(
            lambda: (
                f"speaks protocol {PROTOCOL + 1}, this cockpit {PROTOCOL}"
                in watcher.link.status.text
            )
        )
        assert watcher.link.snapshot is None


async def test_what_is_done_about_a_missing_engine_is_shown() -> None:
    gone = [FakeEngine(refuse="no socket") for _ in range(50)]
    async with watching(*gone) as watcher:
        watcher.link.report("compiling the kernel")
        await watcher.until(lambda: watcher.link.status.text == "compiling the kernel")
        watcher.link.report("")
        await watcher.until(lambda: watcher.link.status.text == "waiting for the engine: no socket")


async def test_asking_without_an_engine_is_refused_in_words() -> None:
    async with watching(*[FakeEngine(refuse="no socket") for _ in range(50)]) as watcher:
        result = await watcher.link.ask(ACTIONS["halt"])
        assert not result.accepted
        assert result.text == "not sent: no engine is connected"


async def test_an_unanswered_command_is_said_to_be_unknown() -> None:
    """Neither done nor refused: nobody may conclude that the orders are canceled."""
    engine = FakeEngine(make_snapshot())
    async with watching(engine) as watcher:
        await watcher.until(lambda: watcher.link.status.state is LinkState.LIVE)
        engine.broken = True
        result = await watcher.link.ask(ACTIONS["cancel-all"])
        assert not result.accepted
        assert result.text.startswith("cancel-all: no answer, it may or may not have happened")


@pytest.mark.parametrize("attempts", [1, 4])
async def test_attempts_grow_apart(monkeypatch, attempts) -> None:
    """From a quarter of a second, doubling: an engine that is down is not hammered."""
    waited: list[float] = []
    enough = asyncio.Event()

    async def wait_for(awaitable, delay_s):
        awaitable.close()
        waited.append(delay_s)
        if len(waited) == attempts:
            enough.set()
            await asyncio.Event().wait()
        raise TimeoutError

    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    async with watching(*[FakeEngine(refuse="no socket") for _ in range(attempts)]):
        await enough.wait()
    assert waited == [FIRST_RETRY_S * 2**attempt for attempt in range(attempts)]


async def test_a_new_pace_reaches_the_engine_and_the_next_connection() -> None:
    first, second = FakeEngine(make_snapshot()), FakeEngine(make_snapshot(9.0))
    async with watching(first, second) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        await watcher.link.set_pace(2.0)
        assert first.pace == 2.0
        first.break_link()
        await watcher.until(lambda: second.pace == 2.0)


async def test_a_renewed_link_says_why_and_how_old_the_picture_is() -> None:
    """What waited in the socket while the program stood still must not look fresh."""
    first, second = FakeEngine(make_snapshot()), FakeEngine(make_snapshot(9.0))
    async with watching(first, second) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        said: list[tuple[str, float]] = []

        def fresh() -> bool:
            said.append((watcher.link.status.text, watcher.link.status.age_s))
            return second.pace > 0 and watcher.link.status.state is LinkState.LIVE

        await watcher.link.renew("this cockpit stood still for 1h 00m", 3600.0)
        assert first.closed
        await watcher.until(fresh)
        assert any("stood still" in text and age_s >= 3600 for text, age_s in said)
        assert watcher.link.status.age_s == 0


async def test_attaching_again_does_not_make_an_old_picture_young() -> None:
    """Only a snapshot does."""
    first, second = FakeEngine(make_snapshot()), FakeEngine()
    async with watching(first, second) as watcher:
        await watcher.until(lambda: watcher.link.snapshot is not None)
        watcher.clock.now_s += 90.0
        first.break_link()
        await watcher.until(lambda: "waiting for the first snapshot" in watcher.link.status.text)
        assert watcher.link.status.age_s == 90.0


async def test_a_link_renewed_while_there_is_none_is_tried_at_once() -> None:
    refusing, good = FakeEngine(refuse="no engine answers"), FakeEngine(make_snapshot())
    async with watching(refusing, good) as watcher:
        async with asyncio.timeout(5):
            while "no engine answers" not in watcher.link.status.text:
                await asyncio.sleep(0)
            await watcher.link.renew("stood still", 7.0)
            while watcher.link.snapshot is None:
                await asyncio.sleep(0)
