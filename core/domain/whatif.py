"""What a run would have come to with another parameter, as observers see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class WhatIfState(StrEnum):
    """How far a comparison has come."""

    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Curve:
    """One way the stretch went: equity once a second of recorded time, and its figures."""

    ts_ns: tuple[int, ...]
    equity: tuple[float, ...]
    """As long as `ts_ns`, in the account's currency."""
    pnl: float
    """Equity at the end less equity at the beginning, so after fees."""
    fees: float
    fills: int
    max_drawdown_pct: float
    """Largest fall from a peak of this curve, of that peak."""
    trading_state: str
    """Of the engine at the end, by name."""

    def thinned(self, most: int) -> Curve:
        """The same with at most so many points, the first and the last among them; 2 or more."""
        last = len(self.ts_ns) - 1
        if last < most:
            return self
        kept = [number * last // (most - 1) for number in range(most)]
        return replace(
            self,
            ts_ns=tuple(self.ts_ns[place] for place in kept),
            equity=tuple(self.equity[place] for place in kept),
        )


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """
    Three curves from the same moment over the same market.

    `base` and `changed` are simulated in the same way, so their difference is the
    parameter's. `recorded` is what really happened; what it differs from `base` by is the
    simulation's.
    """

    key: str
    old: float
    new: float
    unit: str
    state: WhatIfState
    text: str
    """What to know of it in a sentence; empty for nothing."""
    done_pct: float
    from_seq: int
    """State after this event is where all three begin."""
    from_ts_ns: int
    until_seq: int
    until_ts_ns: int
    recorded: Curve | None = None
    """All three None until it is done."""
    base: Curve | None = None
    changed: Curve | None = None
