"""All fits in a row: what is found, and that nothing the bars hold breaks them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import N_SIGNALS
from core.domain.spreads import REASON_VALUE, SpreadReason
from core.models.bars import Observations
from core.models.fit import fit_models, together, with_gaps
from core.models.fit_request import Basket, FitRequest
from core.models.model_set import Kind, ModelSet
from tests.unit.models.markets import bars, calm_and_wild, quotes


def request(*symbols, **fields):
    return FitRequest(250, symbols, (0.0,) * N_SIGNALS, **fields)


def kinds(models: ModelSet):
    return [(model.kind, model.instruments) for model in models.models]


def walk(seed, count=900):
    return 5_000 + np.cumsum(np.random.default_rng(seed).normal(0.0, 1.0, count))


def returning(seed, count):
    """A spread that comes back by a tenth each bar."""
    noise = np.random.default_rng(seed).normal(0.0, 2.0, count)
    spread = np.zeros(count)
    for row in range(1, count):
        spread[row] = 0.9 * spread[row - 1] + noise[row]
    return spread


def test_every_instrument_has_its_models_or_a_reason() -> None:
    seen = {"A": calm_and_wild(1), "B": calm_and_wild(2)}
    models = fit_models(request("A", "B"), seen)
    refused = [(refused.kind, refused.instruments) for refused in models.refused]
    for symbol in ("A", "B"):
        for kind in (Kind.EDGE, Kind.KALMAN, Kind.REGIME):
            assert ((kind, (symbol,)) in kinds(models)) != ((kind, (symbol,)) in refused)
    assert (Kind.REGIME, ("A",)) in kinds(models)
    assert refused[-1][0] is Kind.PAIR
    assert models.bars == 1_500
    assert models.version == fit_models(request("A", "B"), seen).version


def test_a_pair_that_no_longer_holds_is_told_so() -> None:
    """It keeps its numbers and its place, and is kept from trading."""
    shared = walk(3)
    target = 2.0 * shared + returning(4, 900)
    bound = {
        "A": Observations(bars(target), quotes([])),
        "B": Observations(bars(shared), quotes([])),
    }
    first = fit_models(request("A", "B"), bound)
    pair = next(model for model in first.models if model.kind is Kind.PAIR)
    apart = {s: Observations(bars(walk(n)), quotes([])) for n, s in enumerate("AB", start=7)}
    second = fit_models(request("A", "B", previous=first), apart)
    kept = next(model for model in second.models if model.kind is Kind.PAIR)
    assert kept.instruments == pair.instruments
    assert pair.values[REASON_VALUE] == SpreadReason.NONE
    assert kept.values[REASON_VALUE] == SpreadReason.NOT_COINTEGRATED
    again = fit_models(request("A", "B", previous=second), bound)
    back = next(model for model in again.models if model.kind is Kind.PAIR)
    assert back.values[REASON_VALUE] == SpreadReason.NONE


def test_a_basket_is_measured_against_its_parts() -> None:
    part = walk(5)
    seen = {
        "BASKET": Observations(bars(3.0 * part + 40.0 + returning(6, 900)), quotes([])),
        "PART": Observations(bars(part), quotes([])),
    }
    models = fit_models(request("BASKET", baskets=(Basket("BASKET", {"PART": 3.0}),)), seen)
    basket = next(model for model in models.models if model.kind is Kind.BASKET)
    assert basket.instruments == ("BASKET", "PART")
    assert basket.values[13:15] == (1.0, -3.0)
    assert basket.values[21] == pytest.approx(40.0, abs=3.0)


def test_mids_are_laid_side_by_side_as_they_were_known_at_the_time() -> None:
    slow = bars([1.0, 2.0, 3.0])
    fast = bars([10.0, 20.0, 30.0, 40.0], first=22)
    fast["ts_ns"] -= 1
    assert together([slow, fast]).tolist() == [[2.0, 10.0], [3.0, 20.0]]


def test_bars_without_books_are_missing_values_unless_they_are_most() -> None:
    rows = bars([1.0, 2.0, 3.0])
    rows["number"] = [30, 31, 34]
    assert with_gaps(rows) == pytest.approx([1.0, 2.0, np.nan, np.nan, 3.0], nan_ok=True)
    rows["number"] = [30, 31, 3_400]
    assert with_gaps(rows).tolist() == [1.0, 2.0, 3.0]
    assert len(with_gaps(rows[:0])) == 0


NASTY = st.sampled_from(["constant", "short", "empty", "nan", "outlier", "huge", "ordinary"])


def nasty(how: str, seed: int) -> Observations:
    seen = calm_and_wild(seed, 300)
    if how == "constant":
        seen.bars["mid_ticks"] = seen.quotes["mid_ticks"] = 77.5
        seen.bars["features"] = 0.0
    elif how in {"short", "empty"}:
        count = 9 if how == "short" else 0
        return Observations(seen.bars[:count], seen.quotes[:count])
    elif how == "nan":
        seen.bars["features"][::3] = np.nan
        seen.quotes["reach"][::2] = np.nan
    elif how == "outlier":
        seen.bars["mid_ticks"][150] = 1e9
        seen.bars["features"][150] = 1e6
        seen.quotes["mid_ticks"][150] = 1e9
    elif how == "huge":
        seen.quotes["reach"] *= 1e150
        seen.bars["features"] *= 1e150
    return seen


@given(st.lists(NASTY, min_size=1, max_size=3), st.integers(0, 3))
@settings(max_examples=25)
def test_nothing_that_bars_hold_breaks_a_fit(shapes, seed) -> None:
    """Each model is fitted with finite numbers or refused with a reason."""
    symbols = tuple(f"P{n}" for n in range(len(shapes)))
    seen = {s: nasty(how, seed + n) for n, (s, how) in enumerate(zip(symbols, shapes, strict=True))}
    baskets = (Basket(symbols[0], {symbols[1]: 2.0}),) if len(symbols) > 1 else ()
    asked = request(*symbols, baskets=baskets, suspected=dict.fromkeys(symbols, 150))
    models = fit_models(asked, seen)
    assert all(np.isfinite(model.values).all() for model in models.models)
    assert all(refused.reason for refused in models.refused)
    told = {(m.kind, m.instruments[0]) for m in (*models.models, *models.refused)}
    for symbol in symbols:
        for kind in (Kind.EDGE, Kind.KALMAN, Kind.REGIME, Kind.CHANGE):
            assert (kind, symbol) in told
