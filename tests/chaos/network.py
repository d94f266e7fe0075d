"""Frames on their way, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

LATENCY_NS = 1_000_000
_SWAP_NS = 30_000_000
"""How much later a frame comes that is overtaken."""


class Scheduler(Protocol):
    """Does things later."""

    now_ns: int

    def at(self, ts_ns: int, action: Callable[[], None]) -> None:
        """Do something at a time."""
        ...


@dataclass(slots=True)
class Faults:
    """What one direction does to frames at the moment. Shares are of frames."""

    drop: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    cut: float = 0.0
    delay_ns: int = 0
    is_silent: bool = False
    """Frames go into the line and do not come out until it is over."""


class Line:
    """One direction of one connection. In order, unless its faults say otherwise."""

    def __init__(
        self,
        world: Scheduler,
        random: Random,
        faults: Faults,
        deliver: Callable[[list[bytes]], None],
    ) -> None:
        self._world = world
        self._random = random
        self._faults = faults
        self._deliver = deliver
        self._newest_ns = 0
        self._held: list[bytes] = []
        self.is_open = True

    def send(self, frame: bytes) -> None:
        """Put a frame on its way."""
        faults, random = self._faults, self._random
        if random.random() < faults.drop:
            return
        if random.random() < faults.corrupt:
            frame = self._corrupted(frame)
        if random.random() < faults.cut:
            frame = frame[: random.randrange(len(frame))]
        self._newest_ns = max(self._newest_ns, self._world.now_ns + LATENCY_NS + faults.delay_ns)
        due_ns = self._newest_ns
        if random.random() < faults.reorder:
            due_ns += random.randrange(_SWAP_NS)
        self._later(due_ns, frame)
        if random.random() < faults.double:
            self._later(due_ns + random.randrange(_SWAP_NS), frame)

    def release(self) -> None:
        """Let out what a silence has held back, all at once."""
        held, self._held = self._held, []
        if held and self.is_open:
            self._deliver(held)

    def _later(self, due_ns: int, frame: bytes) -> None:
        self._world.at(due_ns, lambda: self._arrive(frame))

    def _arrive(self, frame: bytes) -> None:
        if not self.is_open:
            return
        if self._faults.is_silent:
            self._held.append(frame)
        else:
            self._deliver([frame])

    def _corrupted(self, frame: bytes) -> bytes:
        # A byte that no text has: what cannot be told from the truth nobody can defend against.
        changed = bytearray(frame)
        changed[self._random.randrange(len(changed))] = 0xFF
        return bytes(changed)
