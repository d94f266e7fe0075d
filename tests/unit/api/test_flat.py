"""How far a flatten has come, in words."""

from __future__ import annotations

import pytest

from core.api.flat import FLATTEN_WORDS, what_is_left
from core.domain.enums import FlattenState


def test_every_state_has_its_word() -> None:
    assert set(FLATTEN_WORDS) == set(FlattenState)


@pytest.mark.parametrize(
    ("orders", "positions", "elsewhere", "words"),
    [
        (2, [("7_ETF", 3.0), ("a", 0.0)], 1, "2 orders, 7_ETF +3; 1 elsewhere"),
        (1, [], 0, "1 order"),
        (0, [("a", -0.5)], 0, "a -0.5"),
        (0, [], 3, "3 elsewhere"),
        (0, [], 0, "the venue has not confirmed it"),
        (0, [(name, 1.0) for name in "abcdef"], 0, "a +1, b +1, c +1, d +1, 2 more positions"),
    ],
)
def test_what_is_left_is_named_and_what_is_flat_is_not(orders, positions, elsewhere, words) -> None:
    assert what_is_left(orders, positions, elsewhere) == words
