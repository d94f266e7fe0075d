"""What a formula's parts are: nodes of the checked tree, and one number or one per bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Shape:
    """What a part of a formula yields in every draw."""

    bins: int = 0
    """Number of values; 0 for a single number."""
    minutes: int = 0
    """Length of a bin; 0 for a single number."""

    @property
    def is_series(self) -> bool:
        """Whether it is one number per bin."""
        return self.bins > 0

    def __str__(self) -> str:
        return f"a series of {self.bins} bins of {self.minutes} min" if self.bins else "a number"


SCALAR = Shape()


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """An observation's series, or a term of the profile."""

    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """The settlement of another product."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One or two operands joined by a sign of `functions.OPERATIONS`."""

    sign: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `functions.FUNCTIONS`, and what it is given."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Name | Product | Operation | Call
