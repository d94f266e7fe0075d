"""What was changed while trading, as a file of settings for the next run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain.parameters import ParameterSpec
from core.domain.snapshot import RunMeta

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


def check_name(name: str) -> str:
    """
    Read the name of a file without its ending.

    Raises:
        ValueError: In a sentence that says what is allowed.
    """
    if not _NAME.match(name):
        said = repr(name) if name else "an empty name"
        raise ValueError(
            f"{said} is no name: a-z, 0-9, - and _, at most 40, a letter or digit first"
        )
    return name


def changed_parameters(
    specs: Sequence[ParameterSpec], values: Sequence[float]
) -> list[tuple[ParameterSpec, float]]:
    """Those that are not what the run began with."""
    pairs = zip(specs, values, strict=False)
    return [(spec, value) for spec, value in pairs if value != spec.default]


def profile_text(meta: RunMeta, changed: Sequence[tuple[ParameterSpec, float]]) -> str:
    """
    Write settings that lie over the profile of a run.

    Args:
        meta: Of the run.
        changed: As `changed_parameters` finds them.
    """
    lines = [
        f"# Parameters as they were changed in run {meta.run_id}.",
        "# Use: imc-cockpit --profile " + f"{meta.profile} --config THIS_FILE",
    ]
    section = ""
    for spec, value in sorted(changed, key=lambda item: item[0].key.partition(".")[0]):
        name, _, leaf = spec.key.partition(".")
        if name != section:
            section = name
            lines += ["", f"[{name}]"]
        unit = f" {spec.unit}" if spec.unit else ""
        lines.append(f"{leaf} = {_number(value)}  # was {_number(spec.default)}{unit}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    """The shortest text that is the same number; whole ones without a point, as counts are."""
    return (
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )
