"""Whether a run shows an edge, in plain sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.reports.bootstrap import LEVEL_PCT, Interval

_SURE = 0.95
"""Probability of an edge that is asked for."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the sentences are made of."""

    fills: int
    bars: int
    bar_s: int
    sharpe: Interval
    deflated_sharpe: float
    trials: int
    detectable_pnl: float
    track_record_s: float
    span_s: float
    closing_fills: int
    is_lost: bool
    """The account fell to 0 or below."""


def sentences(judged: Judged, min_bars: int, min_closing_fills: int) -> list[str]:
    """Say what was shown, how sure that is, and what would be needed."""
    if judged.is_lost:
        return ["The account was lost: there are no returns to judge."]
    if not judged.fills:
        return ["Nothing was traded: there is nothing to judge."]
    if judged.bars < min_bars or not judged.sharpe.is_known:
        return [
            (
                f"Too short to judge: {judged.bars:,} returns of {length(judged.bar_s)}, and at "
                f"least {min_bars} different ones are needed. Run it over more data."
            )
        ]
    said = [_edge(judged)]
    if judged.closing_fills < min_closing_fills:
        said.append(
            f"Only {judged.closing_fills:,} fills closed something: win rate and profit factor "
            f"have no interval below {min_closing_fills}."
        )
    return said


def _edge(judged: Judged) -> str:
    sharpe = judged.sharpe
    chance = f"{100 * judged.deflated_sharpe:.0f} %"
    level = f"the {LEVEL_PCT} % interval of the Sharpe ratio"
    if sharpe.holds_zero:
        text = f"No edge shown: {level} holds 0."
        if math.isfinite(judged.detectable_pnl):
            text += (
                f" Only a PnL beyond {judged.detectable_pnl:,.2f} would have been seen four "
                "times in five."
            )
        if sharpe.value > 0.0 and judged.track_record_s > judged.span_s:
            text += f" Were it as good as it looks, {length(judged.track_record_s)} would show it."
        return text
    if sharpe.high < 0.0:
        return f"It loses: {level} lies below 0."
    if judged.trials > 1 and not judged.deflated_sharpe >= _SURE:
        return (
            f"No edge shown: {level} lies above 0, but the best of {judged.trials:,} variants is "
            f"expected to look good. The probability of an edge is {chance}."
        )
    text = f"An edge is shown on this data: {level} lies above 0."
    if judged.trials == 1:
        return f"{text} Try it on data it has not seen."
    return f"{text} After {judged.trials:,} variants its probability is {chance}."


def length(seconds: float) -> str:
    """Write a length of time in the largest unit that it is one of, or two where that is long."""
    for unit, size in (("years", 365 * 86_400), ("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= (2 if size > 3_600 else 1) * size:
            return _rounded(seconds / size, unit)
    return _rounded(seconds, "s")


def _rounded(count: float, unit: str) -> str:
    digits = 0 if count >= 10 or count == int(count) else 1
    return f"{count:,.{digits}f} {unit}"
