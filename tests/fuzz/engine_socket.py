"""Targets of the engine's socket: messages, and both connections that read them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from random import Random

import msgspec
import numpy as np
from loguru import logger

from core.api.client import PROTOCOL
from core.api.link import EngineLink
from core.api.messages import (
    CommandReply,
    CommandRequest,
    FarewellMessage,
    Look,
    NoticeBatch,
    Pace,
    PageReply,
    Question,
    Refusal,
    Reply,
    Request,
    SnapshotFrame,
    Welcome,
    decode_reply,
    decode_request,
    encode,
    hello,
)
from core.api.notice_log import REMEMBERED_NOTICES
from core.api.topics import NoteLine, Notes, Topic, encode_answer
from core.api.view import SnapshotDecoder
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.enums import OrderStatus, Side
from core.domain.layout import layout_hash
from core.domain.snapshot import Notice
from core.serve.host import capture
from core.serve.hub import Hub
from core.serve.viewer import Viewer
from tests.fuzz.mutate import MSGPACK_TOKENS, Mutator, tree_templates
from tests.fuzz.target import Function, Plain, Source, Target
from tests.unit.api.test_view import put_book, put_order
from tests.unit.serve.fake_host import META, TELEMETRY, FakeHost

_HELLO = hello("cockpit", "0.1.0", read_only=False, snapshots_per_second=0.0)
_WELCOME = Welcome(PROTOCOL, layout_hash(), META)
_PREFIX_BYTES = 4

REQUESTS: tuple[Request, ...] = (
    _HELLO,
    Pace(5.0),
    Look(),
    *(Question(9, topic, {"limit": "5"}) for topic in Topic),
    *(
        CommandRequest(Command(name, "cockpit:1", 7, {"instrument": "7_ETF", "quantity": "3"}))
        for name in CommandName
    ),
)
REPLIES: tuple[Reply, ...] = (
    _WELCOME,
    Refusal("the engine already has 16 viewers"),
    SnapshotFrame(b"state", b"samples", TELEMETRY, 1, 2),
    NoticeBatch((Notice(3, 17, "fill", "info", "bought 3"),), 1),
    CommandReply(CommandResult(7, accepted=True, text="done")),
    PageReply(9, encode_answer(Notes((NoteLine(3, 17, "set: 0.5"),)))),
    PageReply(9, refusal="no log here"),
    FarewellMessage("stopped"),
)


def _mutator(messages: tuple[Request | Reply, ...]) -> Mutator:
    trees = [msgspec.msgpack.decode(bytes(encode(message)[_PREFIX_BYTES:])) for message in messages]
    shapes = [list(tree_templates(tree, msgspec.msgpack.encode)) for tree in trees]
    return Mutator(
        [first for first, *_ in shapes],
        MSGPACK_TOKENS,
        misshapen=[template for _, *others in shapes for template in others],
        deep=b"\x91",
    )


class _Framed:
    """Puts the length before each payload, mostly the right one."""

    def __init__(self, payloads: Source) -> None:
        self._payloads = payloads

    def generate(self, random: Random) -> bytes:
        frames = [self._frame(random) for _ in range(random.choice((1, 1, 2)))]
        return b"".join(frames)

    def _frame(self, random: Random) -> bytes:
        payload = self._payloads.generate(random)
        length = len(payload)
        if random.random() < 0.1:
            length = random.choice((0, 1, length + 1, max(0, length - 1), 2**24, 2**32 - 1))
        return length.to_bytes(_PREFIX_BYTES, "big") + payload


class _Pipe(asyncio.Transport):
    """A connection whose other side takes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.written = 0
        self._is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += len(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True

    def abort(self) -> None:
        self._is_closed = True


class _OnLoop(Plain, ABC):
    """A subject that needs an event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._runner.run(self._begin())

    def take(self, data: bytes) -> bool:
        return self._runner.run(self._take(data))

    def check(self) -> None:
        self._runner.run(self._check())

    def close(self) -> None:
        self._runner.run(self._end())
        self._runner.close()

    @abstractmethod
    async def _begin(self) -> None:
        """Set up on the loop."""

    @abstractmethod
    async def _take(self, data: bytes) -> bool:
        """Hand the bytes to what is tested."""

    @abstractmethod
    async def _check(self) -> None:
        """Say whether all still holds."""

    async def _end(self) -> None:
        """Nothing is left over."""


class ViewerSubject(_OnLoop):
    """A viewer that has said hello; each one that is cut off is followed by the next."""

    async def _begin(self) -> None:
        logger.disable("core.serve")
        self._host = FakeHost()
        self._hub = Hub(self._host)
        self._join()

    def _join(self) -> None:
        self._pipe = _Pipe()
        self._viewer = Viewer(self._hub)
        self._viewer.connection_made(self._pipe)
        self._viewer.data_received(bytes(encode(_HELLO)))

    async def _take(self, data: bytes) -> bool:
        middle = len(data) // 2
        for part in (data[:middle], data[middle:]):
            if not self._pipe.is_closing():
                self._viewer.data_received(part)
        self._host.commands.clear()
        if self._pipe.is_closing() or self._viewer._frames.pending_bytes:
            is_cut = self._pipe.is_closing()
            self._viewer.connection_lost(None)
            self._join()
            return not is_cut
        return True

    async def _check(self) -> None:
        self._viewer.connection_lost(None)
        self._join()
        assert self._pipe.written > 0, "a good viewer is not answered any more"
        assert len(self._hub.connections) == 1, "viewers pile up"

    async def _end(self) -> None:
        self._viewer.connection_lost(None)
        logger.enable("core.serve")


class LinkSubject(_OnLoop):
    """A cockpit's connection that has been welcomed, followed by the next when it breaks."""

    async def _begin(self) -> None:
        self._join()

    def _join(self) -> None:
        self._link = EngineLink()
        self._link.connection_made(_Pipe())
        self._link.data_received(bytes(encode(_WELCOME)))

    async def _take(self, data: bytes) -> bool:
        middle = len(data) // 2
        self._link.expect_snapshot()
        self._link.data_received(data[:middle])
        self._link.data_received(data[middle:])
        assert len(self._link._notices) <= REMEMBERED_NOTICES, "notices pile up"
        is_sound = self._link.lost is None
        if not is_sound or self._link._frames.pending_bytes or len(self._link._looks) > 50:
            self._link.close()
            self._join()
        return is_sound

    async def _check(self) -> None:
        self._link.close()
        self._join()
        assert self._link.welcome.done(), "a good welcome is not understood any more"

    async def _end(self) -> None:
        self._link.close()


_ODD_WORDS = (
    *(
        np.array([value], np.int64).tobytes()
        for value in (*range(-3, 40), 2**31, 2**63 - 1, -(2**63))
    ),
    *(np.array([value]).tobytes() for value in (np.nan, np.inf, -np.inf, 1e308, 0.5, -1.0)),
    b"\xff" * 8,
)


class _Memory:
    """Damages words of the engine's memory, as a wrong build or a broken one would."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def generate(self, random: Random) -> bytes:
        data = bytearray(self._data)
        for _ in range(random.choice((0, 1, 1, 2, 8))):
            place = random.randrange(len(data) // 8) * 8
            data[place : place + 8] = random.choice(_ODD_WORDS)
            if random.random() < 0.2:
                data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        if random.random() < 0.02:
            del data[random.randrange(len(data)) :]
        return bytes(data)


def requests() -> Target:
    """What the engine decodes."""
    return Target(_mutator(REQUESTS), lambda: Function(decode_request))


def replies() -> Target:
    """What a cockpit decodes."""
    return Target(_mutator(REPLIES), lambda: Function(decode_reply))


def viewer() -> Target:
    """The engine's side of a connection."""
    return Target(_Framed(_mutator(REQUESTS)), ViewerSubject, per_cent=10)


def link() -> Target:
    """The cockpit's side of a connection."""
    return Target(_Framed(_mutator(REPLIES)), LinkSubject, per_cent=10)


def snapshot() -> Target:
    """The engine's memory, as a cockpit reads it."""
    host = FakeHost()
    for index in range(3):
        put_book(host, index, [(100, 7), (99, 3)], [(103, 2), (104, 9)])
    for row in range(3):
        put_order(
            host, row, order_id=row + 1, instrument=row, side=Side.SELL, price_ticks=101,
            lots=5, status=OrderStatus.OPEN, origin=1,
        )  # fmt: skip
    host.sample(100_000)
    taken = capture(host, -1)
    decoder = SnapshotDecoder(META)
    size = len(taken.state)
    return Target(
        _Memory(bytes(taken.state) + bytes(taken.samples)),
        lambda: Function(lambda data: decoder.decode(data[:size], data[size:])),
        per_cent=5,
    )
