"""Runs cases until one breaks something, and then looks for the smallest that does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fuzz.target import Subject, Target

_TRAIL = 4_096
"""Cases before the one that failed that may have had a part in it."""
_MAX_TRIALS = 2_000


@dataclass(frozen=True, slots=True)
class Failure:
    """The smallest input found that does harm."""

    case: int
    """Number of the case at which it was noticed."""
    inputs: tuple[bytes, ...]
    """To be taken one after the other by a fresh subject."""
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the cases of one target."""

    cases: int
    seconds: float
    accepted: int
    refused: int
    failure: Failure | None = None


def run(target: Target, cases: int, seed: int) -> Outcome:
    """Run cases; the first failure ends it."""
    subject = target.start()
    random = Random(seed)
    trail: list[bytes] = []
    accepted = refused = done = 0
    started_s = time.perf_counter()
    generate, refusals = target.source.generate, target.refusals
    error: Exception | None = None
    while done < cases and error is None:
        data = generate(random)
        done += 1
        trail.append(data)
        try:
            if subject.take(data):
                accepted += 1
            else:
                refused += 1
        except refusals:
            refused += 1
        except Exception as unforeseen:  # noqa: BLE001  finding these is what this is for
            error = unforeseen
        if error is None and (done % target.check_every == 0 or done == cases):
            error = _complaint(subject)
            del trail[:-_TRAIL]
    seconds = time.perf_counter() - started_s
    subject.close()
    if error is None:
        return Outcome(done, seconds, accepted, refused)
    inputs = smallest(target, trail, error)
    failure = Failure(done, tuple(inputs), f"{type(error).__name__}: {error}"[:300])
    return Outcome(done, seconds, accepted, refused, failure)


def _complaint(subject: Subject) -> Exception | None:
    try:
        subject.check()
    except Exception as error:  # noqa: BLE001  whatever it is, it is not as it was
        return error
    return None


def _error_of(target: Target, inputs: Sequence[bytes]) -> Exception | None:
    """What a fresh subject raises that it must not."""
    with closing(target.start()) as subject:
        for data in inputs:
            try:
                subject.take(data)
            except target.refusals:
                continue
            except Exception as error:  # noqa: BLE001  finding these is what this is for
                return error
        return _complaint(subject)


def smallest(target: Target, trail: Sequence[bytes], error: Exception) -> list[bytes]:
    """
    Shrink what leads to an error, first in cases, then in bytes, by halves.

    Returns:
        The whole trail if a fresh subject does not fail at it.
    """
    trials = 0

    def fails(inputs: Sequence[bytes]) -> bool:
        nonlocal trials
        trials += 1
        return trials <= _MAX_TRIALS and type(_error_of(target, inputs)) is type(error)

    if fails(trail[-1:]):
        inputs = list(trail[-1:])
    elif fails(trail):
        inputs = _shrink(list(trail), fails)
    else:
        return list(trail)
    for place in range(len(inputs)):
        inputs = _shrink_one(inputs, place, fails)
    return inputs


def _shrink_one(
    inputs: list[bytes], place: int, fails: Callable[[list[bytes]], bool]
) -> list[bytes]:
    """Shrink the bytes of one of several inputs."""

    def put(data: Sequence[int]) -> list[bytes]:
        return [*inputs[:place], bytes(data), *inputs[place + 1 :]]

    return put(_shrink(list(inputs[place]), lambda data: fails(put(data))))


def _shrink(parts: list[Any], fails: Callable[[list[Any]], bool]) -> list[Any]:
    """Leave out halves, quarters and so on, as long as it still fails."""
    size = len(parts) // 2
    while size:
        start = 0
        while start < len(parts):
            fewer = parts[:start] + parts[start + size :]
            if fails(fewer):
                parts = fewer
            else:
                start += size
        size //= 2
    return parts
