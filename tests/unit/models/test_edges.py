"""What a signal is worth: against statsmodels, against chance, against what was assumed."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.domain.enums import N_SIGNALS, Signal
from core.models import edges
from core.models.edges import EdgeFit, fit_edges
from core.models.long_run import long_run_variance
from core.models.refusal import Refusal
from tests.unit.models.markets import BAR_NS, quotes

NOTHING = np.zeros(N_SIGNALS)


def market(edge: float, signal=Signal.OBI, count=6_000, seed=5, noise=1.0):
    """Each tick of a signal's reach moves the mid by `edge` over the next book."""
    random = np.random.default_rng(seed)
    reach = random.normal(0.0, 1.0, (count, N_SIGNALS))
    steps = random.normal(0.0, noise, count)
    steps[1:] += edge * reach[:-1, signal]
    return quotes(10_000 + np.cumsum(steps), reach)


def found(rows, prior=NOTHING) -> EdgeFit:
    fit = fit_edges(rows, BAR_NS, prior)
    assert isinstance(fit, EdgeFit)
    return fit


@pytest.mark.parametrize("horizon", [1, 7])
def test_slopes_and_errors_are_those_of_statsmodels(horizon) -> None:
    random = np.random.default_rng(3)
    x = random.normal(0.0, 2.0, (900, 2))
    level = np.cumsum(random.normal(0.3, 1.0, 900) + 0.2 * x[:, 1])
    move = level[horizon:] - level[:-horizon]
    slopes, errors = edges._regress(x[:-horizon], move, horizon)
    for column in range(2):
        ols = sm.OLS(move, sm.add_constant(x[:-horizon, column])).fit(
            cov_type="HAC", cov_kwds={"maxlags": horizon}
        )
        assert (slopes[column], errors[column]) == pytest.approx((ols.params[1], ols.bse[1]))


def test_the_long_run_variance_is_the_sum_of_weighted_autocovariances() -> None:
    scores = np.random.default_rng(8).normal(0.0, 1.0, (60, 2))
    plain = (scores * scores).sum(axis=0)
    for lag, weight in ((1, 0.75), (2, 0.5), (3, 0.25)):
        plain += 2 * weight * (scores[lag:] * scores[:-lag]).sum(axis=0)
    assert long_run_variance(scores, 3) == pytest.approx(plain)


def test_an_edge_is_found_with_its_sign_and_less_than_its_size() -> None:
    for edge in (0.4, -0.4):
        fit = found(market(edge))
        value = fit.values()[Signal.OBI]
        assert 0.25 < value / edge < 1.0
        assert fit.signals[Signal.OBI].t * edge > 0
        assert [v for s, v in zip(Signal, fit.values(), strict=True) if s is not Signal.OBI] == (
            [0.0] * (N_SIGNALS - 1)
        )
        assert fit.text.startswith(f"obi {value:+.3f} over ")


def test_chance_has_no_edge() -> None:
    """Forty markets of fourteen signals at ten horizons."""
    assert all(
        found(market(0.0, count=2_000, seed=seed)).values() == [0.0] * N_SIGNALS
        for seed in range(40)
    )


def test_the_horizon_that_leaves_most_to_be_sure_of_is_taken() -> None:
    """A signal that lasts, as imbalance does, moves the mid ever further: most is later."""
    random = np.random.default_rng(2)
    lasting = np.zeros(20_000)
    for row in range(1, len(lasting)):
        lasting[row] = 0.98 * lasting[row - 1] + random.normal(0.0, 0.2)
    reach = np.zeros((len(lasting), N_SIGNALS))
    reach[:, Signal.OFI] = lasting
    mid = 10_000 + np.cumsum(np.append(0.0, 0.05 * lasting[:-1]) + random.normal(0, 0.2, 20_000))
    fit = found(quotes(mid, reach)).signals[Signal.OFI]
    assert fit.horizon_bars >= 1.0
    assert fit.edge > 10 * 0.05


@pytest.mark.parametrize("signal", [Signal.SPREAD, Signal.MINE])
def test_what_is_assumed_moves_with_the_evidence_and_keeps_its_sign(signal) -> None:
    prior = NOTHING.copy()
    prior[signal] = 0.5
    silent = market(0.0)
    silent["reach"][:, signal] = 0.0
    assert found(silent, prior).values()[signal] == 0.5
    assert found(market(0.9, signal), prior).values()[signal] > 0.7
    assert found(market(-3.0, signal), prior).values()[signal] == 0.0


def test_a_spread_never_expects_more_than_the_whole_way() -> None:
    prior = NOTHING.copy()
    prior[Signal.SPREAD] = prior[Signal.MINE] = 0.5
    assert found(market(4.0, Signal.SPREAD), prior).values()[Signal.SPREAD] == 1.0
    assert found(market(4.0, Signal.MINE), prior).values()[Signal.MINE] > 3.0


def test_a_handful_of_outliers_is_no_edge() -> None:
    rows = market(0.0)
    rows["reach"][:, Signal.DEPTH] = 0.0
    for row in range(500, 5_500, 500):
        rows["reach"][row, Signal.DEPTH] = 50.0
        rows["mid_ticks"][row + 1 :] += 50.0
    assert found(rows).values()[Signal.DEPTH] == 0.0


def test_nothing_is_measured_over_a_stretch_without_books() -> None:
    """The jump over the night is no move that a signal of the evening foretold."""
    rows = market(0.0, count=3_000)
    rows["ts_ns"][1_500:] += 3_600 * 1_000_000_000
    rows["mid_ticks"][1_500:] += 1e6
    assert found(rows).values() == [0.0] * N_SIGNALS


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (market(0.1, count=999), "999 usable books; 1000 are needed"),
        (quotes(np.full(2_000, 7.5)), "the mid never moves"),
        (quotes(np.full(2_000, np.nan)), "0 usable books"),
    ],
)
def test_books_that_cannot_be_measured_are_refused_with_a_reason(rows, sentence) -> None:
    refusal = fit_edges(rows, BAR_NS, NOTHING)
    assert isinstance(refusal, Refusal)
    assert sentence in refusal.reason
