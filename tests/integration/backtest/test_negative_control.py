"""A sweep over a market without any pattern finds none, and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.data.event_file import write_events
from core.data.loader import load_data
from core.domain.enums import EventKind
from core.domain.memory import as_records
from core.research.sweep.crew import Alone
from core.research.sweep.evaluation import Laboratory
from core.research.sweep.report import sweep_json
from core.research.sweep.results import Results
from core.research.sweep.score import Objective
from core.research.sweep.search import Plan, Sampler
from core.research.sweep.space import Dimension, Space, overrides
from core.research.sweep.splits import Scheme, cut
from core.research.sweep.sweep import run_sweep
from core.settings.loader import load_settings

NS = 1_000_000_000
DAY = "prosperity3/round1/prices_round_1_day_0.csv.gz"
BASE = ("strategy.min_regime_probability=0.0", "strategy.min_confidence=0.0", "edge.obi=0.0",
        "edge.ofi=0.0", "edge.microprice=0.0", "edge.depth=0.0", "edge.trade_flow=0.0")  # fmt: skip


def shuffled(data, seed):
    """The same books, with the moves of each mid in another order: nothing follows from them."""
    events = as_records(np.array(data.events))
    rng = np.random.default_rng(seed)
    for index in range(len(data.instruments)):
        is_ours = events["instrument"] == index
        places = np.flatnonzero(is_ours & (events["kind"] == EventKind.BOOK))
        places = places[(events["bid_lots"][places, 0] > 0) & (events["ask_lots"][places, 0] > 0)]
        middle = (events["bid_ticks"][places, 0] + events["ask_ticks"][places, 0]) // 2
        moves = rng.permutation(np.diff(middle)) * rng.choice((-1, 1), len(middle) - 1)
        shifts = np.concatenate(([0], np.cumsum(moves) - (middle[1:] - middle[0])))
        near = np.searchsorted(places, np.flatnonzero(is_ours), side="right") - 1
        by_event = shifts[np.maximum(near, 0)]
        for place, shift in zip(np.flatnonzero(is_ours), by_event.tolist(), strict=True):
            for side in ("bid", "ask"):
                events[f"{side}_ticks"][place] += shift * (events[f"{side}_lots"][place] > 0)
            if events["price_ticks"][place]:
                events["price_ticks"][place] += shift
    return replace(data, events=events)


def choices(key, *values):
    return Dimension(key, values, 0.0, 0.0, 0.0, is_log=False, is_whole=False, condition=None)


def test_shuffled_returns_hold_no_edge(recorded, tmp_path):
    data = shuffled(load_data([recorded / DAY]).part(0.0, 30.0), seed=5)
    market = write_events(data, tmp_path / "events.bin")
    laboratory = Laboratory(market, cut(data.first_ts_ns, data.last_ts_ns, 4), NS, (), ())
    space = Space((choices("edge.momentum", -3.0, 3.0), choices("edge.reversion", -3.0, 0.0, 3.0)))
    result = run_sweep(
        laboratory,
        Alone(laboratory),
        Results(None, laboratory),
        space,
        Plan(Sampler.GRID, 0, (Objective.SHARPE,), 10 * NS, 1, prunes=False),
        Scheme.PURGED,
        lambda values: load_settings("prosperity", [], [*BASE, *overrides(values)])
        .settings.model_dump_json(),
        lambda _done, _expected: None,
    )  # fmt: skip
    document = sweep_json(result)
    assert document["out_of_sample"]["fills"] > 50
    assert not document["verdict"][0].startswith("An edge")
    assert document["out_of_sample"]["sharpe"]["low"] < 0.0
