"""A replay that never played: a run of 90 seconds, looked at after 31 of them."""

from __future__ import annotations

import math
from typing import Any

from core.api.client import Notices
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.enums import Mode
from core.domain.snapshot import NO_VENUE, EngineSnapshot, FeedView, Telemetry
from core.domain.whatif import Curve, WhatIfState, WhatIfView
from tests.unit.cockpit.fake_engine import (
    NS,
    START_NS,
    FakeEngine,
    make_meta,
    make_notices,
    make_snapshot,
)

BEGIN_NS, END_NS = START_NS - 31 * NS, START_NS + 59 * NS
PAST = make_meta(mode=Mode.REPLAY, venue=NO_VENUE)
DATA = make_meta(mode=Mode.REPLAY, venue="simulated")


def telemetry(**changes: Any) -> Telemetry:
    fields: dict[str, Any] = {
        "feeds": (FeedView("journal", 0.0, "LIVE"),),
        "rss_mb": 141.0,
        "replay_speed": 4.0,
        "replay_position": 6_127,
        "replay_length": 15_842,
        "replay_start_ns": BEGIN_NS,
        "replay_end_ns": END_NS,
    }
    return Telemetry(**{**fields, **changes})


def replayed(**changes: Any) -> EngineSnapshot:
    """A snapshot with this telemetry."""
    return make_snapshot(telemetry=telemetry(**changes))


class FakeReplay(FakeEngine):
    """
    A replay of a run that is always at the same place.

    Args:
        refusal: Answer to every place and comparison; empty if there is nothing against it.
        meta: Of recorded data, where it is not a run.
        changes: Of the telemetry.
    """

    def __init__(self, refusal: str = "", meta: Any = PAST, **changes: Any) -> None:
        super().__init__(Notices(make_notices()), replayed(**changes), meta=meta)
        self.refusal = refusal

    async def send(self, command: Command) -> CommandResult:
        result = await super().send(command)
        if self.refusal and command.name in (CommandName.SEEK, CommandName.WHATIF):
            return CommandResult(result.request_id, accepted=False, text=self.refusal)
        return result


def curve(slope: float, fills: int, **changes: Any) -> Curve:
    """A minute of profit and a ripple, from 101,000 on."""
    times = tuple(START_NS + second * NS for second in range(60))
    equity = tuple(101_000.0 + slope * second + 20 * math.sin(second / 5) for second in range(60))
    fields: dict[str, Any] = {
        "ts_ns": times,
        "equity": equity,
        "pnl": equity[-1] - equity[0],
        "fees": fills * 0.25,
        "fills": fills,
        "max_drawdown_pct": 0.04 * fills / 10,
        "trading_state": "ACTIVE",
    }
    return Curve(**{**fields, **changes})


def make_whatif(state: WhatIfState = WhatIfState.DONE, **changes: Any) -> WhatIfView:
    """Raising a threshold costs 236 and spares 27 fills."""
    is_done = state is WhatIfState.DONE
    fields: dict[str, Any] = {
        "key": "strategy.min_signal",
        "old": 0.35,
        "new": 0.5,
        "unit": "",
        "state": state,
        "text": "",
        "done_pct": 100.0 if is_done else 43.0,
        "from_seq": 6_127,
        "from_ts_ns": START_NS,
        "until_seq": 15_842,
        "until_ts_ns": END_NS,
        "recorded": curve(6.0, 44, trading_state="REDUCING") if is_done else None,
        "base": curve(5.5, 41) if is_done else None,
        "changed": curve(1.5, 14, trading_state="HALTED") if is_done else None,
    }
    return WhatIfView(**{**fields, **changes})
