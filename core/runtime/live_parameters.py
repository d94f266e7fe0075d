"""Parameters that are changed while trading: checked, journaled, applied between two events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.domain import events
from core.domain.enums import CommandKind
from core.domain.errors import ConfigurationError
from core.domain.parameters import ParameterSpec
from core.runtime.engine import Engine
from core.runtime.refusals import CommandRefused, nearest
from core.settings.model import Settings
from core.settings.parameters import parameter_specs, with_parameters


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one parameter."""

    spec: ParameterSpec
    old: float
    new: float

    def __str__(self) -> str:
        spec = self.spec
        unit = f" {spec.unit}" if spec.unit else ""
        return (
            f"{spec.key} {self.old:.12g} -> {self.new:.12g}{unit}, "
            f"allowed {spec.lower:g} to {spec.upper:g}"
        )


class LiveParameters:
    """The one place where a live parameter gets another value."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._specs = {spec.key: spec for spec in parameter_specs(settings)}

    def find(self, key: str) -> ParameterSpec:
        """
        Look a parameter up.

        Raises:
            CommandRefused: If there is none of that key.
        """
        if key not in self._specs:
            raise CommandRefused(f"{key} is no live parameter{nearest(key, self._specs)}")
        return self._specs[key]

    def value(self, spec: ParameterSpec) -> float:
        """What it is set to."""
        return float(self._values()[spec.index])

    def fingerprint(self) -> bytes:
        """All values: while they stay, what was refused is refused again."""
        return self._values().tobytes()

    def change(
        self, spec: ParameterSpec, value: float, source: str, note: Mapping[str, object]
    ) -> Change:
        """
        Set a parameter, and write down what, from what, within which bounds and by whom.

        Args:
            spec: The parameter.
            value: Its new value.
            source: Who asks.
            note: What else the journal is to keep.

        Raises:
            CommandRefused: If a rule of the settings forbids it; nothing has changed.
        """
        values = self._values().tolist()
        old, values[spec.index] = float(values[spec.index]), value
        try:
            with_parameters(self._settings, values)
        except ConfigurationError as error:
            raise CommandRefused(str(error).removeprefix("set: ")) from error
        self._engine.put(events.command(CommandKind.SET_PARAMETER, key=spec.index, value=value))
        self._engine.flush()
        self._engine.note(
            {
                "command": "set", **note, "source": source, "key": spec.key, "old": old,
                "new": value, "unit": spec.unit, "lower": spec.lower, "upper": spec.upper,
            }
        )  # fmt: skip
        return Change(spec, old, value)

    def _values(self) -> np.ndarray:
        values: np.ndarray = self._engine.state.params.view(np.float64)
        return values
