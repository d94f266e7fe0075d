"""What a venue has shown of an account that is being emptied."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(slots=True)
class Account:
    """What the venue has shown of the account."""

    seen: set[str] = field(default_factory=set)
    """Every order that was open at any time."""
    filled: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    positions: dict[str, Decimal] = field(default_factory=dict)
    """Those that are not flat."""
    is_shown: bool = False
    """An account state that is younger than a cancel of everything has come."""

    @property
    def canceled(self) -> list[str]:
        """Orders that are gone and were not filled."""
        return sorted(self.seen - self.left - self.filled)
