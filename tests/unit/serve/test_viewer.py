"""A viewer's connection, with a list of bytes in place of a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.messages import (
    CommandReply,
    CommandRequest,
    FrameBuffer,
    Hello,
    Look,
    NoticeBatch,
    Pace,
    Reply,
    SnapshotFrame,
    Welcome,
    decode_reply,
    encode,
    hello,
)
from core.domain.commands import Command, CommandName
from core.serve.hub import Hub
from core.serve.viewer import Viewer
from tests.unit.serve.fake_host import FakeHost

HELLO = hello("cockpit", "0.1.0", read_only=False, snapshots_per_second=10.0)
NOTICES_ONLY = hello("cockpit", "0.1.0", read_only=False, snapshots_per_second=0.0)


class Wire(asyncio.Transport):
    """Remembers what was written; `unread_bytes` says what the other side has not taken."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = FrameBuffer("engine")
        self.written: list[Reply] = []
        self.unread_bytes = 0
        self.is_aborted = False
        self._is_closed = False

    def write(self, data) -> None:
        self.written += map(decode_reply, self.frames.feed(bytes(data)))

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes

    def set_write_buffer_limits(self, high=None, low=None) -> None:
        pass

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True

    def abort(self) -> None:
        self.is_aborted = self._is_closed = True

    def take(self) -> list[Reply]:
        written, self.written = self.written, []
        return written


class Rig:
    """One connection, on the loop it was made on."""

    def __init__(self, *first) -> None:
        self.host = FakeHost()
        self.hub = Hub(self.host)
        self.viewer = Viewer(self.hub)
        self.wire = Wire()
        self.viewer.connection_made(self.wire)
        self.say(*first)

    def say(self, *messages) -> None:
        self.viewer.data_received(b"".join(bytes(encode(message)) for message in messages))

    def turn(self) -> list[Reply]:
        """Take the turn that the timer would take."""
        self.viewer._timer.cancel()
        self.viewer._take_turn()
        return self.wire.take()

    def end(self) -> None:
        self.viewer.connection_lost(None)


@pytest.fixture
async def make() -> Callable[..., Rig]:
    rigs: list[Rig] = []

    def build(*first) -> Rig:
        rigs.append(Rig(*first))
        return rigs[-1]

    yield build
    for rig in rigs:
        rig.end()
        assert rig.hub.empty.is_set()


def kinds(messages: list[Reply]) -> list[type]:
    return [type(message) for message in messages]


def note_many(host: FakeHost, count: int) -> None:
    for number in range(count):
        host.note(f"fill {number}")


async def test_the_welcome_comes_before_anything_else(make) -> None:
    rig = make()
    rig.host.note("earlier")
    rig.say(HELLO)
    assert kinds(rig.wire.take()) == [Welcome, NoticeBatch, SnapshotFrame]


async def test_samples_are_sent_once_for_each_new_one(make) -> None:
    rig = make(HELLO)
    assert rig.wire.take()[-1].samples != b""
    rig.host.advance()
    assert rig.turn()[-1].samples == b""
    rig.host.sample(7)
    assert rig.turn()[-1].samples != b""


async def test_an_unread_snapshot_is_not_followed_by_another(make) -> None:
    """Each one that was due is counted; the next is of now."""
    rig = make(HELLO)
    rig.wire.take()
    rig.wire.unread_bytes = 1
    for _ in range(3):
        rig.host.advance()
        assert rig.turn() == []
    assert rig.hub.dropped_snapshots == 3
    rig.wire.unread_bytes = 0
    (frame,) = rig.turn()
    assert isinstance(frame, SnapshotFrame)
    assert int.from_bytes(frame.state[:8], "little") == 3
    assert frame.dropped_snapshots == 3


async def test_notices_wait_for_a_slow_viewer_and_are_not_dropped(make) -> None:
    rig = make(NOTICES_ONLY)
    rig.wire.take()
    rig.wire.unread_bytes = 1
    note_many(rig.host, 3)
    assert rig.turn() == []
    assert rig.hub.dropped_snapshots == 0
    rig.wire.unread_bytes = 0
    (batch,) = rig.turn()
    assert [notice.number for notice in batch.notices] == [1, 2, 3]


async def test_what_is_taken_back_is_said_once_with_what_is_left(make) -> None:
    """Notices that had been sent, and some that had not, are no longer true."""
    rig = make(NOTICES_ONLY)
    note_many(rig.host, 3)
    rig.turn()
    note_many(rig.host, 2)
    rig.host.notices.restart(rig.host.notices.since(0).notices[:2])
    (batch,) = rig.turn()
    assert (batch.reset, [notice.number for notice in batch.notices]) == (True, [1, 2])
    assert rig.turn() == []
    rig.host.note("after")
    (batch,) = rig.turn()
    assert (batch.reset, [notice.number for notice in batch.notices]) == (False, [3])


async def test_that_nothing_is_left_is_said_too(make) -> None:
    rig = make(NOTICES_ONLY)
    note_many(rig.host, 3)
    rig.turn()
    rig.host.notices.restart(())
    (batch,) = rig.turn()
    assert (batch.reset, batch.notices) == (True, ())


async def test_who_is_far_behind_gets_short_batches(make) -> None:
    """Encoding two thousand notices at once would hold up the trading loop."""
    rig = make(NOTICES_ONLY)
    rig.wire.take()
    note_many(rig.host, 450)
    sizes = [len(batch.notices) for _ in range(3) for batch in rig.turn()]
    assert sizes == [200, 200, 50]
    assert rig.turn() == []


async def test_nothing_new_is_not_sent_again(make) -> None:
    rig = make(HELLO)
    rig.wire.take()
    assert rig.turn() == []
    assert rig.hub.dropped_snapshots == 0


async def test_a_look_at_a_slow_viewer_is_kept_until_it_has_caught_up(make) -> None:
    rig = make(NOTICES_ONLY)
    rig.wire.take()
    rig.wire.unread_bytes = 1
    rig.say(Look())
    assert rig.wire.take() == rig.turn() == []
    rig.wire.unread_bytes = 0
    assert kinds(rig.turn()) == [SnapshotFrame]
    assert rig.turn() == []


async def test_an_answer_does_not_wait_for_a_slow_screen(make) -> None:
    rig = make(HELLO)
    rig.wire.take()
    rig.wire.unread_bytes = 1_000
    rig.say(CommandRequest(Command(CommandName.HALT, "x", 7)))
    (reply,) = rig.wire.take()
    assert isinstance(reply, CommandReply)
    assert (reply.result.request_id, reply.result.accepted) == (7, True)


async def test_the_engine_is_told_who_asks_by_the_server(make) -> None:
    """Whatever the message claims, and without what would move a cursor."""
    rig = make(hello("desk\x1b[2J\n" + "x" * 80, "1", read_only=False, snapshots_per_second=0.0))
    rig.say(CommandRequest(Command(CommandName.HALT, "somebody else", 7)))
    assert rig.host.commands[0].source == f"desk[2J{'x' * 33}:1"


async def test_nothing_is_obeyed_after_a_connection_is_cut(make) -> None:
    rig = make(HELLO)
    rig.say(HELLO, CommandRequest(Command(CommandName.FLATTEN, "x", 1)))
    assert rig.wire.is_aborted
    assert rig.host.commands == []


async def test_the_last_words_come_after_the_last_notices(make) -> None:
    rig = make(HELLO)
    rig.wire.take()
    note_many(rig.host, 1)
    rig.viewer.say_farewell("stopped")
    notices, farewell = rig.wire.take()
    assert (notices.notices[0].text, farewell.reason) == ("fill 0", "stopped")
    assert rig.wire.is_closing()


async def test_who_never_said_hello_gets_no_last_words(make) -> None:
    rig = make()
    rig.viewer.say_farewell("stopped")
    assert rig.wire.take() == []
    assert rig.wire.is_closing()


MESSAGES = st.one_of(
    st.just(HELLO),
    st.builds(Hello, st.integers(0, 3)),
    st.just(Look()),
    st.builds(Pace, st.floats(0, 60)),
    st.builds(
        CommandRequest,
        st.builds(Command, st.sampled_from(CommandName), st.text(), st.integers(0, 2**63)),
    ),
)


@given(
    st.lists(st.one_of(MESSAGES.map(lambda m: bytes(encode(m))), st.binary(max_size=20))),
    st.integers(1, 64),
)
def test_whatever_is_said_every_obeyed_command_is_answered_once(parts, size: int) -> None:
    """Nothing raises; a connection is served or cut."""
    stream = b"".join([bytes(encode(HELLO)), *parts])

    async def play() -> None:
        rig = Rig()
        for start in range(0, len(stream), size):
            rig.viewer.data_received(stream[start : start + size])
            if rig.wire.is_closing():
                break
        answers = [m.result.request_id for m in rig.wire.take() if isinstance(m, CommandReply)]
        assert answers == [command.request_id for command in rig.host.commands]
        assert rig.hub.broken_connections == rig.wire.is_aborted
        rig.end()

    asyncio.run(play())
