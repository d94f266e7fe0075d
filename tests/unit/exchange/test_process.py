"""What is left in a run directory about its exchange, and what a damaged word of it can do."""

from __future__ import annotations

import json

import pytest

from core.exchange.process import ANNOUNCEMENT, PracticeExchange
from core.settings.loader import load_settings
from core.venues.wsx.probe import probe

GOOD = {"url": "ws://127.0.0.1:8765", "session": "practice-1a", "pid": 4711}


def announced(folder, text: str) -> PracticeExchange:
    (folder / ANNOUNCEMENT).write_text(text)
    return PracticeExchange(folder, load_settings().settings)


def test_an_announcement_says_where_and_who(tmp_path) -> None:
    exchange = announced(tmp_path, json.dumps(GOOD))
    assert exchange.announced_url() == "ws://127.0.0.1:8765"
    assert exchange._announcement().pid == 4711


@pytest.mark.parametrize(
    ("field", "value"),
    [("pid", -1), ("pid", 0), ("pid", 1), ("pid", True), ("pid", "4711"), ("pid", 2**31),
     ("url", "ws://elsewhere:1"), ("url", "ws://127.0.0.1:1/?x"), ("url", "ws://127.0.0.1:1\n"),
     ("url", 7), ("session", None)],
)  # fmt: skip
def test_a_word_that_could_do_harm_makes_it_none(tmp_path, field, value) -> None:
    """Ending process -1 would end every process of the user."""
    exchange = announced(tmp_path, json.dumps({**GOOD, field: value}))
    assert exchange.announced_url() == ""
    assert exchange._announcement().pid is None


@pytest.mark.parametrize("text", ["", "[]", "7", "{", "[" * 200_000])
def test_a_damaged_announcement_is_none(tmp_path, text) -> None:
    assert announced(tmp_path, text).announced_url() == ""


@pytest.mark.parametrize("url", ["ws://127.0.0.1:99999", "ws://[::", "ws://\ud800:1", "", "x"])
async def test_an_address_that_is_none_is_not_answered(url) -> None:
    assert await probe(url, timeout_s=0.2) is None
