"""
What crosses the socket: msgpack in frames of a 4-byte big-endian length.

The viewer says Hello, the engine answers Welcome or Refusal. Hello and Refusal keep
their shape for ever, so that two versions can still tell each other what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, TypeVar

import msgspec

from core.api.client import PROTOCOL
from core.api.topics import Topic
from core.domain.commands import Command, CommandResult
from core.domain.errors import DecodeError
from core.domain.layout import layout_hash
from core.domain.snapshot import Notice, RunMeta, Telemetry

MAX_FRAME_BYTES = 16 * 1024 * 1024
MAX_REQUEST_BYTES = 64 * 1024
"""Viewers only send commands; nobody may make the engine hold more for them."""

MAX_PACE = 60.0
DEFAULT_PACE = 10.0
_PREFIX_BYTES = 4

SnapshotsPerSecond = Annotated[float, msgspec.Meta(ge=0.0, le=MAX_PACE)]
_T = TypeVar("_T")


class Hello(msgspec.Struct, tag="hello", frozen=True):
    """A viewer introduces itself."""

    protocol: int
    layout: str = ""
    version: str = ""
    name: str = ""
    read_only: bool = False
    snapshots_per_second: SnapshotsPerSecond = DEFAULT_PACE


class CommandRequest(msgspec.Struct, tag="command", frozen=True):
    """A viewer asks for something; answered by one CommandReply of the same request id."""

    command: Command


class Pace(msgspec.Struct, tag="pace", frozen=True):
    """How many snapshots this viewer wants from now on."""

    snapshots_per_second: SnapshotsPerSecond


class Look(msgspec.Struct, tag="look", frozen=True):
    """A viewer wants one snapshot now, whatever its pace."""


class Question(msgspec.Struct, tag="question", frozen=True):
    """A viewer asks for a page; answered by one PageReply of the same request id."""

    request_id: int
    topic: Topic
    args: dict[str, str] = {}


class Welcome(msgspec.Struct, tag="welcome", frozen=True):
    """The engine introduces itself."""

    protocol: int
    layout: str
    meta: RunMeta
    source: str = ""
    """What this viewer is called where the engine tells who asked for something."""


class Refusal(msgspec.Struct, tag="refusal", frozen=True):
    """The engine will not talk to this viewer; `text` says why. The connection ends."""

    text: str


class SnapshotFrame(msgspec.Struct, tag="snapshot", frozen=True):
    """The engine's state as it lies in memory; see `core.domain.layout`."""

    state: bytes
    """The live sections."""
    samples: bytes
    """The other sections; empty when nothing was sampled since the last ones sent."""
    telemetry: Telemetry
    """Of the engine; the two counts below are the interface's and belong into it."""
    viewers: int = 0
    dropped_snapshots: int = 0

    def full_telemetry(self) -> Telemetry:
        """Put everything measured together; done by the viewer to spare the engine."""
        return replace(
            self.telemetry, viewers=self.viewers, dropped_snapshots=self.dropped_snapshots
        )


class NoticeBatch(msgspec.Struct, tag="notices", frozen=True):
    """New notices in order; `missed` were forgotten before they could be sent."""

    notices: tuple[Notice, ...]
    missed: int = 0
    reset: bool = False
    """All notices before these count no more."""


class CommandReply(msgspec.Struct, tag="reply", frozen=True):
    """What became of a command."""

    result: CommandResult


class PageReply(msgspec.Struct, tag="page", frozen=True):
    """The page that was asked for."""

    request_id: int
    page: bytes = b""
    """As of `core.api.topics`; empty where there is none."""
    refusal: str = ""
    """Why there is none."""


class FarewellMessage(msgspec.Struct, tag="farewell", frozen=True):
    """The engine is ending on purpose."""

    reason: str


Request = Hello | CommandRequest | Pace | Look | Question
Reply = Welcome | Refusal | SnapshotFrame | NoticeBatch | CommandReply | PageReply | FarewellMessage

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def encode(message: Request | Reply) -> bytearray:
    """
    One frame, ready to be written.

    Raises:
        ValueError: If the message is larger than a frame may be.
    """
    frame = bytearray(_PREFIX_BYTES)
    _encoder.encode_into(message, frame, _PREFIX_BYTES)
    length = len(frame) - _PREFIX_BYTES
    if length > MAX_FRAME_BYTES:
        raise ValueError(f"a message of {length} bytes exceeds {MAX_FRAME_BYTES}")
    frame[:_PREFIX_BYTES] = length.to_bytes(_PREFIX_BYTES, "big")
    return frame


def decode_request(payload: bytes) -> Request:
    """
    Read what a viewer sent.

    Raises:
        DecodeError: If it is no message of this protocol.
    """
    return _decode(_requests, payload, "viewer")


def decode_reply(payload: bytes) -> Reply:
    """
    Read what the engine sent.

    Raises:
        DecodeError: If it is no message of this protocol.
    """
    return _decode(_replies, payload, "engine")


def _decode(decoder: msgspec.msgpack.Decoder[_T], payload: bytes, source: str) -> _T:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(source, f"message of {len(payload)} bytes not understood: {error}") from (
            error
        )


def hello(
    name: str,
    version: str,
    *,
    read_only: bool,
    snapshots_per_second: float,
    reads_state: bool = True,
) -> Hello:
    """Introduction of a viewer of this build, or of one that only sends commands."""
    layout = layout_hash() if reads_state else ""
    return Hello(PROTOCOL, layout, version, name, read_only, snapshots_per_second)


def mismatch(
    engine: tuple[int, str], viewer: tuple[int, str], versions: tuple[str, str]
) -> str | None:
    """
    Say in a sentence why engine and viewer cannot talk; None when they can.

    Args:
        engine: Its protocol and layout.
        viewer: Its protocol and layout; no layout if it never reads the state, so that an
            engine can be halted and stopped by any build.
        versions: Program versions of engine and viewer.
    """
    ours, theirs = (version or "unknown" for version in versions)
    advice = "restart the engine or start the viewer from the same installation"
    if engine[0] != viewer[0]:
        return (
            f"the engine speaks protocol {engine[0]} (version {ours}) and this viewer "
            f"protocol {viewer[0]} (version {theirs}): {advice}"
        )
    if viewer[1] and engine[1] != viewer[1]:
        return (
            f"the engine lays out its state as {engine[1]} (version {ours}) and this viewer "
            f"reads {viewer[1]} (version {theirs}): {advice}"
        )
    return None


def check_pace(snapshots_per_second: float) -> float:
    """
    Pass a pace on.

    Raises:
        ValueError: If it is not within 0 to 60.
    """
    if not 0.0 <= snapshots_per_second <= MAX_PACE:
        raise ValueError(
            f"snapshots per second: {snapshots_per_second:g} is not within 0 to {MAX_PACE:g}"
        )
    return float(snapshots_per_second)


class FrameBuffer:
    """Cuts a stream of bytes into payloads. No socket inside."""

    def __init__(self, source: str, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._source = source
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    @property
    def pending_bytes(self) -> int:
        """Bytes of a payload that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """
        Take bytes as they come and yield the payloads they complete.

        Raises:
            DecodeError: If a frame announces more bytes than allowed, or none. Nothing
                that follows can be read.
        """
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _PREFIX_BYTES:
                body = start + _PREFIX_BYTES
                length = int.from_bytes(self._buffer[start:body], "big")
                self._check(length)
                if len(self._buffer) - body < length:
                    break
                start = body + length
                yield bytes(self._buffer[body:start])
        finally:
            del self._buffer[:start]

    def _check(self, length: int) -> None:
        if not 0 < length <= self._max_bytes:
            raise DecodeError(
                self._source, f"frame of {length} bytes; allowed are 1 to {self._max_bytes}"
            )
