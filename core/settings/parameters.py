"""The live parameters: one source for bounds, units, effects and the kernel's row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from core.domain.memory import Rows, allocate
from core.domain.parameters import ParameterSpec
from core.domain.records import PARAMS
from core.settings.model import Settings
from core.tables.refusal import bounds_of, leaf_keys, refuse
from core.tables.toml import to_json

_FIELDS = {
    key.rpartition(".")[2]: (key, field)
    for key, field in leaf_keys(Settings)
    if isinstance(field.json_schema_extra, dict) and "effect" in field.json_schema_extra
}
"""Key and field of every number that `_live` describes, by its last word."""


def parameter_specs(settings: Settings) -> tuple[ParameterSpec, ...]:
    """Describe the live parameters, in the order of the PARAMS record."""
    return tuple(
        _spec(index, *_FIELDS[name], default=_value(settings, name))
        for index, name in enumerate(PARAMS.names or ())
    )


def params_row(settings: Settings) -> Rows:
    """Make the PARAMS record (one row) that a run starts with."""
    row = allocate(PARAMS, 1)
    for name in PARAMS.names or ():
        row[name] = _value(settings, name)
    return row


def with_parameters(settings: Settings, values: Sequence[float]) -> Settings:
    """
    Settings as they would be with these live parameters.

    A change while trading passes the rules that a file does, those between two
    parameters included: `drawdown_reduce_pct` stays below `drawdown_halt_pct`.

    Args:
        settings: What the run began with.
        values: All live parameters, in the order of the PARAMS record.

    Raises:
        ConfigurationError: With one line that names key, bound and value.
    """
    tree = settings.model_dump(mode="json")
    for name, value in zip(PARAMS.names or (), values, strict=True):
        key, field = _FIELDS[name]
        section, _, leaf = key.partition(".")
        is_whole = field.annotation is int and float(value).is_integer()
        tree[section][leaf] = int(value) if is_whole else float(value)
    try:
        return Settings.model_validate_json(to_json(tree))
    except ValidationError as error:
        raise refuse(error, Settings, lambda *_: "set") from error


def _spec(index: int, key: str, field: FieldInfo, *, default: float) -> ParameterSpec:
    extra: Any = field.json_schema_extra
    lower, upper = bounds_of(field)
    return ParameterSpec(key, index, extra["unit"], default, lower, upper, extra["effect"])


def _value(settings: Settings, name: str) -> float:
    section, _, leaf = _FIELDS[name][0].partition(".")
    return float(getattr(getattr(settings, section), leaf))
