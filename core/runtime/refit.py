"""Models fitted again while trading: when, on what, and what becomes of the result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from core.domain.instrument import Instrument
from core.models.bars import Observations, observations_of
from core.models.fit_request import FitRequest
from core.models.model_set import Kind, ModelSet, SpreadRows, model_events
from core.models.prior import declared_baskets, edge_values
from core.models.refusal import Refusal
from core.runtime.engine import Engine
from core.runtime.reporter import Reporter
from core.settings.model import Settings

CHECK_S = 1.0
"""How often it is asked whether a fit is due."""
LEAST_GAP_S = 30.0
"""Between two fits, however much changes."""
LEAST_BARS = 200
"""Of the instrument that has most: before, there is nothing to learn."""
_AFTER_CHANGE_BARS = 20
"""Bars after a change before it is fitted on: an offline method has to see both sides."""


class Worker(Protocol):
    """Where fits are done."""

    def run(
        self, request: FitRequest, seen: dict[str, Observations], timeout_s: float
    ) -> ModelSet | Refusal:
        """Fit, in a thread of the caller's."""
        ...

    def stop(self) -> None:
        """End a fit that is under way."""
        ...


class Refitter:
    """
    Asks for fits on a schedule and after change points, one at a time.

    Args:
        engine: Where the models go, as events.
        reporter: Told what came of each fit.
        settings: When, and how long it may take.
        instruments: What is traded.
        rows: Places of the spreads in this run.
        worker: Does the work.
    """

    def __init__(
        self,
        engine: Engine,
        reporter: Reporter,
        settings: Settings,
        instruments: Sequence[Instrument],
        rows: SpreadRows,
        worker: Worker,
    ) -> None:
        self._engine = engine
        self._reporter = reporter
        self._settings = settings
        self._instruments = instruments
        self._rows = rows
        self._worker = worker
        self._prior = tuple(edge_values(settings.edge))
        self._baskets = declared_baskets(settings, instruments)
        self._models: ModelSet | None = None
        self._changes_seen = np.zeros(len(instruments), np.int64)
        self._last_s = time.monotonic()

    async def run(self) -> None:
        """Refit until canceled."""
        threads = ThreadPoolExecutor(1, "refit")
        try:
            while True:
                await asyncio.sleep(CHECK_S)
                if self._is_due():
                    await self.refit(threads)
        finally:
            self._worker.stop()
            threads.shutdown(wait=False, cancel_futures=True)

    def _is_due(self) -> bool:
        states = self._engine.state.instruments
        if int(states["bars_recorded"].max()) < LEAST_BARS:
            return False
        waited_s = time.monotonic() - self._last_s
        if self._models is None or waited_s >= self._settings.models.refit_every_s:
            return True
        return waited_s >= LEAST_GAP_S and bool(self._suspected())

    def _suspected(self) -> dict[str, int]:
        """Instruments with a change that no fit has looked at yet, and its bar."""
        states = self._engine.state.instruments
        return {
            str(instrument.symbol): int(row["change_bar"])
            for instrument, row, seen in zip(
                self._instruments, states, self._changes_seen, strict=True
            )
            if row["changes"] > seen and row["bars"] - row["change_bar"] >= _AFTER_CHANGE_BARS
        }

    async def refit(self, threads: ThreadPoolExecutor) -> None:
        """Fit once, and hand what was found to the engine."""
        self._last_s = time.monotonic()
        suspected = self._suspected()
        request = FitRequest(
            bar_ms=self._settings.strategy.bar_ms,
            symbols=tuple(str(instrument.symbol) for instrument in self._instruments),
            prior=self._prior,
            baskets=self._baskets,
            previous=self._models,
            suspected=suspected,
        )
        seen = await self._observations()
        for index, instrument in enumerate(self._instruments):
            if str(instrument.symbol) in suspected:
                self._changes_seen[index] = self._engine.state.instruments["changes"][index]
        timeout_s = self._settings.models.fit_timeout_s
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(threads, self._worker.run, request, seen, timeout_s)
        if isinstance(result, Refusal):
            self._reporter.say("engine", "warning", f"models stay as they are: {result.reason}")
            return
        self._take(result, suspected)

    async def _observations(self) -> dict[str, Observations]:
        """Copy what the kernel has left, one instrument at a time: the loop must not wait."""
        seen: dict[str, Observations] = {}
        for index, instrument in enumerate(self._instruments):
            seen[str(instrument.symbol)] = observations_of(
                self._engine.state, index, self._settings.models.refit_bars
            )
            await asyncio.sleep(0)
        return seen

    def _take(self, models: ModelSet, suspected: dict[str, int]) -> None:
        for row in model_events(models, self._instruments, self._rows):
            self._engine.put(row)
        self._engine.flush()
        self._engine.note({"models": f"{models.version:012x}", "bars": models.bars})
        self._models = models
        self._reporter.say("engine", "info", f"models fitted: {_counts(models)}")
        for model in models.models:
            if model.kind in {Kind.PAIR, Kind.CHANGE}:
                self._reporter.say("engine", "info", model.text, " ".join(model.instruments))
        for refused in models.refused:
            if refused.kind is Kind.CHANGE:
                where = f"the change at bar {suspected[refused.instruments[0]]} is not confirmed"
                self._reporter.say(
                    "model", "info", f"{where}: {refused.reason}", refused.instruments[0]
                )


def _counts(models: ModelSet) -> str:
    """Say what was fitted, kind by kind, out of what was tried."""
    fitted = [model.kind for model in models.models]
    tried = fitted + [refused.kind for refused in models.refused]
    parts = [
        f"{fitted.count(kind)} of {tried.count(kind)} {kind}s"
        for kind in Kind
        if kind in tried and kind is not Kind.CHANGE
    ]
    return f"{', '.join(parts)}, on {models.bars} bars"
