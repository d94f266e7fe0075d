"""Bodies of strangers: numbers that are none, pages instead of data, nonsense."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from core.domain.errors import DecodeError
from core.feeds.common.wire import Body, EpochSeconds, Number, is_web_page, read_json
from tests.city_answers import answer


class Example(Body):
    """Two fields."""

    time: EpochSeconds = 0
    value: Number = None


ADAPTER = TypeAdapter(Example)


def read(body: bytes) -> Example:
    return read_json(ADAPTER, answer(body), "example")


@pytest.mark.parametrize(
    "text", ["null", '"-"', '""', '"--"', '"NaN"', "NaN", "Infinity", "-Infinity", "1e999"]
)
def test_what_stands_for_no_value_is_none(text) -> None:
    assert read(b'{"value": ' + text.encode() + b"}").value is None


@pytest.mark.parametrize(("text", "value"), [("17", 17.0), ("17.4", 17.4), ('"17.4"', 17.4)])
def test_a_number_is_one_also_as_text(text, value) -> None:
    assert read(b'{"value": ' + text.encode() + b"}").value == value


def test_a_whole_number_beyond_all_floats_is_none() -> None:
    assert read(b'{"value": 1' + b"0" * 400 + b"}").value is None


@pytest.mark.parametrize("text", ["true", "[1]", "{}", '"ground"'])
def test_what_is_no_number_is_refused_with_its_place(text) -> None:
    with pytest.raises(DecodeError, match=r"example: value: .*changed its format"):
        read(b'{"value": ' + text.encode() + b"}")


def test_other_fields_are_passed_over() -> None:
    assert read(b'{"value": 1, "new": {"x": [1, 2]}}').value == 1.0


@pytest.mark.parametrize("second", ["-1", "1779271200000", '"noon"'])
def test_seconds_of_no_year_are_refused(second) -> None:
    """Milliseconds among seconds would be a year fifty thousand on."""
    with pytest.raises(DecodeError, match="time"):
        read(b'{"time": ' + second.encode() + b"}")


def test_a_web_page_is_told_as_one() -> None:
    with pytest.raises(DecodeError, match="a web page instead of data; a proxy or a login page"):
        read(b"\xef\xbb\xbf \n<!doctype html><html></html>")


def test_an_empty_body_is_told() -> None:
    with pytest.raises(DecodeError, match="the answer is empty"):
        read(b" \n")


def test_a_cut_body_is_told_with_its_size() -> None:
    with pytest.raises(DecodeError, match="the answer of 10 bytes is no JSON"):
        read(b'{"value": ')


def test_a_body_of_brackets_is_refused() -> None:
    with pytest.raises(DecodeError):
        read(b"[" * 100_000)


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    with pytest.raises(DecodeError) as caught:
        read(b'{"value": "secret-of-somebody"}')
    assert "secret-of-somebody" not in str(caught.value)


@pytest.mark.parametrize(("body", "is_page"), [(b"<html>", True), (b"{}", False), (b"", False)])
def test_a_page_is_known_by_its_beginning(body, is_page) -> None:
    assert is_web_page(body) is is_page


def test_a_name_that_a_service_gave_is_cut_and_made_to_print() -> None:
    units = TypeAdapter(dict[str, Number])
    body = b'{"' + b"x" * 9999 + b'\\u001b": {}}'
    with pytest.raises(DecodeError) as caught:
        read_json(units, answer(body), "example")
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 400
