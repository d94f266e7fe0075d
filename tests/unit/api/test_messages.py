"""What crosses the socket, without a socket."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.client import PROTOCOL
from core.api.messages import (
    MAX_FRAME_BYTES,
    CommandReply,
    CommandRequest,
    FarewellMessage,
    FrameBuffer,
    Hello,
    Look,
    NoticeBatch,
    Pace,
    Refusal,
    SnapshotFrame,
    Welcome,
    check_pace,
    decode_reply,
    decode_request,
    encode,
    hello,
    mismatch,
)
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.errors import DecodeError
from core.domain.layout import layout_hash
from core.domain.snapshot import Notice
from tests.unit.serve.fake_host import META, TELEMETRY

NOTICE = Notice(3, 17, "fill", "info", "bought 4", "7_ETF", 1, 50.5, 4.0, 9, "obi +.45")
REQUESTS = [
    Hello(1, "layout", "0.1.0", "cockpit", read_only=True, snapshots_per_second=2.5),
    CommandRequest(Command(CommandName.SET, "cli", 7, {"key": "a.b", "value": "1"})),
    Pace(0.0),
    Look(),
]
REPLIES = [
    Welcome(1, "layout", META),
    Refusal("no"),
    SnapshotFrame(b"\x00\xff", b"", TELEMETRY, viewers=2, dropped_snapshots=7),
    NoticeBatch((NOTICE,), missed=2),
    CommandReply(CommandResult(7, accepted=False, text="no")),
    FarewellMessage("stopped by the operator"),
]


def payload(frame: bytes | bytearray) -> bytes:
    return next(FrameBuffer("test").feed(bytes(frame)))


@pytest.mark.parametrize("message", REQUESTS, ids=lambda m: type(m).__name__)
def test_a_request_survives_the_way(message) -> None:
    assert decode_request(payload(encode(message))) == message


@pytest.mark.parametrize("message", REPLIES, ids=lambda m: type(m).__name__)
def test_a_reply_survives_the_way(message) -> None:
    assert decode_reply(payload(encode(message))) == message


def test_the_interfaces_counts_join_the_engines_telemetry() -> None:
    telemetry = SnapshotFrame(b"", b"", TELEMETRY, 2, 7).full_telemetry()
    assert (telemetry.viewers, telemetry.dropped_snapshots, telemetry.rss_mb) == (2, 7, 143.5)


def test_not_a_number_survives_the_way() -> None:
    """An instrument without a price has NaN in its notices."""
    notice = msgspec.structs.replace(NoticeBatch(()), notices=(Notice(1, 0, "a", "b", "c"),))
    assert decode_reply(payload(encode(notice))) == notice
    nan = NoticeBatch((Notice(1, 0, "a", "b", "c", price=math.nan),))
    decoded = decode_reply(payload(encode(nan)))
    assert isinstance(decoded, NoticeBatch)
    assert math.isnan(decoded.notices[0].price)


def test_a_frame_starts_with_its_length_in_big_endian() -> None:
    frame = encode(Refusal("x" * 300))
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4 > 300


def test_a_message_beyond_the_limit_is_not_sent() -> None:
    """The other side would cut the connection, so this side says so first."""
    with pytest.raises(ValueError, match=f"exceeds {MAX_FRAME_BYTES}"):
        encode(SnapshotFrame(bytes(MAX_FRAME_BYTES), b"", TELEMETRY))


@pytest.mark.parametrize(
    "data",
    [
        b"\xc1",
        b"\x00",
        b"hello",
        msgspec.msgpack.encode({"type": "welcome"}),
        msgspec.msgpack.encode({"type": "pace", "snapshots_per_second": -1}),
        msgspec.msgpack.encode({"type": "pace", "snapshots_per_second": math.nan}),
        msgspec.msgpack.encode({"type": "pace", "snapshots_per_second": 61}),
        msgspec.msgpack.encode(
            {"type": "command", "command": {"name": "explode", "source": "x", "request_id": 1}}
        ),
        b"\x91" * 5_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError, match="not understood"):
        decode_request(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    """Nothing that arrives can raise anything but DecodeError."""
    for decode in (decode_request, decode_reply):
        try:
            decode(data)
        except DecodeError:
            continue


@given(st.lists(st.binary(min_size=1, max_size=50)), st.lists(st.integers(1, 60), min_size=1))
def test_any_cut_of_the_stream_gives_the_same_payloads(payloads, cuts) -> None:
    """A socket may deliver half a length prefix, or ten frames at once."""
    stream = b"".join(len(data).to_bytes(4, "big") + data for data in payloads)
    buffer = FrameBuffer("test")
    received = []
    position = turn = 0
    while position < len(stream):
        size = cuts[turn % len(cuts)]
        received += buffer.feed(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert received == payloads
    assert buffer.pending_bytes == 0


@pytest.mark.parametrize(("length", "limit"), [(0, 10), (11, 10), (0xFFFFFFFF, MAX_FRAME_BYTES)])
def test_a_frame_of_an_impossible_length_is_refused(length: int, limit: int) -> None:
    with pytest.raises(DecodeError, match=f"frame of {length} bytes; allowed are 1 to {limit}"):
        list(FrameBuffer("viewer", limit).feed(length.to_bytes(4, "big")))


def test_frames_before_a_bad_one_are_delivered() -> None:
    """A halt in the same packet as garbage is still a halt."""
    buffer = FrameBuffer("viewer", 10)
    received = []
    with pytest.raises(DecodeError):
        received.extend(buffer.feed(b"\x00\x00\x00\x02ok\xff\xff\xff\xff"))
    frames = FrameBuffer("viewer", 10).feed(b"\x00\x00\x00\x02ok\xff\xff\xff\xff")
    assert next(frames) == b"ok"


def test_the_hello_of_this_build_matches_itself() -> None:
    own = hello("cockpit", "0.1.0", read_only=False, snapshots_per_second=10.0)
    assert mismatch((PROTOCOL, layout_hash()), (own.protocol, own.layout), ("1", "1")) is None


def test_another_protocol_is_named_with_both_versions() -> None:
    text = mismatch((1, "aa"), (2, "bb"), ("0.1.0", "0.2.0"))
    assert text is not None
    assert "protocol 1 (version 0.1.0)" in text
    assert "protocol 2 (version 0.2.0)" in text
    assert "restart the engine" in text


def test_who_only_sends_commands_needs_no_layout() -> None:
    """Halting and stopping must not depend on which build is at hand."""
    own = hello("cli", "0.1.0", read_only=False, snapshots_per_second=0, reads_state=False)
    assert mismatch((PROTOCOL, "aa"), (own.protocol, own.layout), ("0.0.9", "0.1.0")) is None


def test_another_layout_is_named_with_both_versions() -> None:
    text = mismatch((1, "aa"), (1, "bb"), ("0.1.0", ""))
    assert text is not None
    assert "aa (version 0.1.0)" in text
    assert "bb (version unknown)" in text


def test_a_hello_of_the_future_is_understood_well_enough_to_refuse_it() -> None:
    """Unknown fields are skipped and missing ones have defaults."""
    future = {"type": "hello", "protocol": 9, "color": "blue"}
    assert decode_request(msgspec.msgpack.encode(future)) == Hello(9)


@pytest.mark.parametrize("pace", [-0.1, 60.1, math.nan, math.inf])
def test_a_pace_out_of_bounds_is_refused_before_it_is_sent(pace: float) -> None:
    with pytest.raises(ValueError, match="not within 0 to 60"):
        check_pace(pace)
