"""What is fuzzed: where cases come from, who takes them, and what may be said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from core.domain.errors import CoreError


class Source(Protocol):
    """Makes cases."""

    def generate(self, random: Random) -> bytes:
        """Make one case; the same chance makes the same case."""
        ...


class Subject(Protocol):
    """What takes them."""

    def take(self, data: bytes) -> bool:
        """
        Read one case.

        Returns:
            True if it was accepted. A refusal may also be raised.
        """
        ...

    def check(self) -> None:
        """
        Show that it is as useful as before, and has not grown.

        Raises:
            AssertionError: If it is not.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """One decoder."""

    source: Source
    start: Callable[[], Subject]
    """Make a fresh subject; used for as long as nothing fails."""
    refusals: tuple[type[Exception], ...] = (CoreError,)
    """What may be raised; everything else is a failure."""
    check_every: int = 1_000
    """Cases between two checks."""
    per_cent: float = 100.0
    """Share of the asked-for cases that is run: fewer where one costs milliseconds."""


class Plain:
    """A subject with nothing that could change or be given back."""

    def check(self) -> None:
        """See above."""

    def close(self) -> None:
        """See above."""


class Function(Plain):
    """A subject without memory."""

    def __init__(self, function: Callable[[bytes], object]) -> None:
        self._function = function

    def take(self, data: bytes) -> bool:
        self._function(data)
        return True
