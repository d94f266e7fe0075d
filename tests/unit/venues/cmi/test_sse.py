"""Server-Sent Events, as the HTML standard cuts them."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.venues.cmi import sse
from core.venues.cmi.sse import EventParser, ServerEvent


def test_the_examples_of_the_standard() -> None:
    """WHATWG HTML, 9.2.6: comments pass, lines of data are joined, one space is taken away."""
    text = (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
        b"data:  third event\n\n"
    )
    assert EventParser().feed(text) == [
        ServerEvent("message", b"first event"),
        ServerEvent("message", b"second event"),
        ServerEvent("message", b" third event"),
    ]
    assert EventParser().feed(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [
        ServerEvent("message", b"YHOO\n+2\n10")
    ]


def test_a_name_counts_for_one_event_only() -> None:
    events = EventParser().feed(b"event: trade\ndata: 1\n\ndata: 2\n\n")
    assert [event.name for event in events] == ["trade", "message"]


def test_an_event_without_data_is_none() -> None:
    assert EventParser().feed(b"event: order\n\ndata\n\n") == [ServerEvent("message", b"")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_in_any_way_and_chunks_anywhere(end: bytes) -> None:
    text = end.join([b"event: order", b"data: {}", b"", b"data: 2", b"", b""])
    parser = EventParser()
    events = [event for byte in text for event in parser.feed(bytes([byte]))]
    events += parser.feed(b":")
    assert events == [ServerEvent("order", b"{}"), ServerEvent("message", b"2")]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert EventParser().feed(b"\xef\xbb\xbfdata: 1\n\n") == [ServerEvent("message", b"1")]


@pytest.mark.parametrize("text", [b"data: " + b"x" * 100, b"data: xxxxxxxxx\n" * 10])
def test_an_event_without_an_end_is_refused(monkeypatch, text: bytes) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 50)
    with pytest.raises(DecodeError, match="more than 50 bytes"):
        EventParser().feed(text)
