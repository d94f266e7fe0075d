"""What a sweep varies, as its file says it, and what such a file may not say."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.research.sweep.space import load_space, overrides
from core.settings.loader import load_settings

RANGES = """
[space."strategy.min_signal"]
low = 0.1
high = 0.4
step = 0.15

[space."simulation.queue_power"]
low = 1.0
high = 2.0
step = 1.0
when = { "simulation.queue" = ["probabilistic"] }

[space."simulation.queue"]
choices = ["risk_averse", "probabilistic"]

[space."strategy.bar_ms"]
low = 500
high = 1500
step = 500
"""


_FLOAT = '[space."strategy.min_signal"]\nlow = 0.1\nhigh = 1\n'


@pytest.fixture
def space_of(tmp_path):
    def load(text):
        path = tmp_path / "space.toml"
        path.write_text(text)
        return load_space(path)

    return load


def test_a_grid_varies_a_setting_only_where_its_condition_holds(space_of):
    points = list(space_of(RANGES).grid())
    assert len(points) == 3 * (1 + 2) * 3
    assert {("simulation.queue_power" in point) for point in points} == {True, False}
    for point in points:
        assert ("simulation.queue_power" in point) == (point["simulation.queue"] == "probabilistic")


def test_whole_ranges_stay_whole_and_others_reach_their_end(space_of):
    points = list(space_of(RANGES).grid())
    assert {point["strategy.bar_ms"] for point in points} == {500, 1_000, 1_500}
    assert {point["strategy.min_signal"] for point in points} == {0.1, 0.25, 0.4}


def test_a_point_is_written_as_settings_take_it(space_of):
    for point in space_of(RANGES).grid():
        settings = load_settings(None, [], overrides(point)).settings
        assert settings.strategy.bar_ms == point["strategy.bar_ms"]
        assert settings.simulation.queue == point["simulation.queue"]


def test_a_range_without_steps_has_no_grid(space_of):
    space = space_of('[space."strategy.min_signal"]\nlow = 0.1\nhigh = 0.4\n')
    with pytest.raises(ConfigurationError, match="neither choices nor a step"):
        list(space.grid())


def test_a_grid_without_end_is_refused(space_of):
    space = space_of(
        '[space."strategy.min_signal"]\nlow = 0.0\nhigh = 1.0\nstep = 0.001\n'
        '[space."strategy.take_signal"]\nlow = 0.0\nhigh = 1.0\nstep = 0.001\n'
    )
    with pytest.raises(ConfigurationError, match="1,002,001 points, more than 100,000"):
        list(space.grid())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing is varied"),
        ("[spice]\n", "spice is no table of a space file; known: space"),
        ('[space."strategy.min_sgnal"]\nlow = 0.1\n', "did you mean strategy.min_signal"),
        ('[space."strategy.min_signal"]\nlow = 0.1\n', "high is missing"),
        ('[space."strategy.min_signal"]\nlow = "a"\nhigh = 1\n', "low must be a number"),
        ('[space."strategy.min_signal"]\nlow = nan\nhigh = 1\n', "low must be a finite number"),
        ('[space."strategy.min_signal"]\nlow = 0.5\nhigh = 0.5\n', "has to be below"),
        ('[space."strategy.min_signal"]\nlow = 0.5\nhigh = 7\n', "7 is outside 0 to 1"),
        ('[space."strategy.min_signal"]\nlow = 0.1\nhigh = 0.2\nstep = 5\n', "step = 5 is outside"),
        ('[space."strategy.min_signal"]\nlow = 0\nhigh = 0.2\nlog = true\n', "needs low above 0"),
        ('[space."strategy.min_signal"]\nlow = 0.1\nhigh = 1\nlog = 1\n', "must be true or false"),
        (
            '[space."strategy.min_signal"]\nlow = 0.1\nhigh = 1\nlog = true\nstep = 0.1\n',
            "do not go together",
        ),
        ('[space."strategy.min_signal"]\nlo = 0.1\n', "lo is not known here; known: low"),
        ('[space."strategy.min_signal"]\nchoices = [0.1]\n', "two or more values"),
        ('[space."strategy.min_signal"]\nchoices = [0.1, [2]]\n', "is no single value"),
        ('[space."strategy.min_signal"]\nchoices = [0.1, 9]\n', "9 is outside"),
        ('[space."strategy.min_signal"]\nchoices = [0.1, 1]\nlow = 1\n', "do not go together"),
        ('[space]\n"strategy.min_signal" = 3\n', "must be a table"),
        (
            '[space."strategy.min_signal"]\nlow = 0.1\nhigh = 1\nwhen = 3\n',
            "when must be one setting",
        ),
        (
            _FLOAT + 'when = { "strategy.bar_ms" = [500] }\n',
            "name what is not varied: strategy.bar_ms",
        ),
        (
            _FLOAT
            + 'when = { "strategy.bar_ms" = [5] }\n'
            + '[space."strategy.bar_ms"]\nlow = 500\nhigh = 900\n'
            + 'when = { "strategy.min_signal" = [1] }\n',
            "conditions go in a circle",
        ),
    ],
)
def test_what_a_space_cannot_be_is_said(space_of, text, reason):
    with pytest.raises(ConfigurationError, match=reason) as refusal:
        space_of(text)
    assert "space.toml" in str(refusal.value)
