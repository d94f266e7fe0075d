"""A recording played live decides as a backtest of it does, delays or not."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress

import pytest

from core.backtest.run import run_backtest
from core.backtest.terms import simulated_desk
from core.data.dataset import DataSet
from core.kernel.state import make_state
from core.runtime.engine import Engine
from core.runtime.playback import Playback, RecordedClock
from core.settings.loader import load_settings
from core.settings.simulation import SimulationSettings
from core.venues.simulated.venue import SimulatedVenue
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params, starting_models
from tests.unit.kernel.test_batch import SWING, wave
from tests.unit.runtime.engine_rig import MemoryJournal


def wanted(**changes) -> SimulationSettings:
    defaults = load_settings().settings.simulation.model_dump()
    return SimulationSettings.model_validate(defaults | changes)


class Nobody:
    def on_applied(self, row, intents) -> None:
        pass


async def played(data: DataSet, simulation: SimulationSettings) -> tuple[int, int]:
    """Decision hash and fills of a replay at full speed."""
    clock = RecordedClock(data.first_ts_ns)
    venue = SimulatedVenue(data.instruments, clock, simulated_desk(data, simulation))
    state = make_state(data.instruments, make_params(bar_ms=100), CAPITAL * NANOS)
    engine = Engine(state, MemoryJournal(), venue.submit, Nobody(), now_ns=clock)
    for row in starting_models(SWING):
        engine.put(row)
    engine.flush()
    playback = Playback(data, venue, clock, math.inf, lambda _speed, _done: None)
    tasks = [asyncio.create_task(venue.run(engine)), asyncio.create_task(playback.run(engine))]
    while not playback.is_done:
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return int(state.account["decision_hash"][0]), int(state.account["fills"][0])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"queue": "probabilistic", "slippage_ticks": 1},
        {"order_latency_us": 130_000, "answer_latency_us": 70_000, "feed_latency_us": 20_000},
        {"latency": "sampled", "order_latency_us": 90_000, "answer_latency_us": 300_000},
        {"requests_per_s": 4.0},
        {"halts": ("08:26:50/08:27:00",)},
    ],
)
async def test_a_replay_decides_as_a_backtest(changes) -> None:
    events = wave(600)
    data = DataSet((EISBACH, ETF), "", events, ())
    tested = run_backtest(
        data,
        make_params(bar_ms=100),
        CAPITAL * NANOS,
        simulation=wanted(**changes),
        models=starting_models(SWING),
    ).account[0]
    assert (int(tested["decision_hash"]), int(tested["fills"])) == await played(
        data, wanted(**changes)
    )
    assert tested["fills"] > 0
