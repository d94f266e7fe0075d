"""The streaming regime filter: loading a model, stepping it, and swapping it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.domain.enums import Regime
from core.domain.memory import allocate
from core.domain.regimes import N_VALUES, REGIME_MODEL
from core.kernel.hmm import advance, load_regime_model, probability_of

START = [0.2, 0.3, 0.5]
TRANSITION = [[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.02, 0.03, 0.95]]
MEAN = [[1.0, -0.8, 0.4], [-0.3, 0.1, -0.9], [0.1, 1.6, 0.2]]
VARIANCE = [[0.3, 0.5, 0.7], [0.9, 1.1, 0.4], [1.5, 0.8, 2.0]]
SCALING = ([0.02, -7.0, 0.1], [0.004, 0.6, 0.3])
NAMES = [Regime.HIGH_VOLATILITY, Regime.TRENDING, Regime.MEAN_REVERTING]
STATE_OF = {name: state for state, name in enumerate(NAMES)}

FEATURES = np.array(
    [[0.023, -7.4, 0.3], [0.018, -6.9, -0.2], [0.021, -6.1, 0.2], [0.022, -6.2, 0.1]]
)


def numbers(order=(0, 1, 2), **changes):
    """The numbers of a model, its states in another order or parts of it replaced."""
    order = list(order)
    parts = {
        "start": np.array(START)[order],
        "transition": np.array(TRANSITION)[np.ix_(order, order)],
        "mean": np.array(MEAN)[order],
        "variance": np.array(VARIANCE)[order],
        "feature_mean": np.array(SCALING[0]),
        "feature_scale": np.array(SCALING[1]),
        "regime_of_state": np.array(NAMES, np.float64)[order],
    }
    assert changes.keys() <= parts.keys()
    return np.concatenate([np.ravel(part) for part in {**parts, **changes}.values()])


def make_model(values=None):
    row = allocate(REGIME_MODEL, 1)[0]
    assert load_regime_model(row, numbers() if values is None else values) == 1
    return row


def run(model, features):
    for row in features:
        advance(model, np.array(row, np.float64))


def probabilities(model):
    return [probability_of(model, regime.value) for regime in NAMES]


def forward(features):
    """Rabiner's forward recursion as written, with the clip: rows sum to the likelihood."""
    path = []
    alpha = np.array(START)
    for index, row in enumerate(features):
        if index:
            alpha = alpha @ np.array(TRANSITION)
        value = np.clip((row - np.array(SCALING[0])) / np.array(SCALING[1]), -8, 8)
        off = (value - np.array(MEAN)) ** 2 / np.array(VARIANCE)
        density = np.exp(-0.5 * off.sum(axis=1))
        density /= np.sqrt(np.prod(2 * np.pi * np.array(VARIANCE), axis=1))
        alpha = alpha * density
        path.append(alpha)
    return np.array(path)


def test_thirty_nine_numbers_make_a_model() -> None:
    assert len(numbers()) == N_VALUES == 39


def test_each_step_is_the_forward_recursion() -> None:
    model = make_model()
    for alpha, row in zip(forward(FEATURES), FEATURES, strict=True):
        advance(model, row)
        assert model["alpha"] == pytest.approx(alpha / alpha.sum(), abs=1e-14)
        assert model["log_likelihood"] == pytest.approx(math.log(alpha.sum()), abs=1e-12)
    assert model["observations"] == len(FEATURES)


def test_the_oracle_finds_the_published_path() -> None:
    """Rainy, sunny; walk, shop, clean: hmmlearn itself, as printed in its own tests."""
    from hmmlearn.hmm import CategoricalHMM

    oracle = CategoricalHMM(2)
    oracle.startprob_ = np.array([0.6, 0.4])
    oracle.transmat_ = np.array([[0.7, 0.3], [0.4, 0.6]])
    oracle.emissionprob_ = np.array([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]])
    seen = np.array([[0], [1], [2]])
    log_probability, path = oracle.decode(seen)
    assert path.tolist() == [1, 0, 0]
    assert math.exp(log_probability) == pytest.approx(0.01344)
    assert oracle.predict_proba(seen) == pytest.approx(
        np.array([[0.23170303, 0.76829697], [0.62406281, 0.37593719], [0.86397706, 0.13602294]]),
        abs=2e-7,
    )


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 1, 0), (0, 2, 1)])
def test_the_order_of_the_states_does_not_matter(order: tuple[int, ...]) -> None:
    one, other = make_model(), make_model(numbers(order))
    run(one, FEATURES)
    run(other, FEATURES)
    assert probabilities(one) == pytest.approx(probabilities(other), abs=1e-14)
    assert one["log_likelihood"] == pytest.approx(other["log_likelihood"], abs=1e-12)


def test_without_a_model_nothing_happens() -> None:
    row = allocate(REGIME_MODEL, 1)[0]
    before = row.tobytes()
    advance(row, FEATURES[0])
    assert row.tobytes() == before
    assert probability_of(row, Regime.TRENDING.value) == 0.0


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_step_without_all_features_only_predicts(place: int, bad: float) -> None:
    model = make_model()
    run(model, FEATURES)
    expected = np.array(model["alpha"]) @ np.array(TRANSITION)
    log_likelihood = float(model["log_likelihood"])
    features = FEATURES[1].copy()
    features[place] = bad
    advance(model, features)
    assert model["alpha"] == pytest.approx(expected, abs=1e-15)
    assert model["log_likelihood"] == log_likelihood
    assert model["observations"] == len(FEATURES) + 1


def test_the_first_step_starts_where_the_model_says() -> None:
    """Even a missing one: the chain moves from the second step on."""
    model = make_model()
    advance(model, np.full(3, math.nan))
    assert model["alpha"] == pytest.approx(START)
    advance(model, np.full(3, math.nan))
    assert model["alpha"] == pytest.approx(np.array(START) @ np.array(TRANSITION))


def test_a_wild_feature_counts_as_eight_deviations() -> None:
    """A million deviations, or a number too large to scale, say no more than eight do."""
    mean, scale = np.array(SCALING[0]), np.array(SCALING[1])
    for sign in (-1.0, 1.0):
        eight = make_model()
        run(eight, [FEATURES[0], mean + sign * 8.0 * scale])
        for size in (1e6, 1e308):
            wild = make_model()
            run(wild, [FEATURES[0], mean + sign * size * scale])
            assert wild["alpha"] == pytest.approx(eight["alpha"], abs=1e-12)
            assert sum(wild["alpha"]) == pytest.approx(1.0, abs=1e-15)


def test_features_unlikely_in_every_state_still_leave_probabilities() -> None:
    """Densities far below the smallest float: the least unlikely state gets it all."""
    model = make_model(numbers(variance=np.full((3, 3), 1e-9)))
    run(model, FEATURES)
    assert np.isfinite(model["alpha"]).all()
    assert sum(model["alpha"]) == pytest.approx(1.0)
    assert math.isfinite(model["log_likelihood"])


def test_a_state_that_cannot_be_stays_impossible() -> None:
    """However well its density fits: the scale comes from the states that can be."""
    sure = numbers(start=[0.0, 1.0, 0.0], transition=np.eye(3), variance=np.full((3, 3), 1e-9))
    for state in range(3):
        values = sure.copy()
        values[:3] = np.eye(3)[state]
        model = make_model(values)
        other = (state + 1) % 3
        features = np.array(SCALING[0]) + np.array(MEAN[other]) * np.array(SCALING[1])
        run(model, [features, features])
        assert model["alpha"].tolist() == np.eye(3)[state].tolist()
        assert math.isfinite(model["log_likelihood"])


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_a_new_model_takes_over_what_is_known_by_name(order: tuple[int, ...]) -> None:
    model = make_model()
    run(model, FEATURES)
    before = probabilities(model)
    assert load_regime_model(model, numbers(order))
    assert probabilities(model) == before
    assert model["version"] == 2
    assert model["log_likelihood"] == 0.0
    assert model["observations"] == len(FEATURES)


def test_what_one_step_taught_is_taken_over_too() -> None:
    model = make_model()
    run(model, FEATURES[:1])
    before = probabilities(model)
    assert load_regime_model(model, numbers(start=[0.7, 0.2, 0.1]))
    assert probabilities(model) == before


def test_a_model_that_has_seen_nothing_yields_its_start_to_the_next() -> None:
    model = make_model()
    assert load_regime_model(model, numbers(start=[0.7, 0.2, 0.1]))
    assert model["alpha"] == pytest.approx([0.7, 0.2, 0.1])


def test_rounded_probabilities_are_made_to_sum_to_one() -> None:
    transition = np.array(TRANSITION) * (1 + 5e-7)
    model = make_model(numbers(start=np.array(START) * (1 - 5e-7), transition=transition))
    assert sum(model["start"]) == pytest.approx(1.0, abs=1e-15)
    assert model["transition"].sum(axis=1) == pytest.approx(np.ones(3), abs=1e-15)


REFUSED = {
    "too few": numbers()[:-1],
    "start above 1": numbers(start=[0.2, 0.3, 0.6]),
    "start negative": numbers(start=[-0.1, 0.6, 0.5]),
    "first row": numbers(transition=[[0.9, 0.06, 0.03], *TRANSITION[1:]]),
    "last row": numbers(transition=[*TRANSITION[:2], [0.02, 0.04, 0.95]]),
    "row negative": numbers(transition=[[1.1, -0.1, 0.0], *TRANSITION[1:]]),
    "no variance": numbers(variance=[*VARIANCE[:2], [1.5, 0.8, 0.0]]),
    "variance negative": numbers(variance=[[-0.3, 0.5, 0.7], *VARIANCE[1:]]),
    "no scale": numbers(feature_scale=[0.004, 0.6, 0.0]),
    "scale negative": numbers(feature_scale=[-0.004, 0.6, 0.3]),
    "two of a name": numbers(regime_of_state=[1, 2, 2]),
    "no such name": numbers(regime_of_state=[0, 1, 2]),
    "nothing trends": numbers(regime_of_state=[3, 2, 0]),
    "half a name": numbers(regime_of_state=[1, 2, 2.5]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_is_none_is_refused_and_the_old_one_stays(name: str) -> None:
    model = make_model()
    run(model, FEATURES)
    before = model.tobytes()
    assert load_regime_model(model, REFUSED[name]) == 0
    assert model.tobytes() == before


@pytest.mark.parametrize("place", range(N_VALUES))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -2e12])
def test_no_number_of_a_model_may_be_anything_but_a_number(place: int, bad: float) -> None:
    values = numbers()
    values[place] = bad
    row = allocate(REGIME_MODEL, 1)[0]
    assert load_regime_model(row, values) == 0


def test_what_lies_behind_the_numbers_does_not_matter() -> None:
    """They travel in the levels of a book, of which there are forty."""
    assert make_model(np.append(numbers(), math.nan))["version"] == 1
