"""Sentences on answers that are none: what the service said, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import pydantic_core

from core.feeds.common.wire import CHARS_SHOWN, is_web_page, quoted
from core.feeds.port import Answer

_ADVICE: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "check coordinates and station of the place",
    HTTPStatus.UNAUTHORIZED: "check its key",
    HTTPStatus.FORBIDDEN: "it refuses this key or this address; check the key, or use another "
    "source",
    HTTPStatus.NOT_FOUND: "it knows no such place; check coordinates and station",
    HTTPStatus.UNPROCESSABLE_ENTITY: "check coordinates and station of the place",
    HTTPStatus.TOO_MANY_REQUESTS: "it was asked too often; it is asked more slowly now",
}
_KEYS = ("reason", "message", "error_description", "detail", "data", "error", "msg")
"""Where services put their sentence, the most telling first."""


def explain(answer: Answer, advice: Mapping[int, str]) -> str:
    """
    Say what an answer of a status other than 200 means.

    Args:
        answer: The answer.
        advice: What to do, by status, where a service needs its own words.
    """
    status = answer.status
    what = advice.get(status) or _ADVICE.get(status) or _by_class(status)
    sentence = said(answer.body)
    return f"HTTP {status}: {sentence}; {what}" if sentence else f"HTTP {status}: {what}"


def said(body: bytes) -> str:
    """Find the sentence in an error's body; empty if there is none."""
    if is_web_page(body):
        return ""
    try:
        text = _sentence(pydantic_core.from_json(body))
    except ValueError:
        text = body[: 4 * CHARS_SHOWN].decode("utf-8", "replace")
    return quoted(text)


def _sentence(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return ", ".join(filter(None, map(_sentence, content)))
    if not isinstance(content, dict):
        return ""
    text = next((_sentence(content[key]) for key in _KEYS if _sentence(content.get(key))), "")
    where = content.get("loc")
    if text and isinstance(where, list):
        return f"{'.'.join(map(str, where))}: {text}"
    return text


def _by_class(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "the service has a fault or is closed for maintenance"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return "the service has moved; its new address is not followed, so that no key follows"
    return "refused"
