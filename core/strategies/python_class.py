"""A strategy that is a Python class: found by its name, made, and told what it is."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

from core.domain.errors import ConfigurationError
from core.strategies import datamodel
from core.strategies.modules import (
    file_of,
    fingerprint,
    import_file,
    import_module,
    missing,
    one_line,
)

HANDLERS = ("on_start", "on_book", "on_trade", "on_fill", "on_timer")
"""What a strategy may have; it needs one of them."""


class StrategyKind(Enum):
    """What a class can do."""

    HANDLERS = "handlers"
    """It has some of HANDLERS."""
    TRADER = "trader"
    """It has IMC Prosperity's `run(self, state)`."""


@dataclass(frozen=True, slots=True)
class LoadedClass:
    """A class that can be made and run."""

    name: str
    """As the user wrote it: `package.module:Class` or `file.py:Class`."""
    fingerprint: str
    """Of the name and the file of its module: 16 hex digits."""
    file: str
    """Of its module, as tracebacks name it."""
    kind: StrategyKind
    made_by: type[Any]

    @property
    def handlers(self) -> tuple[str, ...]:
        """Which of HANDLERS it has."""
        return tuple(name for name in HANDLERS if callable(getattr(self.made_by, name, None)))

    def make(self) -> Any:
        """
        Make one.

        Raises:
            ConfigurationError: If its constructor wants something, or raises.
        """
        try:
            return self.made_by()
        except Exception as error:
            raise ConfigurationError(
                f"{self.name}: cannot be made without arguments: {one_line(error)}"
            ) from error


def load_class(name: str, folders: Sequence[Path]) -> LoadedClass:
    """
    Load a strategy that is a Python class, or an IMC Prosperity Trader.

    `import datamodel` finds IMC's types, whatever else lies beside the file.

    Args:
        name: `package.module:Class`, or `path/to/file.py:Class`.
        folders: Searched for a module before the usual places.

    Raises:
        ConfigurationError: If there is no such class, or it is no strategy.
    """
    label = f'strategy "{name}"'
    place, _, class_name = name.rpartition(":")
    if not place or not class_name:
        raise ConfigurationError(
            f"{label} names no class: write file.py:Class or package.module:Class"
        )
    datamodel.provide()
    if place.endswith(".py"):
        module = import_file(label, Path(place).expanduser())
    else:
        module = import_module(label, place, folders)
    made_by = _find(label, module, class_name)
    file = getattr(module, "__file__", None) or module.__name__
    return LoadedClass(name, fingerprint(name, module), file, _kind(label, made_by), made_by)


def refuse_trader(loaded: LoadedClass) -> None:
    """
    Refuse what a live engine has nothing to ask.

    Raises:
        ConfigurationError: If it is an IMC Trader.
    """
    if loaded.kind is StrategyKind.TRADER:
        raise ConfigurationError(
            f"{loaded.name} is an IMC Trader, which trades recorded days only: "
            "imc-cockpit backtest --strategy"
        )


def _find(label: str, module: ModuleType, name: str) -> type[Any]:
    if not hasattr(module, name):
        raise missing(label, module, "class", name, inspect.isclass)
    found = getattr(module, name)
    if not inspect.isclass(found):
        raise ConfigurationError(
            f"{label}: {name} in {file_of(module)} is no class but of type {type(found).__name__}"
        )
    return found


def _kind(label: str, made_by: type[Any]) -> StrategyKind:
    if callable(getattr(made_by, "run", None)):
        return StrategyKind.TRADER
    if any(callable(getattr(made_by, handler, None)) for handler in HANDLERS):
        return StrategyKind.HANDLERS
    raise ConfigurationError(
        f"{label}: {made_by.__name__} has neither run(self, state), as IMC's Trader has, "
        f"nor any of {', '.join(HANDLERS)}"
    )
