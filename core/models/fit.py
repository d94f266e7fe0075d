"""All fits of one stretch of bars, one after another: what a worker does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.domain.memory import FloatArray, Rows
from core.domain.records import WINDOW
from core.domain.spreads import REASON_VALUE, SpreadModel, SpreadReason, spread_values
from core.models.bars import Observations
from core.models.changepoint import confirm_change
from core.models.cointegration import PairFit, fit_pairs
from core.models.edges import fit_edges
from core.models.error_correction import adjustment
from core.models.fit_request import Basket, FitRequest
from core.models.kalman import fit_kalman
from core.models.model_set import Kind, Model, ModelSet, Refused
from core.models.refusal import Refusal
from core.models.regimes import REGIMES, RegimeFit, fit_regimes
from core.models.spreads import basket_model, fit_basket, pair_model

_NS_PER_MS = 1_000_000


def fit_models(request: FitRequest, seen: Mapping[str, Observations]) -> ModelSet:
    """
    Fit everything that can be fitted.

    Args:
        request: What is asked for.
        seen: What the kernel has left, by symbol.

    Returns:
        What was found, and what was not with its reason. Never raises for what the bars
        hold.
    """
    found: list[Model] = []
    refused: list[Refused] = []
    for result in _all(request, seen):
        if isinstance(result, Model):
            found.append(result)
        else:
            refused.append(result)
    most = max((len(rows.bars) for rows in seen.values()), default=0)
    return ModelSet(request.bar_ms, most, tuple(found), tuple(refused))


def usable(rows: Rows) -> Rows:
    """Leave out the bars in which the kernel's own windows were filling."""
    return rows[rows["number"] > WINDOW]


def _all(request: FitRequest, seen: Mapping[str, Observations]) -> Iterator[Model | Refused]:
    bars = {symbol: usable(rows.bars) for symbol, rows in seen.items()}
    for symbol in request.symbols:
        rows = bars[symbol]
        yield _edges(symbol, seen[symbol].quotes, request)
        yield _level(symbol, rows)
        yield _regimes(symbol, rows, request.previous)
        if symbol in request.suspected:
            yield _change(symbol, rows, request.suspected[symbol])
    for basket in request.baskets:
        yield _basket(basket, bars)
    yield from _pairs(request, bars)


def _edges(symbol: str, quotes: Rows, request: FitRequest) -> Model | Refused:
    fit = fit_edges(quotes, request.bar_ms * _NS_PER_MS, np.array(request.prior))
    if isinstance(fit, Refusal):
        return Refused(Kind.EDGE, (symbol,), fit.reason)
    return Model(Kind.EDGE, (symbol,), tuple(fit.values()), fit.text)


def _level(symbol: str, rows: Rows) -> Model | Refused:
    fit = fit_kalman(with_gaps(rows))
    if isinstance(fit, Refusal):
        return Refused(Kind.KALMAN, (symbol,), fit.reason)
    text = f"noise {fit.observation_variance:.3g}, level {fit.level_variance:.3g} ticks²"
    variances = (fit.observation_variance, fit.level_variance, fit.slope_variance)
    return Model(Kind.KALMAN, (symbol,), (*variances, float(fit.trend)), text)


def with_gaps(rows: Rows) -> FloatArray:
    """Mids with NaN for the bars that had no book."""
    numbers = rows["number"] - rows["number"][0] if len(rows) else np.zeros(0, np.int64)
    if not len(rows) or numbers[-1] > _LONGEST * len(rows):
        # More silence than market: the gaps would be most of the series.
        return np.array(rows["mid_ticks"])
    series = np.full(numbers[-1] + 1, np.nan)
    series[numbers] = rows["mid_ticks"]
    return series


_LONGEST = 4


def _regimes(symbol: str, rows: Rows, previous: ModelSet | None) -> Model | Refused:
    before = _values(previous, Kind.REGIME, symbol)
    fit = fit_regimes(
        np.array(rows["features"]), previous=RegimeFit.from_values(before) if before else None
    )
    if isinstance(fit, Refusal):
        return Refused(Kind.REGIME, (symbol,), fit.reason)
    return Model(Kind.REGIME, (symbol,), tuple(fit.values()), _regime_text(fit))


def _regime_text(fit: RegimeFit) -> str:
    shares = ", ".join(
        f"{regime.name.lower()} {100 * share:.0f} %"
        for regime, share in zip(REGIMES, fit.hmm.states.start, strict=True)
    )
    return f"{shares} of the time"


def _values(models: ModelSet | None, kind: Kind, symbol: str) -> tuple[float, ...] | None:
    if models is None:
        return None
    for model in models.models:
        if model.kind is kind and model.instruments == (symbol,):
            return model.values
    return None


def _change(symbol: str, rows: Rows, suspected: int) -> Model | Refused:
    where = int(np.searchsorted(rows["number"], suspected))
    returns = np.diff(rows["mid_ticks"])
    result = confirm_change(returns, min(where, len(returns)))
    if isinstance(result, Refusal):
        return Refused(Kind.CHANGE, (symbol,), result.reason)
    ago = int(rows["number"][-1] - rows["number"][min(result.index, len(rows) - 1)])
    return Model(Kind.CHANGE, (symbol,), (float(ago),), f"a change {ago} bars ago")


def _basket(basket: Basket, bars: Mapping[str, Rows]) -> Model | Refused:
    symbols = (basket.symbol, *basket.weights)
    weights = list(basket.weights.values())
    mids = together([bars[symbol] for symbol in symbols])
    fit = fit_basket(mids[:, 0], mids[:, 1:], weights)
    if isinstance(fit, Refusal):
        return Refused(Kind.BASKET, symbols, fit.reason)
    text = f"mean {fit.mean:.2f}, deviation {fit.sd:.2f} ticks, half-life {fit.half_life_bars:.0f}"
    return Model(
        Kind.BASKET,
        symbols,
        _numbers(basket_model(fit, range(len(symbols)), weights)),
        f"{text} bars",
    )


def _numbers(spread: SpreadModel) -> tuple[float, ...]:
    return tuple(spread_values(spread).tolist())


def together(bars: Sequence[Rows]) -> FloatArray:
    """
    Lay the mids of several instruments side by side, at the closes of the first one.

    Returns:
        Shape (n, k): each column its last known mid; rows before the last of them has
        one are left out.
    """
    if any(len(rows) == 0 for rows in bars):
        return np.zeros((0, len(bars)))
    clock = bars[0]["ts_ns"]
    columns = []
    first = 0
    for rows in bars:
        latest = np.searchsorted(rows["ts_ns"], clock, side="right") - 1
        first = max(first, int(np.count_nonzero(latest < 0)))
        columns.append(rows["mid_ticks"][np.maximum(latest, 0)])
    return np.column_stack(columns)[first:]


def _pairs(request: FitRequest, bars: Mapping[str, Rows]) -> Iterator[Model | Refused]:
    """Pairs that hold, and those in force that do not any more."""
    if len(request.symbols) < 2:
        return
    in_force = {
        model.instruments: model
        for model in (request.previous.models if request.previous else ())
        if model.kind is Kind.PAIR
    }
    mids = together([bars[symbol] for symbol in request.symbols])
    result = fit_pairs(mids, request.symbols)
    if isinstance(result, Refusal):
        yield Refused(Kind.PAIR, request.symbols, result.reason)
        return
    for pair in result.pairs:
        symbols = (pair.target, pair.leg)
        model = _pair(pair, mids, request.symbols) if pair.is_tradable else Refusal(pair.reason)
        if isinstance(model, SpreadModel):
            text = (
                f"hedge {pair.hedge:.3g}, half-life {pair.half_life_bars:.0f} bars, "
                f"adjusted p {pair.adjusted_p_value:.2g}"
            )
            yield Model(Kind.PAIR, symbols, _numbers(model), text)
            in_force.pop(symbols, None)
        elif symbols not in in_force:
            yield Refused(Kind.PAIR, symbols, model.reason)
    for old in in_force.values():
        yield _suspended(old)


def _pair(pair: PairFit, mids: FloatArray, symbols: Sequence[str]) -> SpreadModel | Refusal:
    """Find out which leg comes back to the other; the other has no reason to move."""
    target = mids[:, symbols.index(pair.target)]
    leg = mids[:, symbols.index(pair.leg)]
    model = pair_model(pair, 0, 1)
    if isinstance(model, Refusal):
        return model
    spread = target - pair.hedge * leg
    target_move = min(1.0, max(0.0, -adjustment(spread, target, pair.half_life_bars)))
    leg_move = adjustment(spread, leg, pair.half_life_bars)
    if leg_move * pair.hedge < 0.0:
        leg_move = 0.0
    if target_move == 0.0 and leg_move == 0.0:
        return Refusal("neither leg is seen to come back to the other")
    return replace(model, target_move=target_move, leg_move=leg_move)


def _suspended(model: Model) -> Model:
    """Keep a pair's numbers, but keep it from trading."""
    values = list(model.values)
    values[REASON_VALUE] = float(SpreadReason.NOT_COINTEGRATED)
    return Model(Kind.PAIR, model.instruments, tuple(values), "no longer cointegrated")
