"""When models are fitted again, and what becomes of the result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.domain.enums import N_SIGNALS, EventKind, Signal
from core.domain.events import EVENT_BYTES, load
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.kernel.state import make_state, to_bytes
from core.kernel.step import step
from core.models.model_set import Kind, Model, ModelSet, Refused, SpreadRows
from core.models.refusal import Refusal
from core.runtime.refit import LEAST_BARS, LEAST_GAP_S, Refitter
from core.settings.loader import load_settings
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params
from tests.unit.runtime.engine_rig import EngineRig

EDGES = tuple(0.5 if signal is Signal.DEPTH else 0.0 for signal in Signal)
FIT = ModelSet(250, 321, (Model(Kind.EDGE, ("7_ETF",), EDGES, "depth +0.500"),))


class Worker:
    """Hands back what it is told to, and remembers what it was asked."""

    def __init__(self, result) -> None:
        self.result = result
        self.asked = []

    def run(self, request, seen, timeout_s):
        self.asked.append((request, seen, timeout_s))
        return self.result

    def stop(self) -> None:
        """Nothing runs."""


def make(result=FIT, *overrides):
    rig = EngineRig()
    settings = load_settings("practice", (), overrides).settings
    worker = Worker(result)
    refitter = Refitter(rig.engine, rig.reporter, settings, (EISBACH, ETF), SpreadRows(), worker)
    return rig, refitter, worker


async def refit(refitter) -> None:
    with ThreadPoolExecutor(1) as threads:
        await refitter.refit(threads)


def seen_bars(rig, bars, **fields) -> None:
    states = rig.engine.state.instruments
    states["bars_recorded"] = states["bars"] = bars
    for name, value in fields.items():
        states[name][1] = value


def test_the_first_fit_waits_for_enough_bars() -> None:
    rig, refitter, _ = make()
    seen_bars(rig, LEAST_BARS - 1)
    assert not refitter._is_due()
    seen_bars(rig, LEAST_BARS)
    assert refitter._is_due()


async def test_later_ones_come_on_schedule_or_after_a_change(monkeypatch) -> None:
    """A change has to be twenty bars old, and two fits thirty seconds apart."""
    rig, refitter, worker = make(FIT, "models.refit_every_s=90")
    seen_bars(rig, 400)
    await refit(refitter)
    fitted_s = refitter._last_s
    now = [fitted_s]
    monkeypatch.setattr("core.runtime.refit.time.monotonic", lambda: now[0])
    seen_bars(rig, 410, changes=1, change_bar=395)
    assert not refitter._is_due(), "the last fit is too young"
    now[0] = fitted_s + LEAST_GAP_S
    assert not refitter._is_due(), "the change is too young"
    seen_bars(rig, 415, changes=1, change_bar=395)
    assert refitter._is_due()
    await refit(refitter)
    assert worker.asked[-1][0].suspected == {"7_ETF": 395}
    assert worker.asked[-1][0].previous == FIT
    now[0] += LEAST_GAP_S
    assert not refitter._is_due(), "one change is looked at once"
    now[0] += 90
    assert refitter._is_due()


async def test_a_fit_becomes_journaled_events_that_a_replay_takes_over_without_a_worker() -> None:
    rig, refitter, worker = make()
    await refit(refitter)
    assert worker.asked[0][2] == 30
    rows = [row for row in rig.journal.stored if row[24] == EventKind.MODEL_UPDATED]
    assert [len(row) for row in rows][-1] == EVENT_BYTES
    assert rig.engine.state.edges[1]["version"] == FIT.version
    assert rig.engine.state.edges[1]["edge"][Signal.DEPTH] == 0.5
    assert {"models": f"{FIT.version:012x}", "bars": 321}.items() <= rig.journal.notes[-1].items()
    assert "models fitted: 1 of 1 edges, on 321 bars" in rig.texts()

    replayed = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    events = load(rig.journal.stored)
    intents = allocate(INTENT, MAX_INTENTS)
    for index in range(len(events)):
        step(replayed, events, index, intents)
    assert to_bytes(replayed) == to_bytes(rig.engine.state)


async def test_a_fit_that_fails_leaves_the_models_and_says_so() -> None:
    rig, refitter, _ = make(Refusal("the fit took longer than 30 s and was killed"))
    before = to_bytes(rig.engine.state)
    await refit(refitter)
    assert to_bytes(rig.engine.state) == before
    assert [(n.severity, n.text) for n in rig.logged] == [
        ("warning", "models stay as they are: the fit took longer than 30 s and was killed")
    ]


async def test_what_became_of_a_suspected_change_is_told() -> None:
    confirmed = ModelSet(
        250, 400, (Model(Kind.CHANGE, ("7_ETF",), (25.0,), "a change 25 bars ago"),)
    )
    rig, refitter, worker = make(confirmed)
    seen_bars(rig, 400, changes=1, change_bar=372)
    await refit(refitter)
    assert rig.engine.state.instruments[1]["confirmed_bar"] == 375
    assert "a change 25 bars ago" in rig.texts()

    worker.result = ModelSet(250, 430, (), (Refused(Kind.CHANGE, ("7_ETF",), "PELT sees: none"),))
    seen_bars(rig, 430, changes=2, change_bar=405)
    await refit(refitter)
    assert "the change at bar 405 is not confirmed: PELT sees: none" in rig.texts()


async def test_the_worker_sees_what_the_kernel_has_left() -> None:
    _, refitter, worker = make()
    await refit(refitter)
    request, seen, _ = worker.asked[0]
    assert request.symbols == tuple(seen) == ("1_Eisbach", "7_ETF")
    assert request.bar_ms == 250
    assert len(request.prior) == N_SIGNALS
    assert np.count_nonzero(request.prior) > 0


@pytest.mark.parametrize("overrides", [(), ("models.refit_every_s=5",)])
async def test_without_bars_nothing_is_ever_due(overrides) -> None:
    _, refitter, _ = make(FIT, *overrides)
    assert not refitter._is_due()
