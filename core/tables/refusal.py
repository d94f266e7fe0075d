"""Sentences for settings that cannot be used: where, which key, what was found, what is allowed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from core.domain.errors import ConfigurationError

_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a table",
    "finite_number": "a finite number",
}

_IN_ADDRESS = re.compile(r"(://[^\s?#]*[?#]|://(?=[^\s/@]*@)).+", re.DOTALL)
"""Where an address begins to hold what nobody else is to see."""

_FEW = 12
"""Known keys that still fit one line."""

_BOUND_VERDICTS = {
    "ge": "is below",
    "gt": "is not above",
    "le": "is above",
    "lt": "is not below",
}


def leaf_keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key that holds a value, dotted, in the order of the model."""
    for name, field in model.model_fields.items():
        section = section_of(field)
        if section is None:
            yield prefix + name, field
        else:
            yield from leaf_keys(section, f"{prefix}{name}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Model of a field that is a table; None for a value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def unknown_key(source: str, key: str, known: Sequence[str]) -> ConfigurationError:
    """Refuse a key nobody knows, and name the one that was probably meant."""
    nearest = _nearest(key, known)
    hint = f"did you mean {nearest}?" if nearest else f"known: {_listed(known)}"
    return ConfigurationError(f"{source}: {_short(key)} is not a setting; {hint}")


def _listed(known: Sequence[str]) -> str:
    if len(known) > _FEW:
        return "those that `imc-cockpit config show` lists"
    return ", ".join(known)


def refuse(
    error: ValidationError,
    model: type[BaseModel],
    source_of: Callable[[str, str], str],
    prefix: str = "",
) -> ConfigurationError:
    """
    Turn pydantic's report into one line about its first finding.

    Args:
        error: What pydantic found.
        model: The model that was validated, for bounds.
        source_of: Names the file of a dotted key; also gets the sentence, because a
            finding about several keys belongs to no key of its own.
        prefix: Stands before every key, for example `instrument[2].`.
    """
    findings = error.errors(include_url=False)
    first = findings[0]
    key = ".".join(str(part) for part in first["loc"])
    field = dict(leaf_keys(model)).get(_without_places(first["loc"]))
    # People count from one.
    spoken = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    sentence = _sentence(prefix + spoken, first, field)
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return ConfigurationError(f"{source_of(key, sentence)}: {sentence}{more}")


def _without_places(loc: Sequence[object]) -> str:
    """Key of a value that may be one of a list."""
    return ".".join(str(part) for part in loc if not isinstance(part, int))


def _sentence(key: str, finding: Mapping[str, Any], field: FieldInfo | None) -> str:
    kind, context = finding["type"], finding.get("ctx", {})
    if kind == "missing":
        return f"{key} is missing"
    if kind == "value_error":
        # A rule over several keys begins with one of them.
        return f"{key.rstrip('.')}.{context['error']}" if key else str(context["error"])
    # People write the key itself where its variable is to be named.
    found = "(not shown)" if key.endswith("_env") else shown(finding["input"])
    return f"{key} = {found} {_verdict(kind, finding, field)}"


def _verdict(kind: str, finding: Mapping[str, Any], field: FieldInfo | None) -> str:
    context = finding.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        return _not_one_of(finding["input"], str(context["expected"]))
    if kind == "string_pattern_mismatch" and field is not None:
        return f"does not fit: {(field.description or '').rstrip('.')}"
    if kind in _WANTED:
        return f"must be {_WANTED[kind]}{_allowed(field)}"
    for rule, verdict in _BOUND_VERDICTS.items():
        if rule in context:
            return f"{verdict} {_number(context[rule])}{_allowed(field)}"
    return f"is refused: {finding['msg']}"


def _not_one_of(value: object, expected: str) -> str:
    words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    nearest = _nearest(value, words) if isinstance(value, str) else ""
    hint = f"; did you mean {nearest}?" if nearest else ""
    return f"is not one of {', '.join(words)}{hint}"


def _allowed(field: FieldInfo | None) -> str:
    lower, upper = bounds_of(field) if field else (-math.inf, math.inf)
    if math.isinf(lower) or math.isinf(upper):
        return ""
    return f" (allowed: {_number(lower)} to {_number(upper)})"


def bounds_of(field: FieldInfo) -> tuple[float, float]:
    """Lower and upper bound of a number; infinite where there is none."""
    lower, upper = -math.inf, math.inf
    for rule in field.metadata:
        if isinstance(rule, Ge | Gt):
            bound: Any = rule.ge if isinstance(rule, Ge) else rule.gt
            lower = float(bound)
        elif isinstance(rule, Le | Lt):
            bound = rule.le if isinstance(rule, Le) else rule.lt
            upper = float(bound)
    return lower, upper


def _number(value: object) -> str:
    return f"{float(value):.12g}" if isinstance(value, float | Decimal) else str(value)


def shown(value: object) -> str:
    """Write a value as TOML would, shortened to fit a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, str):
        value = _IN_ADDRESS.sub(r"\g<1>...", value)
        return '"' + _short(value.replace("\\", "\\\\").replace('"', '\\"')) + '"'
    return _short(str(value))


def _short(text: str) -> str:
    """Fit a line, and keep what a terminal would obey out of it."""
    text = text if len(text) <= 60 else text[:57] + "..."
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _nearest(key: str, known: Sequence[str]) -> str:
    """Closest known key: by its whole path, else by its last word in any section."""
    by_path = {name.casefold(): name for name in known}
    by_leaf = {name.casefold().rpartition(".")[2]: name for name in known}
    word = key.casefold()
    for wanted, names in ((word, by_path), (word.rpartition(".")[2], by_leaf)):
        match = difflib.get_close_matches(wanted, names, n=1, cutoff=0.75)
        if match:
            return names[match[0]]
    return ""
