"""One viewer's connection, seen from the engine. It never waits for the other side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

from loguru import logger

from core.api.client import PROTOCOL
from core.api.messages import (
    MAX_REQUEST_BYTES,
    CommandReply,
    CommandRequest,
    FarewellMessage,
    FrameBuffer,
    Hello,
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
    decode_request,
    encode,
    mismatch,
)
from core.api.topics import encode_answer
from core.domain.commands import Command, CommandResult
from core.domain.errors import CoreError, DecodeError
from core.domain.layout import layout_hash
from core.serve.host import capture, refuse_read_only
from core.serve.hub import MAX_VIEWERS, Hub
from core.serve.pacer import Pacer

HELLO_TIMEOUT_S = 5.0
IDLE_RESEND_S = 1.0
"""An engine in which nothing happens still shows that it lives."""

_NOTICES_PER_BATCH = 200
"""Encoding them must stay short beside a step: who is far behind gets several batches."""
_UNREAD_REPLY_BYTES = 4 * 1024 * 1024
"""A viewer that leaves this much unread is not read from until it has caught up."""
_NAME_LENGTH = 40


class Viewer(asyncio.Protocol):
    """
    Welcomes a viewer, sends it the latest at its own pace, and answers its commands.

    A viewer that has not taken the last snapshot is skipped and the skip counted; its
    notices wait in the ring. So a hung viewer costs one snapshot's memory and no time.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._host = hub.host
        self._frames = FrameBuffer("viewer", MAX_REQUEST_BYTES)
        self._hello: Hello | None = None
        self._source = ""
        self._pacer = Pacer(0.0)
        self._sent_notice = 0
        self._generation = 0
        self._sent_head = -1
        self._sent_seq = -1
        self._sent_s = 0.0
        self._is_asked = False
        self._is_cut = False

    @property
    def is_welcome(self) -> bool:
        """Has introduced itself and was not refused."""
        return self._hello is not None

    @property
    def is_watching(self) -> bool:
        """Is sent snapshots; a caller with a single question is not."""
        return self._pacer.has_snapshots

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the other side a few seconds to say who it is."""
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_UNREAD_REPLY_BYTES)
        self._number = self._hub.add(self)
        self._timer = self._loop.call_later(
            HELLO_TIMEOUT_S, self._break_off, f"no hello within {HELLO_TIMEOUT_S:g} s"
        )

    def data_received(self, data: bytes) -> None:
        """Obey complete messages in order, up to the first that is none."""
        try:
            for payload in self._frames.feed(data):
                if self._transport.is_closing():
                    return
                self._receive(decode_request(payload))
        except DecodeError as error:
            self._break_off(error.reason)

    def eof_received(self) -> None:
        """Close our side too."""
        if self._frames.pending_bytes:
            self._break_off(f"ended within a frame, {self._frames.pending_bytes} bytes into it")

    def pause_writing(self) -> None:
        """Take no more commands from who does not read the answers."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Listen again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget this viewer."""
        del exc  # a viewer may go in any way it likes
        self._timer.cancel()
        self._hub.discard(self)

    def say_farewell(self, reason: str) -> None:
        """Send what is left to say, and close once it is written."""
        if self._hello is not None and not self._transport.is_closing():
            self._send_notices()
            self._send(FarewellMessage(reason))
        self._timer.cancel()
        self._transport.close()

    def abort(self) -> None:
        """Close without writing what is still unwritten."""
        self._transport.abort()

    def _receive(self, message: Request) -> None:
        match message:
            case Hello() if self._hello is None:
                self._greet(message)
            case CommandRequest(command) if self._hello is not None:
                self._send(CommandReply(self._obey(command, self._hello)))
            case Question() if self._hello is not None:
                self._send(self._page(message))
            case Pace(snapshots_per_second) if self._hello is not None:
                self._set_pace(snapshots_per_second)
            case Look() if self._hello is not None:
                self._look()
            case _:
                self._break_off(f"{type(message).__name__} out of turn")

    def _greet(self, hello: Hello) -> None:
        meta = self._host.meta
        refusal = mismatch(
            (PROTOCOL, layout_hash()), (hello.protocol, hello.layout), (meta.version, hello.version)
        )
        if refusal is None and self._hub.is_full:
            refusal = f"the engine already has {MAX_VIEWERS} viewers, which is its limit"
        if refusal is not None:
            self._send(Refusal(refusal))
            self._transport.close()
            return
        self._hello = hello
        # The name ends up on other people's terminals.
        name = "".join(filter(str.isprintable, hello.name))[:_NAME_LENGTH]
        self._source = f"{name or 'viewer'}:{self._number}"
        self._sent_notice = self._host.notices.before_first
        self._generation = self._host.notices.generation
        self._send(Welcome(PROTOCOL, layout_hash(), meta, self._source))
        self._send_notices()
        self._send_snapshot()
        self._set_pace(hello.snapshots_per_second)

    def _obey(self, command: Command, hello: Hello) -> CommandResult:
        if hello.read_only:
            return refuse_read_only(command)
        try:
            return self._host.submit(replace(command, source=self._source))
        except CoreError as error:
            return CommandResult(command.request_id, accepted=False, text=str(error))

    def _page(self, question: Question) -> PageReply:
        try:
            page = encode_answer(self._host.answer(question.topic, question.args))
        except CoreError as error:
            return PageReply(question.request_id, refusal=str(error))
        return PageReply(question.request_id, page)

    def _look(self) -> None:
        """Send a snapshot now, or as soon as the last one has been taken."""
        self._is_asked = self._transport.get_write_buffer_size() > 0
        if not self._is_asked:
            self._send_snapshot()

    def _set_pace(self, snapshots_per_second: float) -> None:
        self._pacer.set_pace(snapshots_per_second)
        self._timer.cancel()
        self._timer = self._loop.call_later(self._pacer.interval_s, self._take_turn)

    def _take_turn(self) -> None:
        """Send what is due. Scheduled from now, so a late turn is not made up for by two."""
        self._timer = self._loop.call_later(self._pacer.interval_s, self._take_turn)
        is_due = self._pacer.take_turn()
        if self._transport.get_write_buffer_size() > 0:
            self._hub.dropped_snapshots += is_due
            return
        self._send_notices()
        if self._is_asked or (is_due and self._is_worth_sending()):
            self._is_asked = False
            self._send_snapshot()

    def _is_worth_sending(self) -> bool:
        is_new = int(self._host.state[0]["seq"][0]) != self._sent_seq
        return is_new or self._loop.time() >= self._sent_s + IDLE_RESEND_S

    def _send_notices(self) -> None:
        log = self._host.notices
        is_reset = self._generation != log.generation
        if is_reset:
            self._generation = log.generation
            self._sent_notice = log.before_first
        batch = log.since(self._sent_notice, _NOTICES_PER_BATCH)
        if batch.notices:
            self._sent_notice = batch.notices[-1].number
        if batch.notices or is_reset:
            self._send(NoticeBatch(batch.notices, batch.missed, is_reset))

    def _send_snapshot(self) -> None:
        taken = capture(self._host, self._sent_head)
        self._sent_head = taken.history_head
        self._sent_seq = int(self._host.state[0]["seq"][0])
        self._sent_s = self._loop.time()
        self._send(
            SnapshotFrame(
                taken.state,
                taken.samples,
                self._host.telemetry(),
                self._hub.n_viewers,
                self._hub.dropped_snapshots,
            )
        )

    def _send(self, message: Reply) -> None:
        self._transport.write(encode(message))

    def _break_off(self, reason: str) -> None:
        if self._is_cut:
            return
        self._is_cut = True
        self._hub.broken_connections += 1
        logger.warning("viewer {} cut off: {}", self._source or self._number, reason)
        self._timer.cancel()
        self._transport.abort()
