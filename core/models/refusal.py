"""What a fit answers when it will not stand by a result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """No model, and why: one sentence for the screen. The model in use stays."""

    reason: str
