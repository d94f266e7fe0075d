"""
Which stretches of time a choice may see, and on which it is judged.

The recording is cut into folds of equal time, and each setting is run on each fold by
itself, from a flat account. A split names the folds that settings are chosen by and the
one that the choice is judged on:

- walk-forward: chosen by all folds before, judged on the next one;
- purged: chosen by all other folds, judged on the one left out. What lies within the
  embargo of the judged fold does not count for the choice (M. Lopez de Prado, Advances in
  Financial Machine Learning, 2018, chapter 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """How folds are put together to splits."""

    WALK_FORWARD = "walk-forward"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Fold:
    """A stretch of time, in ns since the epoch: from `start_ns` up to, but without, `stop_ns`."""

    number: int
    start_ns: int
    stop_ns: int


@dataclass(frozen=True, slots=True)
class Split:
    """What is chosen by and what is judged on, as numbers of folds."""

    chosen_by: tuple[int, ...]
    judged_on: int


def cut(first_ns: int, last_ns: int, count: int) -> tuple[Fold, ...]:
    """Cut the time from the first to the last event into folds of equal length."""
    span_ns = last_ns + 1 - first_ns
    edges = [first_ns + span_ns * number // count for number in range(count + 1)]
    return tuple(Fold(number, edges[number], edges[number + 1]) for number in range(count))


def splits(scheme: Scheme, count: int) -> tuple[Split, ...]:
    """
    Put folds together.

    Raises:
        ValueError: For fewer than two folds.
    """
    if count < 2:
        raise ValueError(f"{count} folds leave nothing to judge on")
    if scheme is Scheme.WALK_FORWARD:
        return tuple(Split(tuple(range(number)), number) for number in range(1, count))
    return tuple(
        Split(tuple(other for other in range(count) if other != number), number)
        for number in range(count)
    )


def counts_for_choice(fold: Fold, judged: Fold, embargo_ns: int) -> tuple[int, int]:
    """
    Cut from a fold what is too near to the judged one.

    Returns:
        The stretch that is left, ns; empty where its end is not after its start.
    """
    start_ns, stop_ns = fold.start_ns, fold.stop_ns
    if fold.number < judged.number:
        stop_ns = min(stop_ns, judged.start_ns - embargo_ns)
    else:
        start_ns = max(start_ns, judged.stop_ns + embargo_ns)
    return start_ns, stop_ns
