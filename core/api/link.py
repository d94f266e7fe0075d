"""What has arrived from an engine, and has not been looked at yet."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, TypeVar, cast

import msgspec

from core.api.client import Notices
from core.api.messages import (
    CommandReply,
    FarewellMessage,
    FrameBuffer,
    NoticeBatch,
    PageReply,
    Refusal,
    Reply,
    Request,
    SnapshotFrame,
    Welcome,
    decode_reply,
    encode,
)
from core.api.notice_log import REMEMBERED_NOTICES
from core.domain.commands import CommandResult
from core.domain.errors import DecodeError, EngineUnavailable
from core.domain.snapshot import Notice

_T = TypeVar("_T")


class EngineLink(asyncio.Protocol):
    """
    One connection to an engine, from its first byte to its last.

    Keeps the latest snapshot, undecoded, and the notices in order, both bounded: a
    screen that stands still costs the engine nothing and this process little.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.welcome: asyncio.Future[Welcome] = loop.create_future()
        self.news = asyncio.Event()
        """Set when there is something to take, or the end has come."""
        self.farewell: str | None = None
        self.lost: EngineUnavailable | None = None
        self._frames = FrameBuffer("engine")
        self._snapshot: SnapshotFrame | None = None
        self._notices: deque[Notice] = deque(maxlen=REMEMBERED_NOTICES)
        self._missed = 0
        self._is_reset = False
        self._replies: dict[int, asyncio.Future[CommandResult]] = {}
        self._pages: dict[int, asyncio.Future[PageReply]] = {}
        self._looks: list[asyncio.Future[SnapshotFrame]] = []
        self._last_request_id = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Sort in what came."""
        try:
            for payload in self._frames.feed(data):
                self._receive(decode_reply(payload))
        except DecodeError as error:
            self._fail(f"the engine sent something else than this protocol: {error.reason}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everybody who waits know."""
        self._fail(f"the link to the engine broke: {exc or 'closed by the other side'}")

    def send(self, message: Request) -> None:
        """
        Write a message.

        Raises:
            EngineUnavailable: If the link is gone.
        """
        if self.lost is not None:
            raise EngineUnavailable(str(self.lost))
        self._transport.write(encode(message))

    def expect_reply(self) -> tuple[int, asyncio.Future[CommandResult]]:
        """Make a request id, and the place where a command's answer will be."""
        reply: asyncio.Future[CommandResult] = asyncio.get_running_loop().create_future()
        self._replies[self._next_request_id()] = reply
        return self._last_request_id, reply

    def expect_page(self) -> tuple[int, asyncio.Future[PageReply]]:
        """Make a request id, and the place where a page will be."""
        page: asyncio.Future[PageReply] = asyncio.get_running_loop().create_future()
        self._pages[self._next_request_id()] = page
        return self._last_request_id, page

    def forget_reply(self, request_id: int) -> None:
        """Nobody waits for this answer any more."""
        self._replies.pop(request_id, None)
        self._pages.pop(request_id, None)

    def expect_snapshot(self) -> asyncio.Future[SnapshotFrame]:
        """Where the next snapshot will be."""
        look: asyncio.Future[SnapshotFrame] = asyncio.get_running_loop().create_future()
        self._looks.append(look)
        return look

    def take_notices(self) -> Notices | None:
        """Notices since the last call, oldest first; also none, where all before are void."""
        if not self._notices and not self._is_reset:
            return None
        taken = Notices(tuple(self._notices), self._missed, self._is_reset)
        self._notices.clear()
        self._missed = 0
        self._is_reset = False
        return taken

    def take_snapshot(self) -> SnapshotFrame | None:
        """The latest snapshot, once."""
        taken, self._snapshot = self._snapshot, None
        return taken

    def close(self) -> None:
        """Detach."""
        self._fail("detached")
        self._transport.close()

    def _next_request_id(self) -> int:
        self._last_request_id += 1
        return self._last_request_id

    def _receive(self, message: Reply) -> None:
        match message:
            case SnapshotFrame():
                self._keep(message)
            case NoticeBatch(notices, missed, reset):
                if reset:
                    self._notices.clear()
                    self._missed = 0
                    self._is_reset = True
                overflow = len(self._notices) + len(notices) - REMEMBERED_NOTICES
                self._missed += missed + max(0, overflow)
                self._notices.extend(notices)
                self.news.set()
            case CommandReply(result):
                _resolve(self._replies.pop(result.request_id, None), result)
            case PageReply(request_id):
                _resolve(self._pages.pop(request_id, None), message)
            case FarewellMessage(reason):
                self.farewell = reason
                self.news.set()
            case Welcome():
                _resolve(self.welcome, message)
            case Refusal(text):
                self._fail(text)

    def _keep(self, frame: SnapshotFrame) -> None:
        overtaken = self._snapshot
        if overtaken is not None and not frame.samples:
            # Samples are sent once: they must not be lost with the frame they came in.
            frame = msgspec.structs.replace(frame, samples=overtaken.samples)
        self._snapshot = frame
        self.news.set()
        for look in self._looks:
            _resolve(look, frame)
        self._looks.clear()

    def _fail(self, reason: str) -> None:
        if self.lost is not None:
            return
        self.lost = EngineUnavailable(reason)
        self.news.set()
        waiters: list[asyncio.Future[Any]] = [
            self.welcome, *self._replies.values(), *self._pages.values(), *self._looks,
        ]  # fmt: skip
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(EngineUnavailable(reason))
                # Whoever waits is told; whoever does not need not be warned about.
                waiter.exception()
        self._transport.close()


def _resolve(waiter: asyncio.Future[_T] | None, result: _T) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(result)
