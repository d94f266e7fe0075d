"""Regimes: names by conduct, names that stay, numbers that the kernel takes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.domain.enums import Regime
from core.domain.memory import allocate
from core.domain.regimes import N_VALUES, REGIME_MODEL
from core.kernel.hmm import advance, load_regime_model, probability_of
from core.models.hmm import HmmFit, HmmStates
from core.models.refusal import Refusal
from core.models.regimes import REGIMES, RegimeFit, _by_kinship, _name, fit_regimes
from core.models.scaling import Scaling

TREND, REVERT, WILD = range(3)
# Return, logarithm of volatility, autocorrelation: what a trader would call these.
MEAN = np.array([[2e-4, -7.6, 0.25], [0.0, -7.9, -0.3], [-1e-4, -6.2, 0.05]])
DEVIATION = np.array([[5e-4, 0.25, 0.1], [4e-4, 0.2, 0.12], [2e-3, 0.3, 0.15]])
TRANSITION = np.array([[0.96, 0.03, 0.01], [0.02, 0.97, 0.01], [0.03, 0.04, 0.93]])


def simulate(length, seed, mean=MEAN, deviation=DEVIATION):
    generator = np.random.default_rng(seed)
    states = np.zeros(length, int)
    for step in range(1, length):
        states[step] = generator.choice(3, p=TRANSITION[states[step - 1]])
    return mean[states] + deviation[states] * generator.normal(size=(length, 3)), states


def fitted(features, **options):
    fit = fit_regimes(features, **options)
    assert isinstance(fit, RegimeFit), fit
    return fit


def refused(features):
    refusal = fit_regimes(features)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


def unnamed(mean, feature_mean=(0.0, 0.0, 0.0)):
    """A fit with these standardized means, as `fit_hmm` would give it."""
    states = HmmStates(np.full(3, 1 / 3), TRANSITION, np.array(mean, float), np.ones((3, 3)))
    return HmmFit(states, Scaling(np.array(feature_mean), np.ones(3)), -1.0, 5, 900, 0)


def test_states_are_named_by_what_they_do() -> None:
    """And every bar that is clear to the eye is found under its name."""
    features, states = simulate(3000, seed=1)
    fit = fitted(features)
    found = np.argmax(fit.hmm.posteriors(features), axis=1)
    assert (found == states).mean() > 0.95
    means = fit.hmm.states.mean * fit.hmm.scaling.scale + fit.hmm.scaling.mean
    assert means[:, 1] == pytest.approx(MEAN[:, 1], abs=0.05)


def test_a_bar_is_filtered_as_the_fit_says() -> None:
    """Fit, send as numbers, load, stream: the wild bars are HIGH_VOLATILITY."""
    features, states = simulate(3000, seed=2)
    model = allocate(REGIME_MODEL, 1)[0]
    assert load_regime_model(model, np.array(fitted(features).values()))
    right = 0
    for row, state in zip(features, states, strict=True):
        advance(model, row)
        right += probability_of(model, REGIMES[state].value) > 0.5
    assert right / len(states) > 0.95


def test_the_stream_starts_where_the_chain_usually_is() -> None:
    """Not in the state that the recording happened to begin with."""
    start = fitted(simulate(3000, seed=3)[0]).hmm.states.start
    transition = fitted(simulate(3000, seed=3)[0]).hmm.states.transition
    assert start @ transition == pytest.approx(start, abs=1e-12)
    assert start.sum() == pytest.approx(1.0)


def test_the_wildest_state_is_high_volatility_even_if_it_trends_most() -> None:
    assert _name(unnamed([[0, 0.1, 0.2], [0, 1.5, 2.0], [0, -1.0, -0.8]]), None) == [0, 2, 1]
    assert _name(unnamed([[0, 0.1, -0.2], [0, -1.0, 0.8], [0, 1.5, 2.0]]), None) == [1, 0, 2]


def test_drift_makes_a_trend_as_autocorrelation_does() -> None:
    """In either direction, and measured from no return at all, not from the mean return."""
    calm = [[0.0, -1.0, 0.1], [-0.9, -0.9, 0.0], [0.0, 2.0, 0.0]]
    assert _name(unnamed(calm), None) == [1, 0, 2]
    assert _name(unnamed(calm, (0.7, 0.0, 0.0)), None) == [0, 1, 2]


def test_names_stay_where_states_hardly_differ() -> None:
    """Autocorrelations 0.1 apart may change places from one fit to the next."""
    before = unnamed([[0.5, -1.0, 0.1], [-0.5, -0.2, 0.0], [0.0, 1.4, 0.0]])
    after = unnamed([[0.5, -1.0, 0.0], [-0.5, -0.2, 0.1], [0.0, 1.4, 0.0]])
    assert _name(after, None) == [1, 0, 2]
    assert _name(after, before) == [0, 1, 2]


def test_names_go_where_states_clearly_changed() -> None:
    before = unnamed([[0.5, -1.0, 0.1], [-0.5, -0.2, 0.0], [0.0, 1.4, 0.0]])
    turned = unnamed([[0.5, -1.0, 0.0], [-0.5, -0.2, 0.4], [0.0, 1.4, 0.0]])
    assert _name(turned, before) == [1, 0, 2]
    wilder = unnamed([[0.5, 1.9, 0.1], [-0.5, -0.2, 0.0], [0.0, 1.4, 0.0]])
    assert _name(wilder, before)[2] == 0


def test_kin_are_found_in_the_features_own_units() -> None:
    """Each earlier state goes to one new state, the nearest all in all, whatever the scale."""
    before = unnamed([[0.5, -1.0, 0.1], [-0.5, -0.2, 0.0], [0.0, 1.4, 0.0]])
    rescaled = replace(
        before,
        states=replace(before.states.take([2, 0, 1]), mean=before.states.mean[[2, 0, 1]] * 2 - 3),
        scaling=Scaling(np.full(3, 1.5), np.full(3, 0.5)),
    )
    assert _by_kinship(rescaled, before) == [1, 2, 0]


def test_a_refit_on_a_moving_window_keeps_its_names() -> None:
    features, _ = simulate(6000, seed=4)
    fit = fitted(features[:3000])
    for start in range(500, 3001, 500):
        newer = fitted(features[start : start + 3000], previous=fit)
        gap = newer.hmm.states.mean - fit.hmm.states.mean
        assert np.abs(gap).max() < 0.5
        fit = newer


def test_the_numbers_come_back_as_they_went() -> None:
    fit = fitted(simulate(900, seed=5)[0])
    values = fit.values()
    assert len(values) == N_VALUES
    assert all(type(value) is float for value in values)
    back = RegimeFit.from_values(values)
    assert back.values() == values
    assert math.isnan(back.hmm.log_likelihood)
    assert back.hmm.n == 0


def test_numbers_in_another_order_of_states_are_sorted_by_name() -> None:
    fit = fitted(simulate(900, seed=5)[0])
    values = np.array(fit.values())
    order = [2, 0, 1]
    states, scaling = fit.hmm.states.take(order), fit.hmm.scaling
    parts = [states.start, states.transition, states.mean, states.variance]
    shuffled = [*parts, scaling.mean, scaling.scale, np.array([3.0, 1.0, 2.0])]
    numbers = np.concatenate([part.ravel() for part in shuffled])
    assert RegimeFit.from_values(numbers.tolist()).values() == values.tolist()
    assert [Regime(int(code)) for code in values[-3:]] == list(REGIMES)


@pytest.mark.parametrize("values", [[], [0.0] * N_VALUES, [math.nan] * N_VALUES])
def test_numbers_that_are_no_model_raise(values: list[float]) -> None:
    with pytest.raises(ValueError, match=rf"these {len(values)} numbers are no regime model"):
        RegimeFit.from_values(values)


def test_a_refit_may_start_from_numbers() -> None:
    """A model file, or the journal, is all that a new worker knows of the fit in use."""
    features, _ = simulate(2000, seed=6)
    fit = fitted(features)
    again = fitted(features, previous=RegimeFit.from_values(fit.values()))
    assert again.hmm.states.mean == pytest.approx(fit.hmm.states.mean, abs=1e-2)


def test_wild_and_missing_bars_leave_the_regimes_as_they_are() -> None:
    features, states = simulate(2000, seed=7)
    features[40, 0] = 1e6
    features[900, 1] = -1e6
    features[1000:1050] = np.nan
    fit = fitted(features)
    assert fit.hmm.dropped == 50
    found = np.argmax(fit.hmm.posteriors(features), axis=1)
    clear = np.isfinite(features).all(axis=1) & (np.abs(features) < 1e3).all(axis=1)
    assert (found == states)[clear].mean() > 0.95


def test_what_is_no_regime_is_refused_with_a_reason() -> None:
    features, _ = simulate(900, seed=8)
    assert refused(features[:59]) == "59 rows; regimes need 60"
    gaps = features.copy()
    gaps[:850] = np.nan
    assert refused(gaps) == "50 usable rows (850 dropped); 3 states need 60"
    assert refused(features * [0.0, 1.0, 1.0]) == "feature 0 is constant at 0"
    collinear = features.copy()
    collinear[:, 2] = 5.0 - 3.0 * collinear[:, 1]
    assert refused(collinear) == "features 1 and 2 are one: they say the same twice"
    assert "out of all proportion" in refused(features * [1.0, 1e20, 1.0])
    tails = np.random.default_rng(0).standard_t(3, size=(5000, 3))
    assert "differ in their spread only" in refused(tails)
    noise = np.random.default_rng(1).normal(size=(900, 3))
    assert "no better than a single one" in refused(noise)


@pytest.mark.parametrize("shape", [(100,), (100, 2), (3, 100)])
def test_features_of_another_shape_are_a_mistake(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"not \(n, 3\)"):
        fit_regimes(np.ones(shape))
