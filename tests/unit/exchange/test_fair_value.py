"""The hidden value."""

from __future__ import annotations

from random import Random

from core.exchange.fair_value import LOWEST_TICKS, Episode, FairValue


def path(seed: int, seconds: int, start: float = 3400.0, minute: float = 10.0) -> list[float]:
    value = FairValue(start, minute, Random(seed))
    ticks = []
    for _ in range(seconds * 20):
        value.advance(0.05)
        ticks.append(value.ticks)
    return ticks


def test_the_same_chance_gives_the_same_path() -> None:
    assert path(3, 30) == path(3, 30)
    assert path(3, 30) != path(4, 30)


def test_a_day_does_not_take_it_out_of_sight() -> None:
    ticks = path(5, 6 * 3600)
    assert 0.6 * 3400 < min(ticks) < max(ticks) < 1.4 * 3400


def test_it_never_falls_below_its_floor() -> None:
    assert min(path(6, 600, start=25.0, minute=80.0)) >= LOWEST_TICKS


def test_every_episode_happens() -> None:
    value = FairValue(3400.0, 10.0, Random(8))
    seen = set()
    for _ in range(20 * 1800):
        value.advance(0.05)
        seen.add(value.episode)
    assert seen == set(Episode)


def test_volatile_episodes_move_more_than_reverting_ones() -> None:
    value = FairValue(3400.0, 10.0, Random(9))
    moves = {episode: [] for episode in Episode}
    for _ in range(20 * 1800):
        before = value.ticks
        value.advance(0.05)
        moves[value.episode].append(abs(value.ticks - before))
    mean = {episode: sum(sizes) / len(sizes) for episode, sizes in moves.items()}
    assert mean[Episode.VOLATILE] > 2 * mean[Episode.REVERTING] > 2 * mean[Episode.TRENDING]
