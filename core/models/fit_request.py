"""What a fit is asked for, besides the bars themselves."""

from __future__ import annotations

import msgspec

from core.models.model_set import ModelSet


class Basket(msgspec.Struct, frozen=True):
    """A declared composition, in ticks of the target per tick of each part."""

    symbol: str
    weights: dict[str, float]


class FitRequest(msgspec.Struct, frozen=True):
    """What to fit, besides the bars themselves."""

    bar_ms: int
    symbols: tuple[str, ...]
    prior: tuple[float, ...]
    """Assumed edges, by Signal."""
    baskets: tuple[Basket, ...] = ()
    previous: ModelSet | None = None
    """The models in force: names of regimes stay, pairs that no longer hold are told so."""
    suspected: dict[str, int] = {}
    """Symbol -> number of the bar in which the kernel declared a change."""
