"""The word of a kill: left, read by the next start, removed, and never overlooked."""

from __future__ import annotations

import pytest

from core.runtime.killed import KILLED, KillWord, leave_word, read_word, remove_word


def test_a_word_is_read_as_it_was_left_until_it_is_removed(tmp_path) -> None:
    word = KillWord(ts_ns=1_795_000_000_000_000_000, token=17, orders=3)
    leave_word(tmp_path, word)
    assert read_word(tmp_path) == word
    assert [path.name for path in tmp_path.iterdir()] == [KILLED]
    remove_word(tmp_path)
    remove_word(tmp_path)
    assert read_word(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"ts_ns": 1}',
        b"\xff",
        b"[" * 200_000,
        b'{"ts_ns": "1", "token": 1, "orders": 1}',
        b'{"ts_ns": 1, "token": -1, "orders": 1}',
        b'{"ts_ns": 1, "token": 9223372036854775808, "orders": 1}',
    ],
)
def test_a_damaged_word_still_says_that_there_was_a_kill(tmp_path, content) -> None:
    (tmp_path / KILLED).write_bytes(content)
    assert read_word(tmp_path) == KillWord(0, 0, 0)
