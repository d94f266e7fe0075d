"""Reads bodies that a stranger has written: JSON into models, never a number that is none."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from core.domain.errors import DecodeError
from core.feeds.port import Answer

T = TypeVar("T")

S_IN_NS = 1_000_000_000
MS_IN_NS = 1_000_000

_NOTHING = frozenset({"", "-", "--", "n/a", "null", "nan"})
CHARS_SHOWN = 200
"""Of what a service wrote."""

_NO_NUMBER = "is not a number"
LAST_SECOND = 7_258_118_400  # of the year 2199: what is above is in milliseconds


class Body(BaseModel):
    """A part of an answer: the fields that are read, whatever else comes with them."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )


def _number(value: object) -> float | None:
    if isinstance(value, str):
        if value.strip().lower() in _NOTHING:
            return None
        try:
            value = float(value)
        except ValueError:
            # The library's own sentence would quote what a stranger wrote.
            raise ValueError(_NO_NUMBER) from None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(_NO_NUMBER)  # noqa: TRY004  pydantic takes no other
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


Number = Annotated[float | None, BeforeValidator(_number)]
"""A finite number; None for null, NaN, an infinity, and the dashes that stand for no value."""

EpochSeconds = Annotated[int, Field(ge=0, le=LAST_SECOND)]
"""Seconds since 1970, UTC."""

EpochMilliseconds = Annotated[int, Field(ge=0, le=1000 * LAST_SECOND)]
"""Milliseconds since 1970, UTC."""


def read_json(adapter: TypeAdapter[T], answer: Answer, source: str) -> T:
    """
    Read the body of an answer.

    Raises:
        DecodeError: If it is not what the service documents.
    """
    try:
        return adapter.validate_json(answer.body)
    except ValidationError as error:
        raise DecodeError(source, _sentence(error, answer.body)) from None


def is_web_page(body: bytes) -> bool:
    """Whether it is HTML or XML, by its beginning."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def quoted(text: str) -> str:
    """Put what a service wrote on one line, cut to what a screen can show, without full stop."""
    # What does not print would write to the terminal.
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * CHARS_SHOWN])
    line = " ".join(shown.split()).rstrip(".")
    return line if len(line) <= CHARS_SHOWN else f"{line[:CHARS_SHOWN]}…"


def _sentence(error: ValidationError, body: bytes) -> str:
    if is_web_page(body):
        return (
            "it answered with a web page instead of data; a proxy or a login page may stand "
            "between, so open the address in a browser"
        )
    if not body.strip():
        return "the answer is empty"
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return f"the answer of {len(body)} bytes is no JSON: {first['msg']}"
    where = quoted(".".join(str(part) for part in first["loc"])) or "the answer"
    more = error.error_count() - 1
    rest = f", and {more} more such" if more else ""
    return f"{where}: {first['msg']}{rest}; the service may have changed its format"
