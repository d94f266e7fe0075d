"""The regime timeline: what the market was doing, when it changed, and how sure that is."""

from __future__ import annotations

import math
from itertools import groupby

from cockpit.viewmodels.cells import Line, Segment, Tone, fit
from cockpit.viewmodels.graphs import RISING, bucket_of, buckets
from cockpit.viewmodels.numbers import NS_PER_S, clock, duration, percent
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import REGIME_LETTERS, REGIME_WORDS, SHORT_REGIME_WORDS
from core.domain.decision import ChangeView, ModelView
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

ROOMY_WIDTH = 56
SUSPECTED, CONFIRMED = "┊", "┃"
CHANGE = "=change="
LIKELY = 0.5
"""Probability from which a change is said before it is declared."""


def regime_title(view: View) -> Line:
    """The regime in words, how sure, whether it has just changed, since when, by what model."""
    instrument = view.instrument
    if instrument is None:
        return ()
    title: list[Segment] = [(f"{instrument.symbol} ", "text"), *named(view, instrument)]
    if is_fresh(view, instrument.change):
        title.append((f" {CHANGE} {instrument.change.bars_ago} bars", "warn"))
    elif instrument.change.probability >= LIKELY:
        title.append((f" {CHANGE} {percent(instrument.change.probability * 100)} %?", "warn"))
    if instrument.regime_since_ns:
        title.append((f" since {clock(instrument.regime_since_ns)[:5]}", "dim"))
    if (model := instrument.model) is not None:
        title.append((" fitted" if model.version else " assumed", "dim"))
    return tuple(title)


def named(view: View, instrument: InstrumentView) -> list[Segment]:
    """Name of the regime with its probability; UNCERTAIN where that is too small to trade."""
    probability = instrument.regime_probability.get(instrument.regime, math.nan)
    certainty: Segment = (f" {percent(probability * 100)} %", "text")
    if instrument.regime is not Regime.UNKNOWN and probability < _threshold(view):
        name = SHORT_REGIME_WORDS[instrument.regime]
        return [("UNCERTAIN", "warn"), (f" {name}", REGIME_TONES[instrument.regime]), certainty]
    return [(REGIME_WORDS[instrument.regime], REGIME_TONES[instrument.regime]), certainty]


def is_fresh(view: View, change: ChangeView) -> bool:
    """Whether the last change still casts doubt on what is decided."""
    bars = view.parameter("strategy.change_bars") or 0.0
    return change.bars_ago is not None and change.bars_ago < bars


def regime_lines(view: View, width: int, height: int) -> list[Line]:
    """Letters of the selected instrument; certainty and axis; words; then the others."""
    instrument = view.instrument
    if view.snapshot is None or instrument is None:
        return []
    threshold = _threshold(view)
    if height == 1:
        return [_compact(instrument, width, threshold)]
    now_ns = view.snapshot.ts_ns
    lines = [
        letters(instrument, width, threshold),
        _certainty(instrument, width),
        axis(instrument, width),
        _probabilities(instrument, now_ns),
        change_words(instrument.change, now_ns, short=width < ROOMY_WIDTH),
        model_words(instrument.model, now_ns),
    ]
    others = [other for other in view.snapshot.instruments if other.index != instrument.index]
    if height > len(lines):
        lines += _others(others, width, height - len(lines), threshold)
    return lines[:height]


def letters(instrument: InstrumentView, width: int, threshold: float = 0.0) -> Line:
    """
    One letter a stretch of time, newest on the right: T, M, H, or a dot for unknown.

    Small letters are below the threshold of certainty; a bar stands where the returns
    changed, a heavy one if that was confirmed.
    """
    timeline = instrument.timeline
    chosen = buckets(timeline.ts_ns, width)
    cells = [
        _letter(timeline.regime[index], timeline.regime_probability[index] < threshold)
        for index in chosen
    ]
    change = instrument.change
    column = bucket_of(timeline.ts_ns, chosen, change.ts_ns)
    if column is not None:
        cells[column] = (CONFIRMED if change.is_confirmed else SUSPECTED, "warn")
    runs: list[Segment] = [
        ("".join(letter for letter, _ in group), tone)
        for tone, group in groupby(cells, key=lambda cell: cell[1])
    ]
    return ((" " * (width - len(cells)), "text"), *runs)


def _letter(regime: Regime, is_uncertain: bool) -> Segment:
    letter = REGIME_LETTERS[regime]
    return (letter.lower(), "dim") if is_uncertain else (letter, REGIME_TONES[regime])


def axis(instrument: InstrumentView, width: int) -> Line:
    """Times of day under the letters, about one every twenty columns, and the last change."""
    ts_ns = instrument.timeline.ts_ns
    chosen = buckets(ts_ns, width)
    cells = [" "] * width
    offset = width - len(chosen)
    for column in range(offset, width - 7, 20):
        cells[column : column + 9] = f"└{clock(ts_ns[chosen[column - offset]])}"
    text = "".join(cells)[:width]
    changed = bucket_of(ts_ns, chosen, instrument.change.ts_ns)
    if changed is None:
        return ((text, "faint"),)
    start = min(max(0, offset + changed - len(CHANGE) // 2), max(0, width - len(CHANGE)))
    return (
        (text[:start], "faint"),
        (CHANGE, "warn"),
        (text[start + len(CHANGE) :], "faint"),
    )


def change_words(change: ChangeView, now_ns: int, *, short: bool = False) -> Line:
    """Say when the last change was, whether it is confirmed, and how likely a new one is."""
    likely: Segment = (f"now {percent(change.probability * 100)} %", "dim")
    if change.bars_ago is None:
        return (("no change seen  ", "dim"), likely)
    certain: Segment = ("confirmed", "text") if change.is_confirmed else ("suspected", "dim")
    ago = f" {change.bars_ago} bars ago"
    if change.ts_ns and not short:
        ago += f", {duration((now_ns - change.ts_ns) / NS_PER_S)}"
    return ((CHANGE, "warn"), (f"{ago}, ", "text"), certain, ("  ", "text"), likely)


def model_words(model: ModelView | None, now_ns: int) -> Line:
    """Say which edges are in force."""
    if model is None:
        return ()
    if not model.version:
        return (("edges ", "dim"), ("assumed", "text"), (", not fitted yet", "dim"))
    ago = duration((now_ns - model.updated_ts_ns) / NS_PER_S)
    at = clock(model.updated_ts_ns)[:5]
    return (("edges ", "dim"), ("fitted", "text"), (f" at {at}, {ago} ago", "dim"))


def _threshold(view: View) -> float:
    return view.parameter("strategy.min_regime_probability") or 0.0


def _compact(instrument: InstrumentView, width: int, threshold: float) -> Line:
    span_s = (
        (instrument.timeline.ts_ns[-1] - instrument.timeline.ts_ns[0]) / NS_PER_S
        if instrument.timeline.ts_ns
        else 0
    )
    ago = f"-{duration(span_s)} "
    room = width - len(ago) - 4
    return ((ago, "faint"), *letters(instrument, room, threshold), (" now", "faint"))


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
    if not instrument.regime_since_ns:
        return tuple(probabilities(instrument))
    lasted = duration((now_ns - instrument.regime_since_ns) / NS_PER_S)
    return (*probabilities(instrument), (f"for {lasted}", "dim"))


def probabilities(instrument: InstrumentView) -> list[Segment]:
    """Filtered probability of each regime."""
    line: list[Segment] = []
    for regime in (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY):
        share = instrument.regime_probability.get(regime, math.nan)
        line += [
            (f"{REGIME_LETTERS[regime]} ", REGIME_TONES[regime]),
            (f"{percent(share * 100):>3} %  ", "text"),
        ]
    return line


def _others(others: list[InstrumentView], width: int, rows: int, threshold: float) -> list[Line]:
    label = min(LABEL, 1 + max((len(other.symbol) for other in others), default=0))
    return [
        ((fit(other.symbol, label - 1) + " ", "dim"), *letters(other, width - label, threshold))
        for other in others[: max(0, rows)]
    ]
