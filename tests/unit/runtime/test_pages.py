"""Pages come from who knows, cut to what was asked for."""

from __future__ import annotations

from collections import deque

import pytest

from core.api.topics import (
    ANSWERS,
    About,
    LogLine,
    LogLines,
    Topic,
    decode_answer,
    encode_answer,
    no_settlement,
)
from core.domain.errors import ConfigurationError
from core.runtime.pages import Pages
from tests.unit.runtime.engine_rig import EngineRig

LINES = tuple(LogLine(n, n * 10**9, "INFO", "core.runtime", f"line {n}") for n in range(1, 8))


@pytest.fixture
def pages() -> Pages:
    ledger = EngineRig().ledger
    noted = deque([(5, 10**18, {"began": True, "state": "ACTIVE"}), (9, 10**18 + 7, {"set": 0.5})])
    return Pages(
        statistics=ledger.statistics,
        done_orders=ledger.done_orders,
        notes=lambda: noted,
        log=lambda: LogLines(LINES, 4),
        about=lambda: About((("version", "0.1.0"),), ()),
        settlement=lambda: no_settlement("choose an event"),
    )


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_has_a_page_that_survives_the_socket(pages, topic) -> None:
    page = pages.answer(topic, {})
    assert type(page) is ANSWERS[topic]
    assert decode_answer(topic, encode_answer(page)) == page


def test_a_limit_keeps_the_newest(pages) -> None:
    assert [line.number for line in pages.answer(Topic.LOG, {"limit": "3"}).lines] == [5, 6, 7]
    assert pages.answer(Topic.LOG, {"limit": "0"}).lines == ()
    assert len(pages.answer(Topic.LOG, {"limit": "500"}).lines) == 7


def test_a_note_is_written_in_words(pages) -> None:
    first, last = pages.answer(Topic.NOTES, {}).notes
    assert (first.seq, first.text) == (5, "began: true  state: ACTIVE")
    assert last.text == "set: 0.5"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"limit": "-1"}, "limit = '-1' is not within 0 to 500"),
        ({"limit": "501"}, "not within 0 to 500"),
        ({"limit": "9" * 40}, "not within"),
        ({"limit": "٣"}, "not within"),
        ({"rows": "3"}, "a page has no 'rows'; allowed: limit"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_in_words(pages, args, words) -> None:
    with pytest.raises(ConfigurationError, match=words):
        pages.answer(Topic.LOG, args)


def test_the_engines_notes_are_kept_even_when_its_journal_is_broken() -> None:
    rig = EngineRig()
    rig.engine.note({"kept": 1})
    assert [fields for _, _, fields in rig.engine.notes] == [{"kept": 1}]
