"""Which signals live, which of them count most, and how each is written."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cockpit.viewmodels.cells import Tone
from cockpit.viewmodels.numbers import NOTHING, sign_tone
from core.domain.enums import Signal, SignalFault
from core.domain.snapshot import InstrumentView

VISIBLE = 0.005
"""What is smaller shows as .00."""


def is_live(instrument: InstrumentView, signal: Signal) -> bool:
    """
    Whether a signal says something, or has lately, or is in quarantine.

    A coefficient alone does not make one live: without a feed it multiplies nothing.
    """
    if signal is Signal.MINE and instrument.mine_fault is not SignalFault.NONE:
        return True
    return (
        _size(instrument.signals[signal]) >= VISIBLE
        or _size(instrument.deviations[signal]) >= VISIBLE
    )


def weight(instrument: InstrumentView, signal: Signal) -> tuple[float, float]:
    """
    How much a signal counts: its usual part of the expected move, then how much it moves.

    Usual and not present parts: a picture must not jump with every event.
    """
    deviation = _size(instrument.deviations[signal])
    usual = deviation * _size(instrument.coefficients[signal] * instrument.reach_ticks[signal])
    return usual, deviation


def foremost(instruments: Iterable[InstrumentView], count: int) -> tuple[list[Signal], int]:
    """
    Choose the live signals that count most in any of the instruments.

    Returns:
        At most `count` of them in the order of `Signal`, and how many live ones are left out.
    """
    weights: dict[Signal, tuple[float, float]] = {}
    for instrument in instruments:
        for signal in Signal:
            if is_live(instrument, signal):
                own = weight(instrument, signal)
                weights[signal] = max(own, weights.get(signal, own))
    ranked = sorted(weights, key=lambda signal: weights[signal], reverse=True)
    kept = sorted(ranked[: max(0, count)])
    return kept, len(ranked) - len(kept)


def loudest(instrument: InstrumentView) -> list[Signal]:
    """Signals with a part in the expected move now, the largest first."""
    parts = instrument.parts_ticks
    return sorted(
        (signal for signal in Signal if _size(parts[signal]) > 0),
        key=lambda signal: -_size(parts[signal]),
    )


def ticks(value: float, *, signed: bool = True) -> str:
    """
    Write a number of ticks with three significant digits, at most six characters up to 10⁵.

    >>> ticks(0.1834), ticks(-12.34), ticks(812.0, signed=False)
    ('+0.183', '-12.3', '812')
    """
    if not math.isfinite(value):
        return NOTHING
    size = abs(value)
    decimals = 3 if size < 9.9995 else 1 if size < 99.95 else 0
    if round(size, decimals) == 0:
        return "0"
    return f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"


def value_tone(value: float) -> Tone:
    """Tone of a signal's value: its direction."""
    return sign_tone(round(value, 2)) if math.isfinite(value) else "dim"


def _size(value: float) -> float:
    return abs(value) if math.isfinite(value) else math.inf
