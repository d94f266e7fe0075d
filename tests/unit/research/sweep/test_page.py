"""The page of a sweep: it says everything in words, whatever stands in it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from core.research.sweep.landscape import explained, height_of, levels_of, means, pairs, telling
from core.research.sweep.page import short_names, sweep_page
from core.research.sweep.report import sweep_json
from core.research.sweep.score import Objective
from core.research.sweep.search import Trial
from core.research.sweep.space import Space
from core.research.sweep.splits import Scheme
from core.settings.loader import load_settings
from tests.unit.research.sweep.sweeps import SPACE, between, choices, make_result, make_trials

NINE_IN_EIGHT = (
    "6 to 6", "7 to 7", "8 to 8", "9 to 9", "10 to 11", "12 to 12", "13 to 13", "14 to 14"
)  # fmt: skip


def page_of(result):
    return sweep_page(result, sweep_json(result))


def words(page):
    return unescape(re.sub(r"<[^>]+>", " ", page))


def svgs(page):
    return [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def by_key(space, key):
    return next(dimension for dimension in space.dimensions if dimension.key == key)


def test_the_page_needs_nothing_else_and_every_picture_says_what_it_is():
    page = page_of(make_result(objectives=(Objective.SHARPE, Objective.DRAWDOWN)))
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    drawings = svgs(page)
    # Profit, splits, three maps, all points, the front.
    assert len(drawings) == 7
    assert all(drawing.get("aria-label") for drawing in drawings)


def test_the_verdict_comes_first():
    result = make_result()
    said = words(page_of(result))
    verdict = sweep_json(result)["verdict"][0]
    assert said.index(verdict) < said.index("PnL out of sample")


def test_each_split_is_a_row_with_what_it_chose():
    result = make_result(scheme=Scheme.PURGED)
    said = words(page_of(result))
    for entry in result.judged:
        assert f"fold {entry.split.judged_on + 1}" in said
    assert "1, 3" in said


def test_the_lines_for_use_set_exactly_what_was_chosen():
    result = make_result()
    code = unescape(re.search(r"<pre>(.*?)</pre>", page_of(result), re.DOTALL).group(1))
    arguments = shlex.split(code.replace("\\\n", " "))
    given = [after for flag, after in pairwise(arguments) if flag == "--set"]
    settings = load_settings(None, [], given).settings
    for key, value in result.chosen.values.items():
        table, name = key.split(".")
        assert getattr(getattr(settings, table), name) == value


def test_what_comes_from_outside_is_escaped():
    trials = make_trials()
    trials.append(Trial(99, trials[0].values, failure="<script>alert(1)</script>"))
    page = page_of(make_result(trials=trials))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "wave &amp; ripple.csv" in page


def test_what_failed_and_what_was_given_up_is_counted():
    trials = make_trials()
    trials += [Trial(50 + n, trials[n].values, failure="forbidden by risk") for n in range(2)]
    trials.append(Trial(60, trials[4].values, is_pruned=True))
    said = words(page_of(make_result(trials=trials, judging_failure="out of room")))
    assert "2 points could not be run: forbidden by risk" in said
    assert "1 point given up" in said
    assert "fold 3 could not be judged and counts as no profit: out of room" in said
    assert "Dashed: 3 without a score" in said


def test_nothing_is_said_of_failures_where_there_are_none():
    assert "What was not run" not in page_of(make_result())


def test_a_best_point_that_never_traded_is_called_so():
    trials = [replace_outcomes(trial) for trial in make_trials()]
    assert "The best point never traded" in page_of(make_result(trials=trials))
    assert "The best point never traded" not in page_of(make_result())


def replace_outcomes(trial):
    return replace(trial, outcomes={})


def test_one_setting_and_one_point_are_enough():
    space = Space((choices("strategy.take_signal", 0.5, 0.9),))
    trials = [Trial(0, {"strategy.take_signal": 0.9}, (1.0,))]
    page = page_of(make_result(space=space, trials=trials, risk=float("nan")))
    assert "needs four folds" in page
    assert "Where it is high" not in page


def test_of_too_many_points_some_are_drawn_and_it_is_said():
    page = page_of(make_result(trials=make_trials(count=430)))
    assert "Drawn are 400 of 430" in page


def test_a_gap_breaks_the_line_of_a_setting_that_is_not_varied_there():
    page = page_of(make_result())
    (drawing,) = [d for d in svgs(page) if "one line each" in d.get("aria-label")]
    threads = [g for g in drawing.iter("g") if (g.get("class") or "").startswith("thread")]
    for thread in threads:
        tip = thread.find("title").text
        assert (thread.find("circle") is None) == ("queue_power" in tip)


def test_the_setting_that_the_score_hangs_on_tells_most():
    (first, share), (_, next_share), *_ = telling(SPACE, make_trials())
    assert first.dimension.key == "strategy.take_signal"
    assert share > 0.9
    assert next_share < 0.2


def test_a_setting_without_influence_explains_about_nothing():
    """Eight groups of noise explain 7 / 199 by chance, which is taken off."""
    trials = make_trials(count=200, seed=8)
    assert explained(levels_of(by_key(SPACE, "strategy.min_signal")), trials) < 0.03


def test_explained_is_the_textbook_figure_of_two_groups():
    """Groups 1, 3 and 6, 8: between 25, within 4, in all 29; epsilon squared (25 - 2) / 29."""
    levels = levels_of(choices("simulation.impact", True, False))
    trials = [
        Trial(n, {"simulation.impact": n < 2}, (score,))
        for n, score in enumerate((1.0, 3.0, 6.0, 8.0))
    ]
    assert explained(levels, trials) == pytest.approx(23 / 29)
    assert explained(levels, trials[:2]) == 0.0


def test_cells_hold_the_mean_of_their_trials_and_others_are_empty():
    one, other = choices("a.b", 1, True), between("a.c", 0.0, 8.0)
    across, down = levels_of(one), levels_of(other)
    trials = [
        Trial(0, {"a.b": True, "a.c": 7.9}, (4.0,)),
        Trial(1, {"a.b": True, "a.c": 8.0}, (6.0,)),
        Trial(2, {"a.b": 1, "a.c": 0.0}, (-3.0,)),
        Trial(3, {"a.b": 1, "a.c": 0.5}),
        Trial(4, {"a.b": 1}, (9.0,)),
    ]
    assert means(trials, across, down) == {(1, 7): (5.0, 2), (0, 0): (-3.0, 1)}


@pytest.mark.parametrize(
    ("dimension", "names"),
    [
        (between("a.b", 0.1, 0.4, step=0.15), ("0.1", "0.25", "0.4")),
        (between("a.b", 2.0, 4.0, is_whole=True), ("2", "3", "4")),
        (between("a.b", 6.0, 14.0, is_whole=True), NINE_IN_EIGHT),
        (choices("a.b", True, "word", 2), ("true", "word", "2")),
    ],
)  # fmt: skip
def test_values_are_put_into_groups_that_are_called_by_them(dimension, names):
    assert levels_of(dimension).names == names


def test_a_logarithmic_range_has_groups_of_equal_ratio():
    levels = levels_of(between("a.b", 1.0, 256.0, is_log=True))
    assert [levels.place(value) for value in (1.0, 1.9, 2.1, 128.1, 256.0)] == [0, 0, 1, 7, 7]
    assert height_of(levels.dimension, 16.0) == pytest.approx(0.5)


def test_two_or_three_settings_make_one_or_three_maps():
    ranked = telling(SPACE, make_trials())
    assert [len(pairs(ranked[:count])) for count in (1, 2, 3, 6)] == [0, 1, 3, 3]


def test_settings_that_end_alike_are_called_by_their_whole_key():
    space = Space((choices("risk.limit", 1, 2), choices("stops.limit", 3, 4), choices("a.b", 1, 2)))
    assert short_names(space) == {
        "risk.limit": "risk.limit",
        "stops.limit": "stops.limit",
        "a.b": "b",
    }
