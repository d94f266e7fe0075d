"""A sweep as a whole: the same however it is done, and judged on what it did not choose by."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.data.dataset import DataSet, SourceFile
from core.data.event_file import write_events
from core.domain.errors import ConfigurationError, DataError
from core.research.sweep import search as searching
from core.research.sweep.crew import Alone, LocalCrew
from core.research.sweep.evaluation import Laboratory, Outcome, Task, evaluate
from core.research.sweep.results import Results
from core.research.sweep.score import Objective, drawdown_pct, score
from core.research.sweep.search import Plan, Sampler, Trial, best, pareto
from core.research.sweep.space import Dimension, Space, overrides
from core.research.sweep.splits import Scheme, cut
from core.research.sweep.sweep import points_not_run, run_sweep
from core.settings.loader import load_settings
from tests.unit.kernel.kernel_rig import EISBACH
from tests.unit.kernel.test_batch import wave

S = 1_000_000_000


def choices(key, *values):
    return Dimension(key, values, 0.0, 0.0, 0.0, is_log=False, is_whole=False, condition=None)


def between(key, low, high):
    return Dimension(key, (), low, high, 0.0, is_log=False, is_whole=False, condition=None)


SPACE = Space(
    (choices("strategy.take_signal", 0.6, 1.0), choices("simulation.slippage_ticks", 0, 2))
)
PLAN = Plan(Sampler.GRID, 0, (Objective.PNL,), S, 1, prunes=False)


LIVELY = (
    "strategy.bar_ms=100",
    "strategy.min_regime_probability=0.0",
    "strategy.min_confidence=0.0",
    "strategy.cooldown_ms=0",
    "edge.obi=9.0",
    "edge.momentum=9.0",
    "edge.reversion=0.0",
)
"""Settings that make the swings worth trading for."""


def settings_of(values):
    return load_settings(None, [], [*LIVELY, *overrides(values)]).settings.model_dump_json()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Two minutes of a market that swings, in three folds."""
    data = DataSet((EISBACH,), "", wave(1_200), (SourceFile(Path("day.csv"), "5a5a", 1_200),))
    market = write_events(data, tmp_path_factory.mktemp("sweep") / "events.bin")
    folds = cut(market.first_ts_ns, market.last_ts_ns, 3)
    return Laboratory(market, folds, S, (), ())


def swept(
    laboratory, crew=None, path=None, space=SPACE, plan=PLAN, scheme=Scheme.PURGED, told=None
):
    results = Results(path, laboratory)
    return run_sweep(
        laboratory, crew or Alone(laboratory), results, space, plan, scheme, settings_of,
        told or (lambda _done, _expected: None),
    )  # fmt: skip


def scores(result):
    return [(trial.values, trial.scores) for trial in result.trials]


def test_each_choice_is_judged_on_the_fold_it_did_not_see(laboratory):
    result = swept(laboratory)
    assert [entry.split.judged_on for entry in result.judged] == [0, 1, 2]
    for entry in result.judged:
        judged = entry.chosen.outcomes[entry.split.judged_on]
        assert entry.out_of_sample == pytest.approx(100 * judged.bars.sum())
    assert len(result.profits) == len(result.ts_ns)
    assert result.profits.sum() == pytest.approx(
        sum(entry.out_of_sample for entry in result.judged) / 100
    )
    assert (result.tried, len(result.trials)) == (4, 4)


def test_the_best_trial_is_the_one_with_the_best_score(laboratory):
    result = swept(laboratory)
    assert result.chosen.scores[0] == max(trial.scores[0] for trial in result.trials)
    assert any(trial.outcomes[0].fills for trial in result.trials)


@pytest.mark.parametrize("sampler", [Sampler.TPE, Sampler.RANDOM])
def test_a_sweep_that_is_started_again_finds_everything_on_disk(laboratory, tmp_path, sampler):
    space = Space((between("strategy.min_signal", 0.05, 0.5),))
    plan = replace(PLAN, sampler=sampler, trials=10)
    first = swept(laboratory, path=tmp_path / "study.db", space=space, plan=plan)

    class Nobody:
        def evaluate(self, tasks):
            assert not tasks
            return iter(())

    again = swept(laboratory, Nobody(), tmp_path / "study.db", space, plan)
    assert scores(first) == scores(again)
    assert again.reused > first.reused


def test_two_processes_find_what_one_finds(laboratory):
    with LocalCrew(laboratory, 2) as crew:
        shared = swept(laboratory, crew)
    assert scores(shared) == scores(swept(laboratory))


def test_walking_forward_chooses_by_the_past_only(laboratory):
    result = swept(laboratory, scheme=Scheme.WALK_FORWARD)
    assert [entry.split.chosen_by for entry in result.judged] == [(0,), (0, 1)]


def test_progress_is_told_up_to_what_was_expected(laboratory):
    told = []
    swept(laboratory, told=lambda done, expected: told.append((done, expected)))
    assert told[-1][0] <= told[-1][1] == 4 * (3 + 6) + 3
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_point_that_the_rules_forbid_is_a_failed_trial(laboratory):
    space = Space((choices("risk.drawdown_reduce_pct", 15.0, 30.0),))
    result = swept(laboratory, space=space)
    failed = [trial for trial in result.trials if trial.failure]
    assert len(failed) == 1
    assert "drawdown_halt_pct" in failed[0].failure


def test_a_space_of_forbidden_points_only_is_an_error(laboratory):
    space = Space((choices("risk.drawdown_reduce_pct", 30.0, 40.0),))
    with pytest.raises(DataError, match="no point of the space could be run"):
        swept(laboratory, space=space)


def test_points_that_fall_behind_are_given_up(laboratory, monkeypatch):
    """Each point pays more than the one before it, so the later ones are below the median."""
    monkeypatch.setattr(searching, "BATCH", 2)
    space = Space((choices("simulation.slippage_ticks", 0, 1, 2, 3, 4, 5),))
    result = swept(laboratory, space=space, plan=replace(PLAN, prunes=True))
    given_up = [trial for trial in result.trials if trial.is_pruned]
    assert given_up
    assert all(not trial.scores for trial in given_up)


def test_giving_up_by_several_objectives_is_refused():
    with pytest.raises(ConfigurationError, match="leave --prune out"):
        replace(PLAN, objectives=(Objective.PNL, Objective.SHARPE), prunes=True)


def test_what_failed_in_any_search_is_counted_once_for_each_point():
    trials = [
        Trial(0, {"a": 1}, failure="forbidden"),
        Trial(0, {"a": 1}, failure="forbidden"),
        Trial(1, {"a": 2}, failure="forbidden"),
        Trial(2, {"a": 3}, failure="out of room"),
        Trial(3, {"a": 4}),
    ]
    assert points_not_run(trials) == {"forbidden": 2, "out of room": 1}


def test_an_evaluation_that_fails_is_told_and_not_raised(laboratory):
    settings = settings_of({}).replace('"mine":""', '"mine":"nowhere:signal"')
    outcome = evaluate(laboratory, Task(settings, 0))
    assert "nowhere" in outcome.failure
    assert not outcome.bars.any()


def test_a_fold_without_events_makes_nothing(laboratory):
    empty = replace(laboratory, folds=(replace(laboratory.folds[0], start_ns=0, stop_ns=5 * S),))
    assert evaluate(empty, Task(settings_of({}), 0)).bars.tolist() == [0.0] * 5


def test_a_study_of_something_else_is_refused(laboratory, tmp_path):
    path = tmp_path / "study.db"
    path.write_text("not a database, and long enough to be read as the header of one" * 20)
    with pytest.raises(ConfigurationError, match="cannot be used as a study"):
        Results(path, laboratory)


def test_other_data_or_another_signal_is_another_outcome(laboratory, tmp_path):
    results = Results(tmp_path / "study.db", laboratory)
    results.keep(Task("{}", 0), Outcome(np.ones(2).tobytes()))
    results.close()
    assert Results(tmp_path / "study.db", laboratory).find(Task("{}", 0)) is not None
    for other in (
        replace(laboratory, fingerprints=("77",)),
        replace(laboratory, bar_ns=2 * S),
        replace(laboratory, market=replace(laboratory.market, sources=())),
    ):
        assert Results(tmp_path / "study.db", other).find(Task("{}", 0)) is None


def trial(number, *values):
    return Trial(number, {}, values)


def test_the_best_of_equals_is_the_first_and_drawdown_is_best_low():
    trials = [trial(0, 2.0), trial(1, 5.0), trial(2, 5.0), trial(3)]
    assert best(trials, Objective.PNL).number == 1
    assert best(trials, Objective.DRAWDOWN).number == 0
    assert best([trial(0)], Objective.PNL) is None


def test_the_front_holds_what_nothing_beats():
    trials = [trial(0, 3.0, 9.0), trial(1, 2.0, 5.0), trial(2, 2.0, 7.0), trial(3, 3.0, 9.0)]
    front = pareto(trials, (Objective.PNL, Objective.DRAWDOWN))
    assert [entry.number for entry in front] == [0, 1, 3]


def test_scores_of_nothing_are_zero_and_drawdown_counts_from_the_start():
    flat = np.zeros(10)
    assert [score(objective, flat, S) for objective in Objective] == [0.0] * 5
    assert drawdown_pct(np.array([-0.01, 0.03, -0.02])) == pytest.approx(2.0)
    assert math.isclose(score(Objective.PNL, np.array([0.01, 0.02]), S), 3.0)
