"""
Fair values: what each product will settle on, as far as is known, and how sure that is.

One set of draws of all observations is settled for all products, so that an ETF, its options
and its parts never contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.domain.memory import FloatArray
from core.events.draws import draw_series, white_noise
from core.events.errors import ErrorModel
from core.events.measure import related_errors
from core.events.profile import Event
from core.events.settlement import inputs, made_of, settle, work_out_terms
from core.feeds.port import Reading

DRAWS = 1_000
"""Usual number of draws: a mean is good to a 30th of the deviation, or better."""

BAND = (0.1, 0.9)
"""Quantiles of `low` and `high`: the band holds 80 of 100 outcomes."""


@dataclass(frozen=True, slots=True)
class FairValue:
    """What one product is worth. All numbers are finite, in the product's price."""

    symbol: str
    known: float | None
    """What it would settle on with what is known so far alone; None before anything is."""
    expected: float
    """Mean of all draws."""
    deviation: float
    """Of the draws: how far the settlement may be from it. 0 once all is known."""
    low: float
    """One outcome in ten is below."""
    high: float
    """One outcome in ten is above."""
    as_of_ts_ns: int
    """When the oldest of what it rests on was last told, UTC: its age is that of a dead feed."""
    settles_ts_ns: int
    """Moment of settlement, UTC."""


class Pricer:
    """
    Fair values of one event. No clock and no socket: it knows what it is told.

    Args:
        event: What is traded.
        draws: How many; even.
        seed: The same seed and the same news make the same values, bit for bit.
    """

    def __init__(self, event: Event, *, draws: int = DRAWS, seed: int = 0) -> None:
        if draws < 2 or draws % 2:
            raise ValueError(f"draws = {draws} must be even and at least 2")
        self.event = event
        self._inputs = inputs(event)
        self._made_of = made_of(event)
        self._series = draw_series(event, draws, seed)
        self._correlations = {(first, second): value for first, second, value in event.correlations}
        self._premiums = _premiums(event, draws, seed)
        self._stale = set().union(*self._inputs.values())
        self._names: dict[str, FloatArray] = {}
        self._settled: dict[str, FloatArray] = {}
        self._values: dict[str, FairValue] = {}
        self._prices: dict[str, tuple[float, int]] = {}
        self._unpriced: dict[str, str] = {}

    def take(self, reading: Reading) -> bool:
        """Take in what a feed told; whether any fair value may have changed."""
        is_news = False
        for drawn in self._series.values():
            timeline = drawn.timeline
            news = [timeline.observe(told) for told in reading.observations if timeline.takes(told)]
            news += [timeline.foresee(told) for told in reading.vintages if timeline.takes(told)]
            if any(news):
                self._stale.add(timeline.series.name)
                is_news = True
        return is_news

    def mark(self, symbol: str, price: float, ts_ns: int) -> None:
        """
        Say what the market pays for a product that nothing else values.

        Raises:
            ValueError: If the product is none of those, or the price is no finite number.
        """
        if not math.isfinite(price):
            raise ValueError(f"{symbol}: price = {price} is not a finite number")
        if self._inputs.get(symbol) is None or symbol not in self._inputs[symbol]:
            raise ValueError(f"{symbol} is not a product of {self.event.name} that is_market")
        self._prices[symbol] = (price, ts_ns)
        self._settled[symbol] = np.full((1, 1), price)
        self._stale.add(symbol)

    def refit(self, before_ts_ns: int) -> None:
        """
        Measure the errors of all outlooks on what was known before a moment.

        Takes tenths of a second with weeks of forecasts: not for every observation.
        """
        for first, second, assumed in self.event.correlations:
            leader, follower = self._series[first], self._series[second]
            value = related_errors(leader.timeline, follower.timeline, assumed, before_ts_ns)
            follower.follow(leader, value)
            self._correlations[first, second] = value
        for name, drawn in self._series.items():
            drawn.refit(before_ts_ns)
            self._stale.add(name)

    def errors(self) -> Mapping[str, ErrorModel]:
        """Errors of the outlooks as they are believed to be, by observation."""
        return {name: drawn.model for name, drawn in self._series.items()}

    def correlations(self) -> Mapping[tuple[str, str], float]:
        """Of the errors of two observations, as they are believed to be."""
        return dict(self._correlations)

    def values(self) -> tuple[FairValue, ...]:
        """Fair values of all products that have one, in the profile's order."""
        self._bring_up_to_date()
        # A feed that tells the same again moves no value, and yet it is not silent.
        return tuple(
            replace(self._values[entry.symbol], as_of_ts_ns=self._as_of(entry.symbol))
            for entry in self.event.products
            if entry.symbol in self._values
        )

    def missing(self) -> tuple[str, ...]:
        """Observations and market prices that products need and nobody has told of."""
        self._bring_up_to_date()
        used = frozenset().union(*(self._inputs[entry.symbol] for entry in self.event.products))
        return tuple(sorted(name for name in used if self._is_missing(name)))

    def unpriced(self) -> Mapping[str, str]:
        """Why a product has no fair value, by symbol."""
        self._bring_up_to_date()
        return dict(self._unpriced)

    def draws(self, symbol: str) -> FloatArray:
        """Outcomes of one product, shape (draws,); (1,) if there is only one; empty if unpriced."""
        self._bring_up_to_date()
        settled = self._settled.get(symbol)
        return np.empty(0) if settled is None else settled[:, 0].copy()

    def _bring_up_to_date(self) -> None:
        if not self._stale:
            return
        stale, self._stale = self._stale, set()
        touched = [name for name, used in self._inputs.items() if used & stale]
        for name in touched:
            if name not in self._prices:
                self._names.pop(name, None)
                self._settled.pop(name, None)
        for name in stale & self._series.keys():
            drawn = self._series[name]
            drawn.look()
            if not drawn.is_blind:
                self._names[name] = drawn.paths
        symbols = [symbol for symbol in self.event.order if symbol in touched]
        self._names |= work_out_terms(self.event, self._names, symbols)
        self._settled |= settle(
            self.event, self._names, self._settled, self._premiums, only=symbols
        )
        known = self._known(symbols)
        for symbol in symbols:
            self._judge(symbol, known.get(symbol))

    def _judge(self, symbol: str, known: float | None) -> None:
        self._values.pop(symbol, None)
        self._unpriced.pop(symbol, None)
        settled = self._settled.get(symbol)
        if settled is None:
            missing = self._missing(symbol)
            self._unpriced[symbol] = (
                f"too little is known yet of {missing}"
                if missing
                else "a product that it is made of has no value"
            )
            return
        if not np.isfinite(settled).all():
            del self._settled[symbol]
            self._unpriced[symbol] = "its formula divides by nothing, or the like, in some draws"
            return
        low, high = _quantiles(settled[:, 0], BAND)
        is_certain = settled.min() == settled.max()
        self._values[symbol] = FairValue(
            symbol=symbol,
            known=known,
            expected=float(low if is_certain else settled.mean()),
            deviation=0.0 if is_certain else float(settled.std()),
            low=float(low),
            high=float(high),
            as_of_ts_ns=self._as_of(symbol),
            settles_ts_ns=self.event.end_ts_ns,
        )

    def _missing(self, symbol: str) -> str:
        used = sorted(self._inputs[symbol])
        return ", ".join(name for name in used if self._is_missing(name))

    def _is_missing(self, name: str) -> bool:
        if name in self._series:
            return self._series[name].is_blind
        return name not in self._prices

    def _as_of(self, symbol: str) -> int:
        return min((self._told_ts_ns(name) for name in self._inputs[symbol]), default=0)

    def _told_ts_ns(self, name: str) -> int:
        if name in self._series:
            return self._series[name].timeline.told_ts_ns
        return self._prices.get(name, (0.0, 0))[1]

    def _known(self, symbols: Sequence[str]) -> dict[str, float]:
        """Settlements of what is known alone."""
        known: dict[str, float] = {}
        prices = {symbol: np.full((1, 1), price) for symbol, (price, _) in self._prices.items()}
        for used in {self._inputs[symbol] for symbol in symbols}:
            alike = [symbol for symbol in symbols if self._inputs[symbol] == used]
            parts = frozenset().union(*(self._made_of[symbol] for symbol in alike))
            settled = prices | settle(self.event, self._cut(used), prices, only=parts)
            known |= {
                symbol: settled[symbol].item()
                for symbol in alike
                if symbol in settled and np.isfinite(settled[symbol])
            }
        return known

    def _cut(self, names: Collection[str]) -> dict[str, FloatArray]:
        """Known values of series, those with equal bins as far as the shortest is known."""
        chosen = [self._series[name] for name in names if name in self._series]
        complete: dict[int, int] = {}
        for drawn in chosen:
            minutes = drawn.timeline.series.settings.bin_minutes
            complete[minutes] = min(drawn.complete, complete.get(minutes, drawn.complete))
        cut = {}
        for drawn in chosen:
            settings = drawn.timeline.series.settings
            bins = complete[settings.bin_minutes]
            if bins > 0:
                cut[settings.name] = drawn.known[None, : bins + settings.includes_start]
        return cut


def _quantiles(values: FloatArray, chances: Sequence[float]) -> list[float]:
    """As `np.quantile`, which takes longer to look at its arguments than to find them."""
    places = [chance * (len(values) - 1) for chance in chances]
    below = [int(place) for place in places]
    above = [min(place + 1, len(values) - 1) for place in below]
    ranked = np.partition(values, sorted({*below, *above}))
    return [
        float(ranked[low] + (place - low) * (ranked[high] - ranked[low]))
        for place, low, high in zip(places, below, above, strict=True)
    ]


def _premiums(event: Event, draws: int, seed: int) -> dict[str, FloatArray]:
    random = np.random.default_rng([seed, len(event.series)])
    premiums = {}
    for entry in event.products:
        if entry.premium_error:
            noise = white_noise(random, draws, 1)
            premiums[entry.symbol] = entry.premium + entry.premium_error * noise
    return premiums
