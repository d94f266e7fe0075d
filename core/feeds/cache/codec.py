"""An answer as bytes, for a cache outside of this process."""

from __future__ import annotations

import msgspec

from core.feeds.port import Answer

VERSION = 1
"""Part of every name in a shared cache: engines of different versions never read each other."""


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    status: int
    headers: dict[str, str]
    body: bytes
    fetched_ts_ns: int


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Stored)


def encode(answer: Answer) -> bytes:
    """Write an answer."""
    headers = dict(answer.headers)
    return _ENCODER.encode(_Stored(answer.status, headers, answer.body, answer.fetched_ts_ns))


def decode(data: bytes) -> Answer | None:
    """Read an answer; None where the bytes are none, whoever has written them."""
    try:
        stored = _DECODER.decode(data)
    except msgspec.DecodeError:
        return None
    return Answer(stored.status, stored.headers, stored.body, stored.fetched_ts_ns)
