"""Reading what came, and saying what stands there where it is not what it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from core.domain.errors import DecodeError

Frame: TypeAlias = bytes | bytearray | memoryview

Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
"""A number of a message or trade: what does not fit 64 bits is not one."""

_Message = TypeVar("_Message")
_SHOWN = 40


def read(decode: Callable[[Frame], _Message], data: Frame, venue: str) -> _Message:
    """
    Decode a message.

    Raises:
        DecodeError: If it is not one; the reason says what stands there instead.
    """
    try:
        return decode(data)
    # UnicodeDecodeError is a ValueError, and so are msgspec's own errors; a decimal with an
    # exponent beyond all bounds is an ArithmeticError.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise DecodeError(venue, _reason(bytes(data[:_SHOWN]), error)) from error


def read_part(data: msgspec.Raw, kind: type[_Message], venue: str) -> _Message:
    """
    Decode what a message carries.

    Raises:
        DecodeError: As `read` does.
    """
    return read(lambda part: msgspec.json.decode(part, type=kind), memoryview(data), venue)


def _reason(start: bytes, error: Exception) -> str:
    start = start.lstrip()
    if start[:1] in {b"{", b"["}:
        return f"a message is not as documented: {error}"
    if start[:1] == b"<":
        return (
            "a web page came instead of JSON; a proxy, a login page or the venue's maintenance "
            "page may stand between, so open the address in a browser"
        )
    return f"something came that is not JSON: {start!r}"
