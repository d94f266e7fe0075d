"""Formulas: whatever is written, it is refused in a sentence or worth the same as in Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.evaluate import evaluate
from core.events.formula import FormulaError, parse_formula
from core.events.functions import FUNCTIONS, running_median
from core.events.shapes import Shape

NAMES = {"warm": Shape(5, 30), "damp": Shape(5, 30), "deep": Shape(7, 15)}
WORDS = [*FUNCTIONS, *NAMES, "product", "1", "2.5", "(", ")", ",", "+", "-", "*", "**", "/", "<"]

numbers = st.floats(-50, 50).map(lambda value: round(value, 2))
atoms = st.sampled_from(["warm", "damp"]) | numbers.map(lambda value: f"({value})")


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
def test_any_text_is_a_formula_or_a_sentence(text) -> None:
    try:
        formula = parse_formula(text, NAMES)
    except FormulaError as error:
        reason, *rest = str(error).splitlines()
        assert reason
        assert len(rest) == 2
        return
    values = {name: np.ones((3, shape.bins)) for name, shape in NAMES.items()}
    result = evaluate(formula, values)
    assert result.dtype == np.float64
    assert result.shape[1] == max(1, formula.shape.bins)


@st.composite
def expressions(draw, depth: int = 4) -> str:
    if not depth or draw(st.booleans()):
        return draw(atoms)
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    form = draw(
        st.sampled_from(["({} + {})", "({} - {})", "({} * {})", "max({}, {})", "min({}, {})"])
    )
    return form.format(left, right)


@given(expressions(), st.lists(numbers, min_size=10, max_size=10))
def test_arithmetic_is_python_s_own_bin_by_bin(text, values) -> None:
    warm, damp = values[:5], values[5:]
    series = {"warm": np.array([warm]), "damp": np.array([damp])}
    result = np.broadcast_to(evaluate(parse_formula(text, NAMES), series), (1, 5))
    for place in range(5):
        alone = eval(text, {"warm": warm[place], "damp": damp[place], "max": max, "min": min})
        assert result[0, place] == pytest.approx(alone, rel=1e-9, abs=1e-6)


@given(st.sampled_from([1, 3, 40]), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_running_medians_and_means_are_those_of_each_beginning(draws, bins, seed) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(0, 3, (draws, bins))
    medians, means = running_median(values), FUNCTIONS["running_mean"].apply(values)
    for end in range(1, bins + 1):
        median = np.median(values[:, :end], axis=1)
        np.testing.assert_allclose(medians[:, end - 1], median, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(means[:, end - 1], values[:, :end].mean(axis=1), atol=1e-12)
