"""The regime timeline: what the market was doing, minute by minute, and how sure that is."""

from __future__ import annotations

import math
from itertools import groupby

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.graphs import RISING, buckets
from cockpit.viewmodels.numbers import NS_PER_S, clock, duration, percent
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import REGIME_LETTERS, REGIME_WORDS
from core.domain.enums import Regime
from core.domain.snapshot import InstrumentView

REGIME_TONES: dict[Regime, Tone] = {
    Regime.UNKNOWN: "faint",
    Regime.TRENDING: "trend",
    Regime.MEAN_REVERTING: "revert",
    Regime.HIGH_VOLATILITY: "volatile",
}

LABEL = 16
"""Most columns for a symbol beside its timeline."""


def regime_title(view: View) -> Line:
    """The regime in words, since when, how sure."""
    instrument = view.instrument
    if instrument is None:
        return ()
    probability = instrument.regime_probability.get(instrument.regime, math.nan)
    return (
        (f"{instrument.symbol} ", "text"),
        (REGIME_WORDS[instrument.regime], REGIME_TONES[instrument.regime]),
        (f" {percent(probability * 100)} %", "text"),
        (f" since {clock(instrument.regime_since_ns)[:5]}", "dim"),
    )


def regime_lines(view: View, width: int, height: int) -> list[Line]:
    """Letters of the selected instrument; then certainty and axis; then the others."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return []
    if height == 1:
        return [_compact(instrument, width)]
    lines = [letters(instrument, width), _certainty(instrument, width), axis(instrument, width)]
    if height >= 4:
        lines.append(_probabilities(instrument, view.snapshot.ts_ns))
    others = [other for other in view.snapshot.instruments if other.index != instrument.index]
    if height >= 7:
        lines += _others(others, width, height - len(lines))
    return lines[:height]


def letters(instrument: InstrumentView, width: int) -> Line:
    """One letter a stretch of time, newest on the right: T, M, H, or a dot for unknown."""
    timeline = instrument.timeline
    regimes = [timeline.regime[index] for index in buckets(timeline.ts_ns, width)]
    pad: Segment = (" " * (width - len(regimes)), "text")
    runs: list[Segment] = [
        (REGIME_LETTERS[regime] * len(list(group)), REGIME_TONES[regime])
        for regime, group in groupby(regimes)
    ]
    return (pad, *runs)


def axis(instrument: InstrumentView, width: int) -> Line:
    """Times of day under the letters, about one every twenty columns."""
    ts_ns = instrument.timeline.ts_ns
    chosen = buckets(ts_ns, width)
    cells = [" "] * width
    offset = width - len(chosen)
    for column in range(offset, width - 7, 20):
        cells[column : column + 9] = f"└{clock(ts_ns[chosen[column - offset]])}"
    return (("".join(cells)[:width], "faint"),)


def _compact(instrument: InstrumentView, width: int) -> Line:
    span_s = (
        (instrument.timeline.ts_ns[-1] - instrument.timeline.ts_ns[0]) / NS_PER_S
        if instrument.timeline.ts_ns
        else 0
    )
    ago = f"-{duration(span_s)} "
    return ((ago, "faint"), *letters(instrument, width - len(ago) - 4), (" now", "faint"))


def _certainty(instrument: InstrumentView, width: int) -> Line:
    timeline = instrument.timeline
    chosen = buckets(timeline.ts_ns, width)
    bars = "".join(_eighth(timeline.regime_probability[index]) for index in chosen)
    return ((" " * (width - len(chosen)), "text"), (bars, "dim"))


def _eighth(probability: float) -> str:
    if not math.isfinite(probability):
        return " "
    return RISING[max(0, min(8, round(probability * 8)))]


def _probabilities(instrument: InstrumentView, now_ns: int) -> Line:
    line: list[Segment] = []
    for regime in (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY):
        share = instrument.regime_probability.get(regime, math.nan)
        line += [
            (f"{REGIME_LETTERS[regime]} ", REGIME_TONES[regime]),
            (f"{percent(share * 100):>3} %  ", "text"),
        ]
    lasted = duration((now_ns - instrument.regime_since_ns) / NS_PER_S)
    return (*line, (f"for {lasted}", "dim"))


def _others(others: list[InstrumentView], width: int, rows: int) -> list[Line]:
    label = min(LABEL, 1 + max((len(other.symbol) for other in others), default=0))
    return [
        ((fit(other.symbol, label - 1) + " ", "dim"), *letters(other, width - label))
        for other in others[: max(0, rows)]
    ]
