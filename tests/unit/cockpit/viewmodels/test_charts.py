"""Charts have axes, a legend, and the size they are given."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.charts import Series, chart_lines

NS = 1_000_000_000
START_NS = 1_763_820_207 * NS
TIMES = tuple(START_NS + second * NS for second in range(120))


def wave(name: str = "mid", tone: str = "accent") -> Series:
    return Series(name, tone, [100 + math.sin(second / 9) for second in range(120)])


def text_of(lines) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_a_chart_has_times_below_and_values_beside() -> None:
    lines = chart_lines([wave()], TIMES, 80, 16)
    text = text_of(lines)
    assert "14:03:27" in text
    assert "14:05:26" in text
    assert "100.5" in text
    assert "━ mid" in text


def test_each_series_has_its_tone() -> None:
    lines = chart_lines([wave(), Series("level", "own", [99.0] * 119 + [102.0])], TIMES, 80, 16)
    tones = {tone for line in lines[1:] for text, tone in line if text.strip("│┤╭╮╯╰─┬ ")}
    assert {"accent", "own"} <= tones


@pytest.mark.parametrize("height", range(6, 24))
@pytest.mark.parametrize("values", [[100.0, 100.0], [-99.0, 99.0], [-0.3, 1.01], [0.1, 0.2]])
def test_a_chart_of_any_height_reaches_from_side_to_side(values, height) -> None:
    """Of some, plotext drew all of it in the last column."""
    series = Series("mid", "accent", [values[second // 60] for second in range(120)])
    text = text_of(chart_lines([series], TIMES, 80, height))
    assert "14:03:27" in text
    assert "14:05:26" in text
    assert sum(0x2800 < ord(character) < 0x2900 for character in text) > 40


def test_six_lines_have_six_tones() -> None:
    tones = ["accent", "own", "warn", "up", "down", "strong"]
    series = [
        Series(tone, tone, [place + second / 900 for second in range(120)])
        for place, tone in enumerate(tones)
    ]
    lines = chart_lines(series, TIMES, 80, 30)
    drawn = {
        tone for line in lines[1:] for text, tone in line if any("⠀" < dot < "⣿" for dot in text)
    }
    assert drawn == set(tones)


def test_letters_stand_on_lines_in_their_tone_and_in_the_legend() -> None:
    """Two lines that lie upon each other show both letters."""
    both = [100 + second / 9 for second in range(120)]
    series = [Series("one", "own", both, mark="a"), Series("other", "accent", both, mark="b")]
    legend, *lines = chart_lines(series, TIMES, 80, 20)
    assert text_of([legend]).split() == ["a", "one", "b", "other"]
    found = {(letter, tone) for line in lines for text, tone in line for letter in text}
    assert {("a", "own"), ("b", "accent")} <= found
    assert not {("a", "accent"), ("b", "own")} & found


def test_what_is_not_a_number_is_left_out() -> None:
    values = [math.nan] * 60 + [100.0 + second for second in range(60)]
    assert "140" in text_of(chart_lines([Series("mid", "accent", values)], TIMES, 80, 16))


@pytest.mark.parametrize("values", [[], [1.0], [math.nan] * 120])
def test_too_little_to_draw_is_said(values) -> None:
    assert "not enough" in text_of(chart_lines([Series("mid", "accent", values)], TIMES, 80, 16))


def test_a_chart_fills_its_space_whatever_terminal_it_was_started_in(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    lines = chart_lines([wave()], TIMES, 200, 60)
    assert len(lines) == 60
    assert max(line_width(line) for line in lines) == 200


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 60))
def test_it_never_leaves_its_space(width, height) -> None:
    lines = chart_lines([wave()], TIMES, width, height)
    assert len(lines) <= max(1, height)
    if len(lines) > 1:
        assert max(line_width(line) for line in lines) <= width
