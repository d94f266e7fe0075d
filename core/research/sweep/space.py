"""
What a sweep varies: a file with a table for each setting.

    [space."strategy.min_signal"]
    low = 0.05
    high = 0.5

    [space."strategy.bar_ms"]
    low = 250
    high = 4000
    log = true

    [space."simulation.queue"]
    choices = ["risk_averse", "probabilistic"]

    [space."simulation.queue_power"]
    low = 1.0
    high = 4.0
    when = { "simulation.queue" = ["probabilistic"] }

A range of whole numbers is whole. `step` makes a range a grid; a grid search needs it, or
choices. A setting with `when` is varied only where the other one has one of those values.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.domain.errors import ConfigurationError
from core.settings.model import Settings
from core.tables.paths import display_path
from core.tables.refusal import bounds_of, leaf_keys, shown, unknown_key
from core.tables.toml import read_toml

Value = bool | int | float | str
"""What one setting may be set to."""

Values = dict[str, Value]
"""A point of the space, by dotted key: only what is varied there."""

_FIELDS = ("low", "high", "step", "log", "choices", "when")

MOST_POINTS = 100_000
"""Of a grid."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A setting is varied only where another one has one of these values."""

    key: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """How one setting is varied."""

    key: str
    choices: tuple[Value, ...]
    """Empty for a range."""
    low: float
    high: float
    step: float
    """0 for a range without steps."""
    is_log: bool
    is_whole: bool
    condition: Condition | None

    def grid(self) -> tuple[Value, ...]:
        """All values of choices or of a range with steps; empty for a range without."""
        if self.choices or self.step == 0:
            return self.choices
        count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
        values = (self.low + self.step * number for number in range(count))
        return tuple(round(value) if self.is_whole else round(value, 12) for value in values)

    def applies(self, values: Mapping[str, Value]) -> bool:
        """Whether it is varied beside these values of the dimensions before it."""
        condition = self.condition
        return condition is None or values.get(condition.key) in condition.values


@dataclass(frozen=True, slots=True)
class Space:
    """All dimensions, each after the one that its condition is about."""

    dimensions: tuple[Dimension, ...]

    def grid(self) -> Iterator[Values]:
        """
        Every point of the grid once.

        Raises:
            ConfigurationError: If a range has no steps, or there are too many points.
        """
        columns = [dimension.grid() for dimension in self.dimensions]
        for dimension, column in zip(self.dimensions, columns, strict=True):
            if not column:
                raise ConfigurationError(
                    f"space.{dimension.key} has neither choices nor a step: a grid needs one; "
                    "add step = ..., or search with --sampler tpe or random"
                )
        points = math.prod(map(len, columns))
        if points > MOST_POINTS:
            raise ConfigurationError(
                f"the grid has {points:,} points, more than {MOST_POINTS:,}: use larger steps, "
                "or search with --sampler tpe or random"
            )
        seen: set[str] = set()
        for row in itertools.product(*columns):
            values: Values = {}
            for dimension, value in zip(self.dimensions, row, strict=True):
                if dimension.applies(values):
                    values[dimension.key] = value
            name = json.dumps(values, sort_keys=True)
            if name not in seen:
                seen.add(name)
                yield values


def overrides(values: Mapping[str, Value]) -> list[str]:
    """Write a point as `--set` takes it."""
    return [f"{key}={json.dumps(value)}" for key, value in values.items()]


def load_space(path: Path) -> Space:
    """
    Read a space file.

    Raises:
        ConfigurationError: With one line that names file, key, what was found and what is
            allowed.
    """
    label = display_path(path)
    tree = read_toml(path)
    if strange := sorted(tree.keys() - {"space"}):
        raise ConfigurationError(f"{label}: {strange[0]} is no table of a space file; known: space")
    tables = tree.get("space")
    if not isinstance(tables, dict) or not tables:
        raise ConfigurationError(
            f'{label}: nothing is varied; write a table such as [space."strategy.min_signal"]'
        )
    known = dict(leaf_keys(Settings))
    dimensions: dict[str, Dimension] = {}
    for key, table in tables.items():
        if key not in known:
            raise unknown_key(f"{label}: space", key, list(known))
        reader = _Reader(f"{label}: space.{key}", key, table)
        dimensions[key] = reader.read(bounds_of(known[key]))
    return Space(_in_order(label, dimensions))


def _in_order(label: str, dimensions: dict[str, Dimension]) -> tuple[Dimension, ...]:
    """Conditions after what they are about."""
    ordered: dict[str, Dimension] = {}
    left = dict(dimensions)
    while left:
        ready = [
            key
            for key, dimension in left.items()
            if dimension.condition is None or dimension.condition.key in ordered
        ]
        if not ready:
            key, dimension = next(iter(left.items()))
            assert dimension.condition is not None
            other = dimension.condition.key
            reason = "go in a circle" if other in left else "name what is not varied"
            raise ConfigurationError(f"{label}: space.{key}.when: conditions {reason}: {other}")
        for key in ready:
            ordered[key] = left.pop(key)
    return tuple(ordered.values())


class _Reader:
    """One table of a space file."""

    def __init__(self, place: str, key: str, table: Any) -> None:
        self._place = place
        self._key = key
        if not isinstance(table, dict):
            raise self._refusal(f"must be a table with {', '.join(_FIELDS)}, not {shown(table)}")
        self._table: dict[str, Any] = table
        if strange := sorted(table.keys() - set(_FIELDS)):
            raise self._refusal(f"{strange[0]} is not known here; known: {', '.join(_FIELDS)}")

    def read(self, allowed: tuple[float, float]) -> Dimension:
        """
        Read the table.

        Args:
            allowed: Least and greatest value that the setting takes.
        """
        condition = self._condition()
        if "choices" in self._table:
            return self._of_choices(allowed, condition)
        low, high = self._number("low"), self._number("high")
        if not low < high:
            raise self._refusal(f"low = {low:g} has to be below high = {high:g}")
        for value in (low, high):
            self._check_allowed(value, allowed)
        step = self._number("step") if "step" in self._table else 0.0
        is_log = self._table.get("log", False)
        if not isinstance(is_log, bool):
            raise self._refusal(f"log = {shown(is_log)} must be true or false")
        if is_log and low <= 0:
            raise self._refusal(f"log = true needs low above 0, not {low:g}")
        if is_log and step:
            raise self._refusal("log = true and step do not go together")
        if step < 0 or step > high - low:
            raise self._refusal(f"step = {step:g} is outside 0 to {high - low:g}")
        whole = [self._table["low"], self._table["high"], self._table.get("step", 1)]
        is_whole = all(isinstance(value, int) for value in whole)
        return Dimension(self._key, (), low, high, step, is_log, is_whole, condition)

    def _of_choices(self, allowed: tuple[float, float], condition: Condition | None) -> Dimension:
        choices = self._table["choices"]
        if others := sorted(self._table.keys() & {"low", "high", "step", "log"}):
            raise self._refusal(f"choices and {others[0]} do not go together")
        if not isinstance(choices, list) or len(choices) < 2:
            raise self._refusal("choices must be a list of two or more values")
        for choice in choices:
            if not isinstance(choice, bool | int | float | str):
                raise self._refusal(f"choices: {shown(choice)} is no single value")
            if not isinstance(choice, bool | str):
                self._check_allowed(choice, allowed)
        return Dimension(
            self._key, tuple(choices), 0.0, 0.0, 0.0, is_log=False, is_whole=False,
            condition=condition,
        )  # fmt: skip

    def _condition(self) -> Condition | None:
        when = self._table.get("when")
        if when is None:
            return None
        if not isinstance(when, dict) or len(when) != 1:
            raise self._refusal(
                'when must be one setting, such as { "simulation.impact" = [true] }'
            )
        ((key, values),) = when.items()
        if not isinstance(values, list) or not values:
            raise self._refusal(f"when.{key} must be a list of values")
        return Condition(str(key), tuple(values))

    def _number(self, name: str) -> float:
        value = self._table.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            missing = "is missing (or give choices)" if value is None else "must be a number"
            raise self._refusal(f"{name} {missing}")
        if not math.isfinite(value):
            raise self._refusal(f"{name} must be a finite number")
        return float(value)

    def _check_allowed(self, value: float, allowed: tuple[float, float]) -> None:
        if not allowed[0] <= value <= allowed[1]:
            raise self._refusal(f"{value:g} is outside {allowed[0]:g} to {allowed[1]:g}")

    def _refusal(self, reason: str) -> ConfigurationError:
        return ConfigurationError(f"{self._place}: {reason}")
