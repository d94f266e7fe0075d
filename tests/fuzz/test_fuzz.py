"""No input makes a decoder raise anything but its own refusal; a sample of `make fuzz`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.venues.wsx.codec import decode_client
from tests.fuzz.__main__ import describe, main
from tests.fuzz.mutate import ODD_NUMBERS, Mutator, text_template
from tests.fuzz.registry import TARGETS, make
from tests.fuzz.runner import run
from tests.fuzz.target import Function, Plain, Target
from tests.fuzz.venue import CLIENT_MESSAGES, mutator

SEED = 20_261_121
CASES = 20_000
"""Of the fast ones; those whose cases cost milliseconds take their share of it."""


@pytest.mark.parametrize("name", TARGETS)
def test_nonsense_is_refused_in_our_own_words(name) -> None:
    target = make(name)
    cases = max(60, round(CASES * target.per_cent / 100))
    outcome = run(target, cases, SEED)
    assert outcome.failure is None, describe(name, outcome.failure, CASES, SEED)
    assert outcome.cases == cases
    assert outcome.accepted + outcome.refused == cases


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"lock"}))
def test_cases_are_almost_right_so_that_some_are_accepted(name) -> None:
    """A fuzz whose every case is refused at the door never gets inside."""
    outcome = run(make(name), 60, SEED)
    assert outcome.accepted >= 3


def careless(data: bytes) -> object:
    """A decoder with a mistake that only one field shows."""
    message = decode_client(data)
    return 1 // len(getattr(message, "symbol", "x"))


def planted(function: Callable[[bytes], object]) -> Target:
    return Target(mutator(CLIENT_MESSAGES), lambda: Function(function))


def test_a_planted_crash_is_caught_and_made_small() -> None:
    outcome = run(planted(careless), 50_000, SEED)
    failure = outcome.failure
    assert failure is not None
    assert failure.error.startswith("ZeroDivisionError")
    assert failure.case == outcome.cases
    (smallest,) = failure.inputs
    with pytest.raises(ZeroDivisionError):
        careless(smallest)
    assert len(smallest) <= len(b'{"type":"cancel","client_order_id":"r-1","symbol":""}')


class Forgetful(Plain):
    """Breaks at the third input that has a digit in it; what came between does not matter."""

    def __init__(self) -> None:
        self._seen = 0

    def take(self, data: bytes) -> bool:
        self._seen += any(48 <= byte < 58 for byte in data)
        if self._seen == 3:
            raise KeyError("third")
        return True


def test_a_crash_that_takes_several_inputs_is_made_small_too() -> None:
    outcome = run(Target(mutator(CLIENT_MESSAGES), Forgetful), 10_000, SEED)
    assert outcome.failure is not None
    assert [len(data) for data in outcome.failure.inputs] == [1, 1, 1]


class Growing(Plain):
    """Accepts all, and keeps it."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def take(self, data: bytes) -> bool:
        self._kept.append(data)
        return True

    def check(self) -> None:
        assert len(self._kept) < 100, "it grows"


def test_what_grows_is_a_failure_although_nothing_was_raised() -> None:
    outcome = run(Target(mutator(CLIENT_MESSAGES), Growing), 5_000, SEED)
    assert outcome.failure is not None
    assert "it grows" in outcome.failure.error
    assert len(outcome.failure.inputs) == 100


def test_the_same_seed_makes_the_same_cases() -> None:
    seen: list[list[bytes]] = []
    for seed in (1, 1, 2):
        taken: list[bytes] = []
        run(planted(taken.append), 500, seed)
        seen.append(taken)
    assert seen[0] == seen[1] != seen[2]


def test_texts_are_taken_apart_without_losing_anything() -> None:
    text = b"risk.max = 10  # a\n[x]\n"
    template = text_template(text)
    assert b"".join(template.pieces) == text
    assert template.values == (b"risk.max", b"10", b"a", b"x")


def test_the_odd_reaches_the_place_of_a_value() -> None:
    source = Mutator([text_template(b"a=5")], [number.encode() for number in ODD_NUMBERS])
    taken: list[bytes] = []
    run(Target(source, lambda: Function(taken.append)), 5_000, SEED)
    assert {b"a=1e400", b"a=NaN", b"-1=5", b"a=5"} <= set(taken)


def test_the_command_says_what_broke_and_how_to_see_it_again(capsys, monkeypatch) -> None:
    monkeypatch.setattr("tests.fuzz.__main__.make", lambda name: planted(careless))
    assert main(["--only", "words", "--cases", "50000", "--seed", "5"]) == 1
    said = capsys.readouterr().out
    assert "ZeroDivisionError" in said
    assert "python -m tests.fuzz --only words --cases 50000 --seed 5" in said


def test_the_command_ends_well_where_nothing_broke(capsys) -> None:
    assert main(["--only", "wsx_client", "--cases", "500"]) == 0
    *_, row = capsys.readouterr().out.splitlines()
    assert row.split()[:2] == ["wsx_client", "500"]
    assert row.split()[-1] == "0"
