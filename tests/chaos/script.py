"""What goes wrong, when: a script made from a seed, short enough to be read and cut down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

LENGTH_MS = 9_000
"""Faults and commands happen within this; then everything is left to settle."""

_WARM_MS = 1_500


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens at a time, for a while."""

    at_ms: int
    what: str
    """Name of a method of `World` without its `do_`."""
    value: float = 0.0
    for_ms: int = 0
    """0: it is over at once."""


@dataclass(frozen=True, slots=True)
class Script:
    """All that goes wrong in one life of the world."""

    seed: int
    """Of the market, of the network's times, and of whatever else is left to chance."""
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        rows = "".join(f"        {step!r},\n" for step in self.steps)
        return f"Script(\n    seed={self.seed},\n    steps=(\n{rows}    ),\n)"


_SHARES = (0.05, 0.2, 0.5)

# What may happen, how often relative to the others, and how its value is drawn.
_CATALOG: tuple[tuple[str, int, Callable[[Random], float], bool], ...] = (
    ("drop_to_client", 4, lambda r: r.choice(_SHARES), True),
    ("drop_to_venue", 4, lambda r: r.choice(_SHARES), True),
    ("double_to_client", 3, lambda r: r.choice(_SHARES), True),
    ("double_to_venue", 2, lambda r: r.choice(_SHARES), True),
    ("reorder_to_client", 3, lambda r: r.choice(_SHARES), True),
    ("reorder_to_venue", 2, lambda r: r.choice(_SHARES), True),
    ("corrupt_to_client", 2, lambda r: r.choice(_SHARES), True),
    ("corrupt_to_venue", 1, lambda r: r.choice(_SHARES), True),
    ("cut_to_client", 1, lambda r: r.choice(_SHARES), True),
    ("delay", 3, lambda r: r.choice((40, 300, 1_500)), True),
    ("silence", 3, lambda r: 0, True),
    ("half_open", 3, lambda r: 0, True),
    ("disconnect", 4, lambda r: 0, False),
    ("stall", 3, lambda r: 0, True),
    ("freeze_books", 2, lambda r: 0, True),
    ("reject_storm", 2, lambda r: r.choice((0.3, 1.0)), True),
    ("hold_acks", 3, lambda r: 0, True),
    ("partial_fills", 2, lambda r: 0, True),
    ("restart_venue", 2, lambda r: 0, False),
    ("clock_jump", 2, lambda r: r.choice((-7_200_000, -900, 700, 86_400_000)), False),
    ("disk_error", 2, lambda r: r.randint(1, 30), False),
    ("fence", 1, lambda r: 0, False),
    ("stranger", 2, lambda r: r.choice((-1, 1)), False),
    ("kill", 8, lambda r: r.randint(1, 60), False),
    ("halt", 3, lambda r: 0, False),
    ("resume", 4, lambda r: 0, False),
    ("pause", 2, lambda r: 0, False),
    ("cancel_all", 2, lambda r: 0, False),
    ("cancel_everything", 1, lambda r: 0, False),
    ("flatten", 3, lambda r: 0, False),
    ("order", 4, lambda r: r.choice((-9, -2, 3, 7, 400)), False),
    ("set_limit", 1, lambda r: r.choice((1, 3)), False),
)
_NAMES = [row[0] for row in _CATALOG]
_WEIGHTS = [row[1] for row in _CATALOG]
_BY_NAME = {row[0]: row for row in _CATALOG}


def make_script(seed: int) -> Script:
    """Draw a script; the same one for the same seed on every machine."""
    random = Random(f"script-{seed}")
    steps = []
    for _ in range(random.randint(3, 9)):
        name = random.choices(_NAMES, _WEIGHTS)[0]
        _, _, draw, lasts = _BY_NAME[name]
        at_ms = random.randrange(_WARM_MS, LENGTH_MS)
        for_ms = random.choice((200, 1_000, 3_500)) if lasts else 0
        steps.append(Step(at_ms, name, draw(random), for_ms))
    steps.sort(key=lambda step: step.at_ms)
    return Script(seed, tuple(steps))
