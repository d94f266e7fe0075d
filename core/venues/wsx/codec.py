"""Bytes to messages and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import msgspec

from core.domain.errors import DecodeError
from core.venues.wsx.messages import MAX_MESSAGE_BYTES, ClientMessage, ServerMessage

Frame: TypeAlias = bytes | bytearray | memoryview

_Message = TypeVar("_Message")

encode: Callable[[ClientMessage | ServerMessage], bytes] = msgspec.json.Encoder().encode
"""Write a message as the bytes of one frame."""

_server_decoder: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_client_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)


def decode_server(data: Frame) -> ServerMessage:
    """
    Read what the exchange sent.

    Raises:
        DecodeError: If these bytes are not a message of the protocol.
    """
    return _decode(_server_decoder.decode, data, "exchange")


def decode_client(data: Frame) -> ClientMessage:
    """
    Read what a client sent.

    Raises:
        DecodeError: If these bytes are not a message of the protocol.
    """
    return _decode(_client_decoder.decode, data, "client")


def _decode(decode: Callable[[Frame], _Message], data: Frame, source: str) -> _Message:
    if len(data) > MAX_MESSAGE_BYTES:
        raise DecodeError(source, f"message of {len(data)} bytes exceeds {MAX_MESSAGE_BYTES}")
    try:
        return decode(data)
    # UnicodeDecodeError is a ValueError, and so are msgspec's own errors.
    except (ValueError, RecursionError) as error:
        raise DecodeError(source, str(error)) from error
