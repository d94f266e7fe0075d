"""The same sweep on one process and on two: what the second one is worth."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from core.data.event_file import write_events
from core.research.sweep.crew import Crew, LocalCrew
from core.research.sweep.evaluation import Laboratory, Task
from core.research.sweep.space import overrides
from core.research.sweep.splits import cut
from core.settings.loader import load_settings
from tests.perf.market import recorded
from tests.perf.row import Row, Target, median

ROUNDS = 5
TASKS = 40
DAY = "prosperity3/round1/prices_round_1_day_0.csv.gz"
_NS_PER_S = 1_000_000_000


def measure() -> list[Row]:
    """Evaluate the same tasks with crews of one and of two processes, in turn."""
    data = recorded(DAY)
    with tempfile.TemporaryDirectory(prefix="imc-bench-") as folder:
        market = write_events(data, Path(folder) / "events.bin")
        laboratory = Laboratory(
            market, cut(data.first_ts_ns, data.last_ts_ns, 2), _NS_PER_S, (), ()
        )
        with LocalCrew(laboratory, 1) as one, LocalCrew(laboratory, 2) as two:
            for crew in (one, two):
                _took_s(crew)
            alone, shared = [], []
            for _ in range(ROUNDS):
                alone.append(_took_s(one))
                shared.append(_took_s(two))
    note = (
        f"{TASKS} settings, each on half of a day of {data.length:,} events, {ROUNDS} rounds in "
        "turn; both crews have read the kernel before; on cores that share their units a second "
        "process is worth less than a second core"
    )
    return [
        Row(
            "sweep, two processes", TASKS / median(shared), "evaluations/s",
            Target(1.8, "least", "ratio"), "one process", TASKS / median(alone), note,
        )
    ]  # fmt: skip


def _took_s(crew: Crew) -> float:
    tasks = [Task(_settings(0.1 + 0.4 * number / TASKS), number % 2) for number in range(TASKS)]
    started_s = time.perf_counter()
    for outcome in crew.evaluate(tasks):
        assert not outcome.failure
    return time.perf_counter() - started_s


def _settings(min_signal: float) -> str:
    loaded = load_settings("prosperity", [], overrides({"strategy.min_signal": min_signal}))
    return loaded.settings.model_dump_json()
