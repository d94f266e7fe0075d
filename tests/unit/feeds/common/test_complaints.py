"""Sentences of services, found in whatever they wrap them in."""

from __future__ import annotations

import json

import pytest

from core.feeds.common.complaints import explain, said
from core.feeds.common.wire import CHARS_SHOWN
from tests.city_answers import answer


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"error": True, "reason": "Too much."}, "Too much"),
        ({"cod": "404", "message": "city not found"}, "city not found"),
        ({"error": "invalid_client", "error_description": "Invalid client"}, "Invalid client"),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"detail": [{"loc": ["query", "radius"], "msg": "too large"}]}, "query.radius: too large"),
        ({"detail": [{"msg": "a"}, {"msg": "b"}]}, "a, b"),
        ({"status": "error", "data": "Over quota"}, "Over quota"),
        ("plain text", "plain text"),
        ({"code": 7}, ""),
        ([], ""),
        (None, ""),
        (7, ""),
    ],
)
def test_the_sentence_of_a_service_is_found(content, sentence) -> None:
    assert said(json.dumps(content).encode()) == sentence


def test_text_that_is_no_json_is_quoted_on_one_line() -> None:
    assert said(b"Too many\n requests\x00") == "Too many requests"
    assert said(b"\xff\xfe broken") == "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} broken"


def test_a_long_sentence_is_cut() -> None:
    assert len(said(b"x" * 50_000_000)) == CHARS_SHOWN + 1


def test_nothing_that_a_service_writes_reaches_the_terminal_as_a_command() -> None:
    assert said(b'{"message": "\\u001b[2Jcleared \\u202etxt"}') == "[2Jcleared txt"


def test_a_web_page_says_nothing() -> None:
    assert said(b"<html><body>Secret admin page</body></html>") == ""


BY_STATUS = {
    400: "check coordinates and station of the place",
    403: "it refuses this key or this address; check the key, or use another source",
    418: "refused",
    302: "the service has moved; its new address is not followed, so that no key follows",
    503: "the service has a fault or is closed for maintenance",
}


@pytest.mark.parametrize(("status", "sentence"), BY_STATUS.items())
def test_a_status_without_words_is_explained_all_the_same(status, sentence) -> None:
    assert explain(answer(b"", status=status), {}) == f"HTTP {status}: {sentence}"


def test_a_service_has_advice_of_its_own() -> None:
    assert explain(answer(b"no", status=401), {401: "ask Bob"}) == "HTTP 401: no; ask Bob"
