"""Identities."""

from __future__ import annotations

import pytest

from core.domain.ids import RunId, client_order_id, stable_int64


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("20261120T140327-practice-4f1c", "20261120T140327-4f1c-7"),
        ("20261120T140327-my-own_profile-4f1c", "20261120T140327-4f1c-7"),
        ("seed-12", "seed-12-7"),
        ("20261120T140327--4f1c", "20261120T140327--4f1c-7"),
        ("a-run-of-somebody-with-a-very-long-name", "mebody-with-a-very-long-name-7"),
    ],
)
def test_an_order_is_named_by_run_and_counter(run_id, name) -> None:
    assert client_order_id(RunId(run_id), 7) == name


def test_runs_of_the_same_suffix_do_not_share_names() -> None:
    """Their times differ, or they would be one run."""
    runs = ("20261120T140327-practice-4f1c", "20261120T140328-practice-4f1c")
    assert len({client_order_id(RunId(run), 7) for run in runs}) == 2


def test_names_stay_within_what_venues_take() -> None:
    assert len(client_order_id(RunId("20261120T140327-practice-4f1c"), 10**14)) <= 36
    assert len(client_order_id(RunId("x" * 100), 9_999_999)) <= 36


def test_a_text_has_one_number() -> None:
    numbers = {stable_int64(text) for text in ("", "a", "b", "a" * 1000)}
    assert len(numbers) == 4
    assert all(0 <= number < 2**63 for number in numbers)
    assert stable_int64("a") == 2340832890917691671
