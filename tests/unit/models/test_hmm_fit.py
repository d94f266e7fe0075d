"""Hidden Markov fits of any width: recovered models, business cycles, refusals."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from core.models.hmm import HmmFit, HmmStates, _best_climb, _carried_over, _climb, fit_hmm
from core.models.refusal import Refusal
from core.models.scaling import Scaling
from tests.unit.models.published import hamilton

TRANSITION = np.array([[0.95, 0.05], [0.1, 0.9]])
MEAN = np.array([[1.0, -0.5], [-1.5, 0.8]])
DEVIATION = np.array([[0.5, 1.0], [1.2, 0.4]])


def simulate(length, seed, transition=TRANSITION, mean=MEAN, deviation=DEVIATION):
    """Features of a chain, and the states it was in."""
    generator = np.random.default_rng(seed)
    states = np.zeros(length, int)
    for step in range(1, length):
        states[step] = generator.choice(len(mean), p=transition[states[step - 1]])
    noise = generator.normal(size=(length, mean.shape[1]))
    return mean[states] + deviation[states] * noise, states


def fitted(features, n_states, **options):
    fit = fit_hmm(features, n_states, **options)
    assert isinstance(fit, HmmFit), fit
    return fit


def refused(features, n_states, **options):
    refusal = fit_hmm(features, n_states, **options)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


def raw_means(fit):
    return fit.states.mean * fit.scaling.scale + fit.scaling.mean


def test_a_simulated_chain_is_recovered() -> None:
    features, states = simulate(4000, seed=7)
    fit = fitted(features, 2)
    order = np.argsort(-raw_means(fit)[:, 0])
    assert raw_means(fit)[order] == pytest.approx(MEAN, abs=0.1)
    deviations = np.sqrt(fit.states.variance) * fit.scaling.scale
    assert deviations[order] == pytest.approx(DEVIATION, rel=0.1)
    assert fit.states.transition[np.ix_(order, order)] == pytest.approx(TRANSITION, abs=0.02)
    right = (np.argmax(fit.posteriors(features)[:, order], axis=1) == states).mean()
    assert right > 0.97
    assert (fit.n, fit.dropped) == (4000, 0)


def test_the_likelihood_is_that_of_the_states_it_comes_with() -> None:
    """Not of those before the last step, nor after it."""
    from hmmlearn.hmm import GaussianHMM

    features, _ = simulate(900, seed=3)
    fit = fitted(features, 2)
    oracle = GaussianHMM(2, "diag")
    oracle.startprob_, oracle.transmat_ = fit.states.start, fit.states.transition
    oracle.means_, oracle.covars_ = fit.states.mean, fit.states.variance
    standard = fit.scaling.standardize(features)
    assert fit.log_likelihood == pytest.approx(oracle.score(standard), abs=1e-8)


def test_no_fit_of_hmmlearn_s_own_is_likelier() -> None:
    """Ten random starts of the library, to its own convergence, on the same features."""
    from hmmlearn.hmm import GaussianHMM

    features, _ = simulate(900, seed=5)
    fit = fitted(features, 2)
    standard = fit.scaling.standardize(features)
    best = max(
        GaussianHMM(2, "diag", n_iter=200, tol=1e-4, random_state=seed)
        .fit(standard)
        .score(standard)
        for seed in range(10)
    )
    assert fit.log_likelihood > best - 0.1


@pytest.mark.parametrize("n_states", [2, 3])
def test_the_state_of_least_growth_is_the_recession_nber_dates(n_states: int) -> None:
    """Hamilton's series, smoothed probabilities above one half: 85 % of 135 quarters agree."""
    growth, recession = hamilton()
    fit = fitted(growth[:, None], n_states, criterion="akaike")
    state = int(np.argmin(fit.states.mean[:, 0]))
    found = fit.posteriors(growth[:, None])[:, state] > 0.5
    assert (found == recession).mean() >= 0.85


def test_the_same_arguments_give_the_same_fit() -> None:
    features, _ = simulate(400, seed=1)
    one, other = fitted(features, 2, seed=4), fitted(features, 2, seed=4)
    assert one.log_likelihood == other.log_likelihood
    assert (one.states.mean == other.states.mean).all()


def test_a_fit_goes_on_from_the_one_before() -> None:
    """The same features again: nothing is left to climb."""
    features, _ = simulate(3000, seed=2)
    before = fitted(features, 2)
    again = fitted(features, 2, previous=before)
    assert again.iterations <= 3
    assert again.log_likelihood >= before.log_likelihood - 1e-6


def test_an_earlier_fit_starts_where_it_was_whatever_the_scale_has_become() -> None:
    """Means and deviations are the same in the features' own units."""
    features, _ = simulate(900, seed=2)
    before = fitted(features, 2)
    scaling = Scaling(np.array([3.0, -1.0]), np.array([4.0, 0.5]))
    start = _carried_over(before, scaling)
    assert start.mean * scaling.scale + scaling.mean == pytest.approx(raw_means(before))
    assert np.sqrt(start.variance) * scaling.scale == pytest.approx(
        np.sqrt(before.states.variance) * before.scaling.scale
    )
    assert (start.transition == before.states.transition).all()


def test_an_earlier_fit_of_another_size_is_no_start() -> None:
    features, _ = simulate(900, seed=3)
    other = fitted(features[:, :1], 2)
    assert fitted(features, 2, previous=other).states.mean.shape == (2, 2)


def test_units_do_not_matter() -> None:
    features, _ = simulate(500, seed=6)
    one = fitted(features, 2)
    other = fitted(features * [1e-9, 1e6] + [1e-5, -1e3], 2)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-4)
    assert one.posteriors(features) == pytest.approx(
        other.posteriors(features * [1e-9, 1e6] + [1e-5, -1e3]), abs=1e-5
    )


def test_one_wild_row_does_not_ruin_the_scale() -> None:
    """A million deviations, in either feature, on a series long or short."""
    for length in (60, 2000):
        features, _ = simulate(length, seed=7)
        clean = fitted(features, 2)
        features[7, 0] = 1e6
        features[31, 1] = -1e90
        fit = fitted(features, 2)
        assert fit.scaling.scale == pytest.approx(clean.scaling.scale, rel=1.2)
        away = np.delete(np.arange(length), [7, 31])
        agree = np.argmax(fit.posteriors(features), axis=1) == np.argmax(
            clean.posteriors(features), axis=1
        )
        assert max(agree[away].mean(), 1 - agree[away].mean()) > 0.9


def test_rows_with_a_missing_number_are_dropped_and_counted() -> None:
    features, _ = simulate(600, seed=8)
    features[[5, 70], 0] = np.nan
    features[200:210, 1] = np.inf
    fit = fitted(features, 2)
    assert (fit.n, fit.dropped) == (588, 12)
    posteriors = fit.posteriors(features)
    assert np.isnan(posteriors[[5, 70, 205]]).all()
    assert np.isfinite(posteriors).all(axis=1).sum() == 588
    assert np.nansum(posteriors, axis=1)[:5] == pytest.approx(np.ones(5))


def test_a_feature_that_mostly_stands_still_has_a_floor() -> None:
    """Returns of exactly 0 must not make a state so narrow that nothing else is likely."""
    features, states = simulate(2000, seed=9)
    features[states == 0, 0] = 0.0
    fit = fitted(features, 2)
    assert fit.states.variance.min() == pytest.approx(0.01)


def test_a_row_of_density_zero_everywhere_is_weighed_by_logarithms() -> None:
    """An earlier fit can be so narrow that a new row is impossible to it; EM widens it."""
    standard = np.random.default_rng(4).normal(size=(200, 3)) * 0.1
    standard[50] = 8.0
    narrow = HmmStates(np.full(2, 0.5), TRANSITION, np.eye(2, 3), np.full((2, 3), 0.01))
    climb = _climb(standard, narrow, 100)
    assert climb is not None
    assert climb.converged
    assert np.isfinite(climb.log_likelihood)


def test_a_state_that_nothing_belongs_to_ends_the_climb() -> None:
    """Its mean is no number any more; the other starts go on without it."""
    standard, _ = simulate(200, seed=4)
    far = np.array([[0.0, 0.0], [1e4, 1e4]])
    dead = HmmStates(np.full(2, 0.5), TRANSITION, far, np.full((2, 2), 1.0))
    alive = HmmStates(np.full(2, 0.5), TRANSITION, MEAN, np.full((2, 2), 1.0))
    assert _climb(standard, dead, 100) is None
    assert _best_climb(standard, iter([dead])) is None
    best = _best_climb(standard, iter([dead, alive]))
    assert best is not None
    assert best.converged


def test_every_state_can_be_left() -> None:
    """A chain that was seen to change once: what was never seen is rare, not impossible."""
    transition = np.array([[1.0, 0.0], [0.0, 1.0]])
    before, _ = simulate(150, seed=1, transition=transition)
    after, _ = simulate(150, seed=2, transition=transition, mean=MEAN[::-1])
    fit = fitted(np.vstack([before, after]), 2)
    assert (fit.states.transition > 0.0).all()


def test_the_library_has_no_occasion_to_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="hmmlearn")
    features, _ = simulate(60, seed=4)
    fit_hmm(features, 3)
    fit_hmm(np.random.default_rng(1).normal(size=(500, 3)), 3)
    assert not caplog.records


def test_what_has_no_states_is_refused_with_a_reason() -> None:
    noise = np.random.default_rng(0).normal(size=(800, 2))
    assert refused(noise[:39], 2) == "39 usable rows (0 dropped); 2 states need 40"
    assert refused(np.full((50, 2), np.nan), 2).startswith("0 usable rows (50 dropped)")
    assert refused(np.column_stack([noise, np.full(800, 3.5)]), 2) == "feature 2 is constant at 3.5"
    assert "no better than a single one" in refused(noise, 2)


def test_wide_features_need_no_more_rows_than_many_states_need_numbers() -> None:
    """Eighty states of one feature have more free numbers than 20 rows a state."""
    assert "80 states need 6560" in refused(np.zeros((1600, 1)), 80)


def test_an_outlier_with_a_state_to_itself_is_no_state() -> None:
    features, _ = simulate(1000, seed=3)
    features[500:503] = 7.0
    assert "of the time" in refused(features, 3)


def test_states_that_are_one_are_refused() -> None:
    """Two states in the data, a third asked for: it can only split one of them."""
    features, _ = simulate(20_000, seed=10)
    assert "overlap" in refused(features, 4)


def test_a_climb_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.models.hmm.MAX_ITERATIONS", 2)
    noise = np.random.default_rng(2).normal(size=(300, 3))
    assert refused(noise, 3) == "EM did not converge in 2 steps on 300 rows"
