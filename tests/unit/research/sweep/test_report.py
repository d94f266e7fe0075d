"""What is said of a sweep: an edge where there is one, and none where there is only noise."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from core.research.sweep.report import sweep_json
from core.research.sweep.score import Objective
from core.research.sweep.search import Trial
from core.research.sweep.splits import Scheme
from core.research.sweep.text import sweep_text
from tests.unit.research.sweep.sweeps import BAR_S, make_result, make_trials, noise_folds


def verdict(result):
    return sweep_json(result)["verdict"]


def test_noise_is_called_no_edge_with_what_would_have_been_seen():
    said = verdict(make_result(noise_folds(4, seed=2)))[0]
    assert said.startswith("No edge shown: ")
    assert "Over 4 folds only a profit beyond " in said


def test_an_edge_is_claimed_of_noise_about_once_in_twenty():
    """60 sweeps of noise alone: of a 90 % interval 3 lie above 0, with a deviation of 1.7."""
    said = [verdict(make_result(noise_folds(3, seed=seed)))[0] for seed in range(60)]
    assert sum(words.startswith("An edge is shown") for words in said) <= 9
    assert sum(words.startswith("No edge shown") for words in said) >= 44


def test_a_steady_gain_is_an_edge():
    result = make_result(noise_folds(3, mean=0.0008))
    assert verdict(result)[0].startswith("An edge is shown on what was not chosen by")
    assert sweep_json(result)["out_of_sample"]["edge_probability"] > 0.95


def test_a_steady_loss_is_called_so():
    assert verdict(make_result(noise_folds(3, mean=-0.0008)))[0].startswith("It loses: ")


def test_few_returns_are_too_short_to_judge():
    said = verdict(make_result(noise_folds(3, mean=0.01, bars=9)))[0]
    assert said.startswith("Too short to judge: 27 returns out of sample, and at least 30")


def test_without_fills_there_is_nothing_to_judge():
    flat = [np.zeros(40), np.zeros(40)]
    assert verdict(make_result(flat, fills=0))[0].startswith("Nothing was traded out of sample")


@pytest.mark.parametrize(
    ("risk", "words"),
    [(0.75, "Searching finds luck here"), (0.25, "Probability of overfitting 25 %")],
)
def test_the_probability_of_overfitting_is_said(risk, words):
    assert verdict(make_result(risk=risk))[1].startswith(words)


def test_an_unknown_probability_of_overfitting_is_not_said():
    document = sweep_json(make_result(risk=math.nan))
    assert len(document["verdict"]) == 1
    assert document["overfit_probability"] is None


def test_figures_out_of_sample_are_those_of_all_judged_folds_together():
    folds = noise_folds(3, mean=0.0003)
    profits = np.concatenate(folds)
    out = sweep_json(make_result(folds))["out_of_sample"]
    year = 365 * 86_400 / BAR_S
    sharpe = profits.mean() / profits.std(ddof=1) * math.sqrt(year)
    growth = np.concatenate(([0.0], np.cumsum(profits)))
    fall = max(growth[: place + 1].max() - growth[place] for place in range(len(growth)))
    assert out["pnl_pct"]["value"] == pytest.approx(100 * profits.sum())
    assert out["sharpe"]["value"] == pytest.approx(sharpe)
    assert out["drawdown_pct"] == pytest.approx(100 * fall)
    assert (out["bars"], out["fills"], out["turnover"]) == (120, 3 * 37, 4.5)
    for name in ("pnl_pct", "sharpe"):
        assert out[name]["low"] < out[name]["value"] < out[name]["high"]


def test_the_interval_of_the_profit_is_about_that_of_independent_returns():
    """1.645 standard errors to each side; the bootstrap may stray from it by a tenth."""
    folds = noise_folds(4, seed=9, bars=250)
    found = sweep_json(make_result(folds))["out_of_sample"]["pnl_pct"]
    error = 100 * np.concatenate(folds).std() * math.sqrt(1_000)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.645 * error, rel=0.1)


def test_what_the_choice_promised_is_the_mean_over_the_splits():
    document = sweep_json(make_result(in_sample=12.5))
    assert document["in_sample"] == 12.5
    assert [row["in_sample"] for row in document["splits"]] == [12.5] * 3
    assert [row["chosen_by"] for row in document["splits"]] == [[0], [0, 1], [0, 1, 2]]


def test_the_document_is_plain_json():
    trials = make_trials()
    trials.append(Trial(70, trials[0].values, failure="forbidden"))
    document = sweep_json(make_result(trials=trials, risk=math.nan))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["failures"] == ["forbidden"]
    assert len(document["trials"]) == 31


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_text_fits_a_terminal_of_80_columns(scheme):
    wild = noise_folds(12, mean=0.02, deviation=0.0005)
    objectives = (Objective.SHARPE, Objective.DRAWDOWN)
    trials = make_trials(objectives=objectives)
    trials.append(Trial(70, trials[0].values, failure="a rule that forbids it, " * 8))
    result = make_result(wild, fills=123_456, trials=trials, objectives=objectives, scheme=scheme)
    lines = sweep_text(sweep_json(result)).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("An edge is shown") for line in lines)


def test_the_text_names_the_best_points_in_order():
    text = sweep_text(sweep_json(make_result()))
    best = sorted((trial.scores[0] for trial in make_trials()), reverse=True)[:5]
    places = [text.index(f"  {score:,.2f}  min_signal") for score in best]
    assert places == sorted(places)
