"""Settings of the simulated venue: how a recorded market treats our orders."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.tables.section import Section

_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_MOMENT = rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T)?{_TIME}"
_Delay = Annotated[int, Field(ge=0, le=60_000_000)]


class SimulationSettings(Section):
    """How recorded markets answer in backtests, replays of data and sweeps."""

    latency: Literal["constant", "sampled", "recorded"]
    """
    `constant`: the numbers below. `sampled`: lognormal around them. `recorded`: of a run, what
    each of its orders took; of other data, what its books took from the venue's clock to ours.
    """

    order_latency_us: _Delay
    """An order on its way to the venue: microseconds, the median where they are sampled."""

    answer_latency_us: _Delay
    """Its answer, and every fill, on the way back."""

    feed_latency_us: _Delay
    """A book or trade on its way to us: the market is that much further than we see."""

    latency_spread: Annotated[float, Field(ge=0, le=3)]
    """Standard deviation of the logarithm of a sampled latency."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Of sampled latencies: the same seed is the same run."""

    queue: Literal["risk_averse", "probabilistic"]
    """
    Who cancels at the price where we rest: all behind us, or those ahead in proportion.

    Trades move us forward in either case.
    """

    queue_power: Annotated[float, Field(ge=0.1, le=10)]
    """Of the probabilistic queue: higher means more cancels in the longer part of the queue."""

    impact: bool
    """What we took stays taken while the recording still shows it."""

    slippage_ticks: Annotated[int, Field(ge=0, le=1_000)]
    """What taking costs in addition to the price in the book."""

    requests_per_s: Annotated[float, Field(ge=0, le=100_000)]
    """Orders and cancels leave no faster than this and wait in line; 0 for no limit."""

    halts: tuple[Annotated[str, Field(pattern=rf"^{_MOMENT}/{_MOMENT}$", max_length=64)], ...]
    """
    When nobody trades, UTC: `12:00:00/12:05:00` each day, or with dates before the times.

    Orders are refused, what rests stays, cancels work.
    """

    @model_validator(mode="after")
    def _halts_are_times(self) -> Self:
        for text in self.halts:
            if reason := _fault(text):
                raise ValueError(f'halts: "{text}" is no stretch of time: {reason}')
        return self


def _fault(halt: str) -> str:
    """What is wrong with a halt; empty if nothing is."""
    start, _, end = halt.partition("/")
    if ("T" in start) != ("T" in end):
        return "one end has a date and the other has none"
    try:
        if "T" in start:
            is_forward = datetime.fromisoformat(start) < datetime.fromisoformat(end)
        else:
            is_forward = time.fromisoformat(start) < time.fromisoformat(end)
    except ValueError as error:
        return str(error)
    return "" if is_forward else "it ends before it begins"
