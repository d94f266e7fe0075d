"""Why a fit gave no model: a value, not an exception."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands in place of a result, with a sentence for people."""

    reason: str
