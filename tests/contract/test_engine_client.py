"""What every `EngineClient` promises, held against each way of carrying it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from core.api.client import EngineClient, Farewell, Message, Notices
from core.api.socket_client import SocketClient
from core.api.topics import LogLines, Topic
from core.domain.commands import Command, CommandName
from core.domain.errors import EngineUnavailable
from core.domain.snapshot import EngineSnapshot
from core.serve.claim import RunDirClaim
from core.serve.memory_client import MemoryClient
from core.serve.server import EngineServer
from tests.unit.serve.fake_host import META, FakeHost

PATIENCE_S = 20.0


class Rig:
    """An engine, and a way to make clients of it."""

    def __init__(self, host: FakeHost, make: Callable[..., EngineClient]) -> None:
        self.host = host
        self.make = make

    async def end(self, reason: str) -> None:
        """Let the engine end."""
        self.host.farewell = reason


class SocketRig(Rig):
    """The same, where ending means closing a server too."""

    def __init__(self, host: FakeHost, run_dir: Path) -> None:
        super().__init__(host, lambda **options: SocketClient(run_dir, "viewer", **options))
        self.claim = RunDirClaim(run_dir)
        self.server = EngineServer(host, self.claim)

    async def end(self, reason: str) -> None:
        await super().end(reason)
        await self.server.close()


@pytest.fixture(params=["socket", "memory"])
async def rig(request, tmp_path: Path) -> AsyncIterator[Rig]:
    host = FakeHost()
    if request.param == "memory":
        yield Rig(host, lambda **options: MemoryClient(host, "viewer", **options))
        return
    rig = SocketRig(host, tmp_path)
    await rig.server.start()
    yield rig
    await rig.server.close()
    rig.claim.release()


async def collect(client: EngineClient, is_enough: Callable[[list[Message]], Any]) -> list[Message]:
    """Read messages until there are enough, or the engine says farewell."""
    seen: list[Message] = []
    async with asyncio.timeout(PATIENCE_S), aclosing(client.messages()) as messages:
        async for message in messages:
            seen.append(message)
            if is_enough(seen):
                break
    return seen


async def exhaust(messages: AsyncIterator[Message]) -> None:
    async for _ in messages:
        pass


def texts(seen: list[Message]) -> list[str]:
    return [n.text for m in seen if isinstance(m, Notices) for n in m.notices]


def snapshots(seen: list[Message]) -> list[EngineSnapshot]:
    return [message for message in seen if isinstance(message, EngineSnapshot)]


async def test_connecting_tells_what_runs(rig: Rig) -> None:
    client = rig.make()
    assert await client.connect() == META
    await client.close()


async def test_the_first_messages_are_what_is_remembered_and_what_is(rig: Rig) -> None:
    """A viewer that comes late sees the trade log and the state at once."""
    rig.host.note("bought 4")
    rig.host.note("sold 1")
    rig.host.sample(5_000_000_000)
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()
    notices, snapshot = await collect(client, lambda seen: len(seen) == 2)
    assert isinstance(notices, Notices)
    assert [(n.number, n.text) for n in notices.notices] == [(1, "bought 4"), (2, "sold 1")]
    assert notices.missed == 0
    assert isinstance(snapshot, EngineSnapshot)
    assert (snapshot.seq, snapshot.equity.tolist()) == (1, [5.0])
    assert snapshot.telemetry.journal_rows == 12_346
    await client.close()


async def test_snapshots_follow_the_engine(rig: Rig) -> None:
    """The latest is what counts; samples are there in each of them."""
    rig.host.sample(5_000_000_000)
    client = rig.make(snapshots_per_second=60.0)
    await client.connect()

    def is_enough(seen: list[Message]) -> bool:
        rig.host.advance(3)
        return len(snapshots(seen)) == 4

    seen = snapshots(await collect(client, is_enough))
    numbers = [snapshot.seq for snapshot in seen]
    assert numbers == sorted(set(numbers))
    assert all(snapshot.equity.tolist() == [5.0] for snapshot in seen)
    await client.close()


async def test_a_new_sample_reaches_the_viewer(rig: Rig) -> None:
    rig.host.sample(5_000_000_000)
    client = rig.make(snapshots_per_second=60.0)
    await client.connect()

    def is_enough(seen: list[Message]) -> bool:
        if len(snapshots(seen)) == 1:
            rig.host.sample(7_000_000_000)
        return len(snapshots(seen)) > 1

    seen = snapshots(await collect(client, is_enough))
    assert seen[-1].equity.tolist()[:2] == [5.0, 7.0]
    await client.close()


async def test_notices_arrive_in_order_and_once(rig: Rig) -> None:
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()
    expected = [f"fill {number}" for number in range(40)]
    waiting = iter(expected)

    def is_enough(seen: list[Message]) -> bool:
        for _ in range(10):
            if (text := next(waiting, None)) is not None:
                rig.host.note(text)
        return len(texts(seen)) >= len(expected)

    assert texts(await collect(client, is_enough)) == expected
    await client.close()


async def test_forgotten_notices_are_counted(rig: Rig) -> None:
    """A viewer that was overtaken by the ring knows how many it has not seen."""
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()
    messages = client.messages()
    async with asyncio.timeout(PATIENCE_S):
        assert isinstance(await anext(messages), EngineSnapshot)
        for number in range(1, 2_501):
            rig.host.note(f"{number}")
        seen: list[Message] = []
        while not seen or texts(seen)[-1] != "2500":
            seen.append(await anext(messages))
    missed = sum(message.missed for message in seen if isinstance(message, Notices))
    assert missed == 500
    assert texts(seen) == [str(number) for number in range(501, 2_501)]
    await messages.aclose()
    await client.close()


@pytest.mark.parametrize("left", [0, 2])
async def test_notices_that_are_taken_back_are_void(rig: Rig, left: int) -> None:
    """A replay goes back: what comes next stands in place of all that came before."""
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()

    def is_enough(seen: list[Message]) -> bool:
        if texts(seen) == ["1", "2", "3"]:
            rig.host.notices.restart(rig.host.notices.since(0).notices[:left])
        return isinstance(seen[-1], Notices) and seen[-1].reset

    for text in ("1", "2", "3"):
        rig.host.note(text)
    seen = await collect(client, is_enough)
    assert isinstance(seen[-1], Notices)
    assert [notice.text for notice in seen[-1].notices] == ["1", "2"][:left]
    assert not any(m.reset for m in seen[:-1] if isinstance(m, Notices))
    await client.close()


async def test_a_command_is_answered_with_its_own_number(rig: Rig) -> None:
    """The engine learns who asked; the caller's request id comes back."""
    client = rig.make()
    await client.connect()
    result = await client.send(Command(CommandName.SET, "anybody", 77, {"key": "a", "value": "1"}))
    assert (result.request_id, result.accepted, result.text) == (77, True, "set done")
    (command,) = rig.host.commands
    assert (command.name, command.args) == (CommandName.SET, {"key": "a", "value": "1"})
    assert command.source.startswith("viewer:")
    await client.close()


async def test_many_commands_at_once_get_one_answer_each(rig: Rig) -> None:
    client = rig.make()
    await client.connect()
    names = list(CommandName) * 5
    async with asyncio.timeout(PATIENCE_S):
        results = await asyncio.gather(*(client.send(Command(name, "x", 5)) for name in names))
    assert [result.text for result in results] == [f"{name} done" for name in names]
    assert {result.request_id for result in results} == {5}
    assert len(rig.host.commands) == len(names)
    await client.close()


async def test_a_read_only_viewer_cannot_command(rig: Rig) -> None:
    """The engine never hears of it; looking is allowed."""
    client = rig.make(read_only=True)
    await client.connect()
    result = await client.send(Command(CommandName.HALT, "x", 3))
    assert (result.request_id, result.accepted) == (3, False)
    assert "read-only" in result.text
    assert rig.host.commands == []
    assert (await client.status())["run_id"] == META.run_id
    await client.close()


async def test_a_failing_engine_still_answers(rig: Rig) -> None:
    rig.host.fails = True
    client = rig.make()
    await client.connect()
    result = await client.send(Command(CommandName.HALT, "x", 3))
    assert (result.accepted, result.text) == (False, "disk full")
    await client.close()


async def test_status_is_of_now_whatever_the_pace(rig: Rig) -> None:
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()
    rig.host.arrays["account"]["order_tokens"] = 12.5
    rig.host.advance(41)
    status = await client.status()
    assert status["events"] == 41
    assert status["venue"]["budget"] == 12.5
    await client.close()


async def test_a_page_is_answered_with_what_was_asked_for(rig: Rig) -> None:
    client = rig.make(read_only=True)
    await client.connect()
    first, second = await asyncio.gather(
        client.ask(Topic.LOG, {"limit": "3"}), client.ask(Topic.LOG)
    )
    assert isinstance(first, LogLines)
    assert first.dropped == 3
    assert first.lines[0].text == "asked with {'limit': '3'}"
    assert second.lines[0].text == "asked with {}"
    await client.close()


async def test_a_page_that_is_not_there_is_refused_in_words(rig: Rig) -> None:
    client = rig.make()
    await client.connect()
    with pytest.raises(EngineUnavailable, match="no notes here"):
        await client.ask(Topic.NOTES)
    await client.close()


async def test_the_pace_can_be_changed_while_watching(rig: Rig) -> None:
    """From notices only to snapshots, without a new connection."""
    client = rig.make(snapshots_per_second=0.0)
    await client.connect()
    await client.set_pace(60.0)

    def is_enough(seen: list[Message]) -> bool:
        rig.host.advance()
        return len(snapshots(seen)) == 3

    assert len(snapshots(await collect(client, is_enough))) == 3
    await client.close()


async def test_a_pace_out_of_bounds_is_refused(rig: Rig) -> None:
    client = rig.make()
    await client.connect()
    with pytest.raises(ValueError, match="not within 0 to 60"):
        await client.set_pace(1_000.0)
    await client.close()


async def test_the_end_of_the_engine_is_said_and_ends_the_messages(rig: Rig) -> None:
    """The last notices come before the last word."""
    client = rig.make()
    await client.connect()
    ending: list[asyncio.Task[None]] = []

    def is_enough(seen: list[Message]) -> bool:
        if not ending:
            rig.host.note("canceled 3 orders")
            ending.append(asyncio.create_task(rig.end("stopped by the operator")))
        return False

    seen = await collect(client, is_enough)
    await ending[0]
    assert seen[-1] == Farewell("stopped by the operator")
    assert texts(seen) == ["canceled 3 orders"]
    await client.close()


async def test_nothing_can_be_asked_before_connecting(rig: Rig) -> None:
    client = rig.make()
    with pytest.raises(EngineUnavailable):
        await client.send(Command(CommandName.HALT, "x"))
    with pytest.raises(EngineUnavailable):
        await client.status()
    await client.close()


async def test_closing_ends_the_messages_and_not_the_engine(rig: Rig) -> None:
    client, other = rig.make(), rig.make()
    await client.connect()
    await other.connect()
    messages = client.messages()
    async with asyncio.timeout(PATIENCE_S):
        await anext(messages)
        await client.close()
        with pytest.raises(EngineUnavailable):
            await exhaust(messages)
    with pytest.raises(EngineUnavailable):
        await client.send(Command(CommandName.HALT, "x"))
    assert (await other.status())["run_id"] == META.run_id
    await other.close()


async def test_an_ended_engine_cannot_be_connected_to(rig: Rig) -> None:
    await rig.end("done")
    with pytest.raises(EngineUnavailable):
        await rig.make().connect()


async def test_a_viewer_learns_what_the_engine_calls_it(rig: Rig) -> None:
    """And it is by that name that others are told of what it asked for."""
    client = rig.make()
    await client.connect()
    await client.send(Command(CommandName.HALT, "whatever it says of itself"))
    assert client.source
    assert rig.host.commands[-1].source == client.source
    await client.close()
