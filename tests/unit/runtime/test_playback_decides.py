"""A recording played live decides as a backtest of it does, delays or not."""

from __future__ import annotations

import math

import pytest

from core.backtest.run import run_backtest
from core.data.dataset import DataSet
from core.settings.simulation import SimulationSettings
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params, starting_models
from tests.unit.kernel.test_batch import SWING, wave
from tests.unit.runtime.data_rig import replaying, wanted


async def played(data: DataSet, simulation: SimulationSettings) -> tuple[int, int]:
    """Decision hash and fills of a replay at full speed."""
    async with replaying(data, simulation, speed=math.inf) as rig:
        await rig.until(lambda: rig.playback.is_done)
        account = rig.state.account[0]
        return int(account["decision_hash"]), int(account["fills"])


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
