"""One refit of all models, as the engine asks for it: in a process of its own."""

from __future__ import annotations

import time

import numpy as np

from core.domain.enums import N_SIGNALS
from core.domain.memory import Rows, allocate
from core.domain.records import BAR, BARS_KEPT, QUOTE, QUOTES_KEPT
from core.models.bars import Observations
from core.models.fit import fit_models
from core.models.fit_request import FitRequest
from core.models.refusal import Refusal
from core.models.worker import FitWorker
from tests.perf.row import Row, Target, Unmeasurable, median

INSTRUMENTS = 8
BAR_MS = 250
ROUNDS = 3
_TIMEOUT_S = 60.0


def measure() -> list[Row]:
    """Fit in this process, then as a worker does, start and libraries included."""
    seen = {f"P{number}": observations(number) for number in range(INSTRUMENTS)}
    request = FitRequest(BAR_MS, tuple(seen), (0.1,) * N_SIGNALS)
    fit_models(request, seen)
    inside, outside = [], []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        models = fit_models(request, seen)
        inside.append(time.perf_counter() - started_s)
        started_s = time.perf_counter()
        result = FitWorker().run(request, seen, _TIMEOUT_S)
        if isinstance(result, Refusal):
            raise Unmeasurable(result.reason)
        outside.append(time.perf_counter() - started_s)
    note = (
        f"{INSTRUMENTS} instruments of {BARS_KEPT:,} bars and {QUOTES_KEPT:,} books: edges, Kalman "
        f"noises, regimes, 28 pairs; {len(models.models)} models, {len(models.refused)} refused"
    )
    return [
        Row("refit of everything", median(inside), "s", Target(3), note=note),
        Row("refit of everything, process and imports included", median(outside), "s"),
    ]


def observations(seed: int) -> Observations:
    """Bars of a market with calm and wild stretches, and its newest books."""
    random = np.random.default_rng(seed)
    wild = np.repeat(random.random(BARS_KEPT // 100) < 0.3, 100)
    steps = random.normal(0.0, np.where(wild, 3.0, 1.0))
    bars: Rows = allocate(BAR, BARS_KEPT)
    bars["number"] = np.arange(1, BARS_KEPT + 1)
    bars["ts_ns"] = bars["number"] * BAR_MS * 1_000_000
    bars["mid_ticks"] = 10_000 + np.cumsum(steps).round() / 2
    bars["features"][:, 0] = steps
    bars["features"][:, 1] = np.where(wild, 0.8, -0.2) + random.normal(0.0, 0.2, BARS_KEPT)
    bars["features"][:, 2] = np.clip(random.normal(0.0, 0.3, BARS_KEPT), -1, 1)
    quotes: Rows = allocate(QUOTE, QUOTES_KEPT)
    quotes["ts_ns"] = np.arange(QUOTES_KEPT) * 50_000_000
    quotes["mid_ticks"] = 10_000 + np.cumsum(random.normal(0.0, 1.0, QUOTES_KEPT)).round() / 2
    quotes["reach"] = random.normal(0.0, 1.0, (QUOTES_KEPT, N_SIGNALS))
    return Observations(bars, quotes)
