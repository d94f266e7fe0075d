"""What a city has to do with prices, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.models.refusal import Refusal
from core.research.inference import band
from core.research.lead_lag import Correlogram, Lead, LeadLag, by_strength

_MOST_NAMED = 4
"""Products in one sentence; the others are counted."""


def of_city(city: Sequence[LeadLag] | Refusal) -> Iterator[str]:
    """Say of each series whom it leads, then which lead nobody, and which were not judged."""
    if isinstance(city, Refusal):
        return
    names = dict.fromkeys(found.series for found in city)
    without: list[str] = []
    refused: dict[str, list[str]] = {}
    for name in names:
        pairs = [found for found in city if found.series == name]
        real = by_strength(pairs)
        if real:
            yield _of_series(name, real)
        elif all(isinstance(found.best, Refusal) for found in pairs):
            reason = next(found.best.reason for found in pairs if isinstance(found.best, Refusal))
            refused.setdefault(reason, []).append(name)
        else:
            without.append(name)
    if without:
        yield f"city: no lead in {', '.join(without)}: no move beyond chance before or after."
    for reason, unjudged in refused.items():
        yield f"city: not judged: {', '.join(unjudged)}: {reason}."


def _of_series(name: str, real: Sequence[tuple[LeadLag, Correlogram]]) -> str:
    said = ", ".join(_of_pair(found, best) for found, best in real[:_MOST_NAMED])
    more = len(real) - _MOST_NAMED
    return f"city: {name} {said}{f', and {more} more' if more > 0 else ''}."


def _of_pair(found: LeadLag, best: Correlogram) -> str:
    r = f"r = {band(best.correlation)}"
    if found.verdict is not Lead.TOGETHER:
        return f"{found.verdict.value} {found.symbol} by {abs(best.lag_s):g} s ({r})"
    ratio = best.lead_lag_ratio
    sides = "" if ratio is None else f", lead-lag ratio {ratio:.1f}"
    return f"{found.verdict.value} {found.symbol} within {best.bar_s:g} s ({r}{sides})"
