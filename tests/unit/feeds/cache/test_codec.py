"""Answers as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.feeds.cache.codec import decode, encode
from core.feeds.port import Answer

answers = st.builds(
    Answer,
    status=st.integers(0, 999),
    headers=st.dictionaries(st.text(), st.text(), max_size=3),
    body=st.binary(max_size=50),
    fetched_ts_ns=st.integers(0, 2**63 - 1),
)


@given(answers)
def test_what_is_written_is_read(answer) -> None:
    assert decode(encode(answer)) == answer


@given(st.binary(max_size=80))
def test_any_bytes_are_an_answer_or_none(data) -> None:
    answer = decode(data)
    assert answer is None or isinstance(answer, Answer)


@pytest.mark.parametrize(
    "data", [b"", b"\x94", b"[200,{},null,1]", encode(Answer(7, {}, b"", 1))[:-1]]
)
def test_bytes_that_are_no_answer_are_none(data) -> None:
    assert decode(data) is None
