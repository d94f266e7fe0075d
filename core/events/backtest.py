"""
Whether fair values were honest: an event at many moments of a recording, and what came of it.

Every value rests on what had been told before its moment; the outcome, on all that was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray
from core.events.history import history_of, index_at, taken
from core.events.pricer import FairValue, Pricer
from core.events.profile import Event
from core.events.settlement import settle
from core.events.timeline import Timeline
from core.feeds.port import Reading


@dataclass(frozen=True, slots=True)
class Trial:
    """One fair value, and what the product settled on."""

    value: FairValue
    outcome: float
    at_ts_ns: int
    """When the value was made, UTC."""

    @property
    def is_inside(self) -> bool:
        """Whether the band held the outcome."""
        return self.value.low <= self.outcome <= self.value.high


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often the bands of one product held."""

    symbol: str
    trials: int
    inside_pct: float
    """80 would be honest."""
    bias: float
    """Mean miss, in the product's price: below 0 if it was valued too high."""
    rmse: float
    """Root of the mean squared miss."""
    mean_deviation: float
    """What the root was promised to be."""


def told_before(recording: Reading, ts_ns: int) -> Reading:
    """What of a recording had been told before a moment."""
    return Reading(
        tuple(told for told in recording.observations if told.fetched_ts_ns < ts_ns),
        tuple(told for told in recording.vintages if told.issued_ts_ns < ts_ns),
    )


def try_event(
    event: Event,
    recording: Reading,
    windows: Iterable[tuple[int, int]],
    *,
    draws: int = 1_000,
    seed: int = 0,
) -> tuple[Trial, ...]:
    """
    Value an event at many moments.

    Args:
        event: Its window gives the length; where it stands does not matter.
        recording: All that the feeds told.
        windows: The moment of each valuation and the start of its window, UTC ns.
        draws: As for `Pricer`.
        seed: As for `Pricer`.

    Returns:
        One trial per window and product that has both a fair value and an outcome.
    """
    trials: list[Trial] = []
    for at_ts_ns, start_ts_ns in windows:
        moved = event.moved(start_ts_ns)
        pricer = Pricer(moved, draws=draws, seed=seed)
        pricer.take(told_before(recording, at_ts_ns))
        pricer.refit(at_ts_ns)
        outcomes = outcome(moved, recording)
        trials.extend(
            Trial(value, outcomes[value.symbol], at_ts_ns)
            for value in pricer.values()
            if value.symbol in outcomes
        )
    return tuple(trials)


def outcome(event: Event, recording: Reading) -> dict[str, float]:
    """What the products settled on; those whose window was not recorded in full are left out."""
    series: dict[str, FloatArray] = {}
    for entry in event.series:
        timeline = Timeline(entry)
        for told in recording.observations:
            near = entry.start_ts_ns - entry.bin_ns <= told.valid_ts_ns <= event.end_ts_ns
            if near and timeline.takes(told):
                timeline.observe(told)
        history = history_of(timeline)
        values = taken(history.values, index_at(history, entry))
        if np.isfinite(values).all():
            series[entry.name] = values[None, :]
    settled = settle(event, series)
    return {symbol: value.item() for symbol, value in settled.items()}


def calibrate(trials: Sequence[Trial]) -> tuple[Calibration, ...]:
    """Sum trials up, by product in the order of their first."""
    result = []
    for symbol in dict.fromkeys(trial.value.symbol for trial in trials):
        own = [trial for trial in trials if trial.value.symbol == symbol]
        misses = np.array([trial.outcome - trial.value.expected for trial in own])
        deviations = np.array([trial.value.deviation for trial in own])
        result.append(
            Calibration(
                symbol=symbol,
                trials=len(own),
                inside_pct=100.0 * sum(trial.is_inside for trial in own) / len(own),
                bias=float(misses.mean()),
                rmse=float(np.sqrt(np.mean(misses**2))),
                mean_deviation=float(np.sqrt(np.mean(deviations**2))),
            )
        )
    return tuple(result)
