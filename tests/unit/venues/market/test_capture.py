"""Lines of captured streams."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from core.domain.errors import DataError
from core.venues.market.capture import parse_line, read_capture

NS = 1_779_271_200_500_000_000


@pytest.mark.parametrize(
    "stamp",
    [
        "1779271200500000000 ", "1779271200500000 ", "1779271200500: ", "1779271200.5: ",
        "2026-05-20T10:00:00.5: ", "2026-05-20 10:00:00.500000+00:00 ",
        "[2026-05-20T12:00:00.5+02:00] ", "2026-05-20 10:00:00,500: ", "1779271200.5,",
        "1779271200.5 recv: ", "2026-05-20T10:00:00.500000000Z < ",
    ],
)  # fmt: skip
def test_every_way_to_write_a_time_is_understood(stamp: str) -> None:
    assert parse_line(stamp.encode() + b'{"a": 1}\n') == (NS, b'{"a": 1}')


def test_a_time_of_day_counts_from_midnight() -> None:
    assert parse_line(b"10:00:00.25: {}") == (36_000_250_000_000, b"{}")


def test_a_line_without_a_time_came_with_the_one_before() -> None:
    assert parse_line(b'{"a": 1}', 77) == (77, b'{"a": 1}')


@pytest.mark.parametrize("line", [b"", b"hello", b"NaN {}", b"-5 {}", b"soon: {}", b"1e30 {}"])
def test_a_line_without_time_or_message_is_none(line: bytes) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"ts": 1779271200.5, "msg": {"a": 1}}',
        b'{"data":{"a": 1},"received_ns":1779271200500000000}',
        b'{"time": "2026-05-20T10:00:00.5Z", "raw": "{\\"a\\": 1}"}\n',
    ],
)
def test_a_message_is_taken_out_of_what_only_adds_its_time(line: bytes) -> None:
    assert parse_line(line, 77) == (NS, b'{"a": 1}')


@pytest.mark.parametrize(
    "message",
    [
        b'{"topic":"orderbook.50.BTCUSDT","ts":1779271200500,"data":{"a":1}}',
        b'{"stream":"btcusdt@trade","data":{"a":1}}',
        b'{"time":"now","msg":{"a":1}}',
    ],
)
def test_a_message_of_a_venue_is_left_whole(message: bytes) -> None:
    assert parse_line(message, 77) == (77, message)


REQUESTS = (
    b'{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":1}',
    b'{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}}',
    b'{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}',
    b'{"type":"subscribe","product_ids":["BTC-USD"],"channel":"level2"}',
    b'{"method":"ping","req_id":4}',
)
ANSWERS = (
    b'{"method":"subscribe","result":{"channel":"book"},"success":true}',
    b'{"success":true,"ret_msg":"subscribe","op":"subscribe"}',
    b'{"channel":"subscriptionResponse","data":{"method":"subscribe"}}',
    b'{"method":"pong","req_id":4}',
)


def test_what_the_recorder_asked_is_passed_over_and_what_it_was_told_is_not(tmp_path) -> None:
    path = tmp_path / "both"
    path.write_bytes(b"".join(b"5 " + line + b"\n" for line in (*REQUESTS, *ANSWERS)))
    assert [message for _, message in read_capture(path)] == list(ANSWERS)


def test_a_clock_that_goes_back_is_held_and_empty_lines_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(b"2000000000000000000 {}\n\n1900000000000000000 {}\nwhat\n"))
    later = 2_000_000_000_000_000_000
    assert list(read_capture(path)) == [(later, b"{}"), (later, b"{}"), (later, None)]


def test_a_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"2000000000000000000 {}\n" * 99)[:-12])
    with pytest.raises(DataError, match="cannot be read to its end"):
        list(read_capture(path))
