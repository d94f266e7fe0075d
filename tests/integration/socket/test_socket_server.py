"""The socket against viewers that misbehave: slow, hung, garbled, foreign, too many."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.api.address import socket_path
from core.api.client import PROTOCOL, Farewell
from core.api.messages import (
    MAX_REQUEST_BYTES,
    CommandReply,
    CommandRequest,
    FrameBuffer,
    Hello,
    Pace,
    Refusal,
    Reply,
    Request,
    SnapshotFrame,
    Welcome,
    decode_reply,
    encode,
    hello,
)
from core.api.socket_client import EngineUnresponsive, SocketClient
from core.domain.commands import Command, CommandName
from core.domain.errors import AddressInUse, EngineUnavailable
from core.domain.layout import layout_hash
from core.domain.snapshot import EngineSnapshot
from core.serve import hub, viewer
from core.serve.claim import RunDirClaim
from core.serve.server import EngineServer
from tests.unit.serve.fake_host import META, FakeHost

pytestmark = pytest.mark.integration

PATIENCE_S = 20.0
HELLO = hello("raw", "0.1.0", read_only=False, snapshots_per_second=60.0)


class RawViewer:
    """A viewer that sends what it is told to and reads only when asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = FrameBuffer("engine")
        self._waiting: list[Reply] = []

    def say(self, *messages: Request) -> None:
        self.writer.write(b"".join(map(bytes, map(encode, messages))))

    async def hear(self) -> Reply | None:
        """Return the next message, None when the engine has cut the connection."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._waiting:
                try:
                    data = await self.reader.read(65_536)
                except ConnectionResetError:
                    return None
                if not data:
                    return None
                self._waiting += map(decode_reply, self._frames.feed(data))
        return self._waiting.pop(0)

    async def hear_all(self) -> list[Reply]:
        heard = []
        while (message := await self.hear()) is not None:
            heard.append(message)
        return heard

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Rig:
    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.host = FakeHost()
        self.claim = RunDirClaim(run_dir)
        self.server = EngineServer(self.host, self.claim)
        self._viewers: list[RawViewer] = []

    async def attach(self, *first: Request) -> RawViewer:
        raw = RawViewer(*await asyncio.open_unix_connection(str(socket_path(self.run_dir))))
        self._viewers.append(raw)
        raw.say(*first)
        return raw

    async def until(self, is_true) -> None:
        """Let the loop run until something holds, advancing the engine meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_true():
                self.host.advance()
                await asyncio.sleep(0.001)

    async def close(self) -> None:
        for raw in self._viewers:
            await raw.close()
        await self.server.close()
        self.claim.release()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path)
    await rig.server.start()
    yield rig
    await rig.close()


async def assert_serves(rig: Rig) -> None:
    """Whatever happened before: a good viewer is welcome and gets its answers."""
    client = SocketClient(rig.run_dir, "good")
    assert await client.connect() == META
    assert (await client.send(Command(CommandName.HALT, "x"))).accepted
    await client.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x00",
        (MAX_REQUEST_BYTES + 1).to_bytes(4, "big"),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x03\xc1\xc1\xc1",
        bytes(encode(Pace(1.0))),
        bytes(encode(CommandRequest(Command(CommandName.FLATTEN, "x", 1)))),
    ],
    ids=["http", "empty", "oversize", "huge", "no msgpack", "pace first", "command first"],
)
async def test_garbage_ends_only_its_own_connection(rig: Rig, garbage: bytes) -> None:
    raw = await rig.attach()
    raw.writer.write(garbage)
    assert await raw.hear() is None
    assert rig.server.broken_connections == 1
    assert rig.host.commands == []
    await assert_serves(rig)


async def test_garbage_after_the_hello_ends_the_connection_too(rig: Rig) -> None:
    """What was asked before it is done and answered."""
    raw = await rig.attach(HELLO, CommandRequest(Command(CommandName.HALT, "x", 1)))
    assert isinstance(await raw.hear(), Welcome)
    raw.writer.write(b"\xff\xff\xff\xff")
    heard = await raw.hear_all()
    assert any(isinstance(message, CommandReply) for message in heard)
    assert len(rig.host.commands) == 1
    assert rig.server.broken_connections == 1
    await rig.until(lambda: rig.server.n_viewers == 0)


async def test_a_second_hello_is_out_of_turn(rig: Rig) -> None:
    raw = await rig.attach(HELLO, HELLO)
    await raw.hear_all()
    assert rig.server.broken_connections == 1
    await assert_serves(rig)


async def test_a_truncated_frame_is_counted(rig: Rig) -> None:
    raw = await rig.attach()
    raw.writer.write(bytes(encode(HELLO))[:-3])
    raw.writer.write_eof()
    assert await raw.hear() is None
    assert rig.server.broken_connections == 1


async def test_a_viewer_that_goes_is_no_broken_connection(rig: Rig) -> None:
    raw = await rig.attach(HELLO)
    assert isinstance(await raw.hear(), Welcome)
    await raw.close()
    await rig.until(lambda: rig.server.n_viewers == 0)
    assert rig.server.broken_connections == 0


async def test_who_says_nothing_is_cut_off(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(viewer, "HELLO_TIMEOUT_S", 0.05)
    rig = Rig(tmp_path)
    await rig.server.start()
    silent = await rig.attach()
    assert await silent.hear() is None
    assert rig.server.broken_connections == 1
    await rig.close()


@pytest.mark.parametrize(
    ("protocol", "layout", "said"),
    [
        (PROTOCOL + 1, "", f"protocol {PROTOCOL + 1} (version 9.9)"),
        (PROTOCOL, "0123456789abcdef", "reads 0123456789abcdef (version 9.9)"),
    ],
)
async def test_another_version_is_refused_with_both_named(
    rig: Rig, protocol: int, layout: str, said: str
) -> None:
    raw = await rig.attach(Hello(protocol, layout, "9.9", "future"))
    refusal = await raw.hear()
    assert isinstance(refusal, Refusal)
    assert said in refusal.text
    assert "version 0.1.0" in refusal.text
    assert await raw.hear() is None
    assert rig.server.broken_connections == 0


async def test_a_client_of_another_version_says_so(rig: Rig, monkeypatch) -> None:
    client = SocketClient(rig.run_dir, "old")
    client._hello = Hello(PROTOCOL, "abcd", "0.0.9", "old")
    with pytest.raises(EngineUnavailable, match=r"abcd \(version 0.0.9\)"):
        await client.connect()


async def test_a_client_refuses_an_engine_of_another_layout(rig: Rig, monkeypatch) -> None:
    """An engine that did not look at the hello is found out by its welcome."""
    monkeypatch.setattr(viewer, "mismatch", lambda *_: None)
    monkeypatch.setattr(viewer, "layout_hash", lambda: "feedbeef")
    assert layout_hash() != "feedbeef"
    with pytest.raises(EngineUnavailable, match="lays out its state as feedbeef"):
        await SocketClient(rig.run_dir, "new").connect()


async def test_a_hung_viewer_costs_one_snapshot_and_no_waiting(rig: Rig) -> None:
    """It is skipped and counted, the engine and the other viewers go on."""
    hung = await rig.attach(HELLO)
    assert isinstance(await hung.hear(), Welcome)
    hung.writer.transport.pause_reading()
    await rig.until(lambda: rig.server.dropped_snapshots >= 5)
    (connection,) = rig.server._hub.connections
    unread = connection._transport.get_write_buffer_size()
    dropped = rig.server.dropped_snapshots
    await rig.until(lambda: rig.server.dropped_snapshots >= dropped + 5)
    assert connection._transport.get_write_buffer_size() == unread < 300_000
    await assert_serves(rig)


async def test_a_hung_viewer_that_wakes_up_sees_the_present(rig: Rig) -> None:
    """Not a backlog of the past; what happened meanwhile is there in order."""
    hung = await rig.attach(HELLO)
    assert isinstance(await hung.hear(), Welcome)
    hung.writer.transport.pause_reading()
    await rig.until(lambda: rig.server.dropped_snapshots >= 3)
    rig.host.note("while you were away")
    asleep_at = int(rig.host.arrays["account"]["seq"][0])
    hung.writer.transport.resume_reading()
    heard: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = await hung.hear()
            if isinstance(message, SnapshotFrame):
                seq = int.from_bytes(message.state[:8], "little")
                if seq >= asleep_at:
                    break
            elif message is not None:
                heard += [notice.text for notice in getattr(message, "notices", ())]
            rig.host.advance()
    assert heard == ["while you were away"]


async def test_a_halt_of_a_hung_viewer_is_obeyed(rig: Rig) -> None:
    """Its screen stands still, its keys do not."""
    hung = await rig.attach(HELLO)
    assert isinstance(await hung.hear(), Welcome)
    hung.writer.transport.pause_reading()
    await rig.until(lambda: rig.server.dropped_snapshots >= 1)
    hung.say(CommandRequest(Command(CommandName.HALT, "x", 1)))
    await rig.until(lambda: len(rig.host.commands) == 1)


async def test_who_floods_without_reading_answers_is_no_longer_read(rig: Rig, monkeypatch) -> None:
    """The engine's memory is bounded by back-pressure, and every command is answered once."""
    monkeypatch.setattr(viewer, "_UNREAD_REPLY_BYTES", 100_000)
    flood = await rig.attach(hello("flood", "1", read_only=False, snapshots_per_second=0.0))
    assert isinstance(await flood.hear(), Welcome)
    flood.writer.transport.pause_reading()
    count = 60_000
    batch = [CommandRequest(Command(CommandName.PAUSE, "x", i)) for i in range(count)]
    flood.say(*batch)
    (connection,) = rig.server._hub.connections
    await rig.until(lambda: not connection._transport.is_reading())
    assert len(rig.host.commands) < count
    await assert_serves(rig)
    flood.writer.transport.resume_reading()
    answered = 0
    while answered < count:
        answered += isinstance(await flood.hear(), CommandReply)
    assert len(rig.host.commands) == count + 1


async def test_viewers_beyond_the_limit_are_told(rig: Rig, monkeypatch) -> None:
    monkeypatch.setattr(hub, "MAX_VIEWERS", 2)
    for _ in range(2):
        raw = await rig.attach(HELLO)
        assert isinstance(await raw.hear(), Welcome)
    with pytest.raises(EngineUnavailable, match="already has"):
        await SocketClient(rig.run_dir, "third").connect()


async def test_one_shot_callers_are_not_counted_as_viewers(rig: Rig) -> None:
    """`status` looks at the engine; nobody watches it for that."""
    watching = await rig.attach(HELLO)
    assert isinstance(await watching.hear(), Welcome)
    client = SocketClient(rig.run_dir, "cli", snapshots_per_second=0.0)
    await client.connect()
    assert (await client.status())["viewers"] == 1
    await client.close()


async def test_one_look_needs_no_messages(rig: Rig) -> None:
    client = SocketClient(rig.run_dir, "cli", snapshots_per_second=0.0)
    await client.connect()
    rig.host.advance(17)
    assert (await client.look()).seq == 17
    await client.close()


async def test_another_users_socket_is_not_talked_to(rig: Rig, monkeypatch) -> None:
    """In a shared folder anybody could pretend to be the engine."""
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    monkeypatch.setattr("core.api.socket_client._OTHERS_WE_TRUST", frozenset())
    with pytest.raises(EngineUnavailable, match="belongs to another user"):
        await SocketClient(rig.run_dir, "viewer").connect()


async def test_an_idle_engine_still_shows_that_it_lives(rig: Rig, monkeypatch) -> None:
    """Without events nothing is sent but a sign of life once in a while."""
    monkeypatch.setattr(viewer, "IDLE_RESEND_S", 0.2)
    client = SocketClient(rig.run_dir, "idle", snapshots_per_second=60.0)
    await client.connect()
    loop = asyncio.get_running_loop()
    times: list[float] = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages():
            assert isinstance(message, EngineSnapshot)
            times.append(loop.time())
            if len(times) == 3:
                break
    # The pace alone would have sent them 17 ms apart.
    assert times[-1] - times[0] > 0.3
    await client.close()


async def test_farewell_reaches_every_viewer_and_the_socket_goes(rig: Rig) -> None:
    clients = [SocketClient(rig.run_dir, f"viewer {i}") for i in range(3)]
    for client in clients:
        await client.connect()
    rig.host.farewell = "stopped"
    await rig.server.close()
    for client in clients:
        assert [message async for message in client.messages()][-1] == Farewell("stopped")
    assert not socket_path(rig.run_dir).exists()
    # The journal may still be open: the directory is given up last.
    with pytest.raises(EngineUnavailable, match="starting or ending in"):
        await SocketClient(rig.run_dir, "late").connect()
    rig.claim.release()
    with pytest.raises(EngineUnavailable, match="no engine runs in"):
        await SocketClient(rig.run_dir, "late").connect()


async def test_closing_does_not_wait_for_a_hung_viewer(rig: Rig, monkeypatch) -> None:
    monkeypatch.setattr("core.serve.server.FAREWELL_S", 0.05)
    hung = await rig.attach(HELLO)
    assert isinstance(await hung.hear(), Welcome)
    hung.writer.transport.pause_reading()
    await rig.until(lambda: rig.server.dropped_snapshots >= 1)
    async with asyncio.timeout(PATIENCE_S):
        await rig.server.close()


async def test_a_second_engine_is_refused_while_the_first_serves(rig: Rig) -> None:
    with pytest.raises(AddressInUse, match=str(os.getpid())):
        RunDirClaim(rig.run_dir)
    await assert_serves(rig)


async def test_the_link_breaking_is_an_error_and_an_unknown_outcome(rig: Rig) -> None:
    """An engine that dies says no farewell."""
    client = SocketClient(rig.run_dir, "viewer")
    await client.connect()
    for connection in rig.server._hub.connections:
        connection.abort()
    with pytest.raises(EngineUnavailable, match="the link to the engine broke"):
        async for _ in client.messages():
            pass
    with pytest.raises(EngineUnavailable, match="broke"):
        await client.send(Command(CommandName.HALT, "x"))


async def test_a_dead_engines_socket_is_told_from_none(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path(tmp_path)))
    with pytest.raises(EngineUnavailable, match="has died and left its socket"):
        await SocketClient(tmp_path, "viewer").connect()


async def test_an_engine_that_does_not_answer_is_not_one_that_does_not_run(
    tmp_path: Path,
) -> None:
    """Exit code 4, and the sentence says that its orders still stand."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path(tmp_path)))
        listener.listen()
        with pytest.raises(EngineUnresponsive, match="stopped or stuck") as caught:
            await SocketClient(tmp_path, "viewer", timeout_s=0.05).connect()
    assert caught.value.exit_code == 4


async def test_an_engine_that_hangs_later_leaves_the_outcome_unknown(rig: Rig) -> None:
    client = SocketClient(rig.run_dir, "viewer", timeout_s=0.05)
    await client.connect()
    for connection in rig.server._hub.connections:
        connection._transport.pause_reading()
    with pytest.raises(EngineUnresponsive, match="whether it was obeyed is unknown"):
        await client.send(Command(CommandName.HALT, "x"))
    with pytest.raises(EngineUnresponsive, match="no snapshot"):
        await client.status()
    await client.close()


async def test_an_engine_that_sends_garbage_is_an_error(tmp_path: Path) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x00\x00\x02hi")
        writer.close()

    server = await asyncio.start_unix_server(babble, socket_path(tmp_path))
    with pytest.raises(EngineUnavailable, match="something else than this protocol"):
        await SocketClient(tmp_path, "viewer").connect()
    server.close()
    await server.wait_closed()
