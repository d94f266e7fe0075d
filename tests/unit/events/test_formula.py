"""The language of settlements: what it reads, and what it says to what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from core.events.evaluate import evaluate
from core.events.formula import FormulaError, parse_formula
from core.events.shapes import SCALAR, Shape

NAMES = {
    "warm": Shape(4, 30),
    "damp": Shape(4, 30),
    "deep": Shape(9, 15),
    "factor": SCALAR,
}
VALUES = {
    "warm": np.array([[3.0, -1.0, 4.0, 1.5], [9.0, 2.0, 6.0, 5.0]]),
    "damp": np.array([[80.0, 70.0, 60.0, 75.0]]),
    "deep": np.arange(9.0)[None, :],
    "factor": np.array([[2.0], [0.5]]),
}


def worth(text: str) -> list[list[float]]:
    return evaluate(parse_formula(text, NAMES), VALUES).tolist()


def refusal(text: str, products: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text, NAMES, products)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", [[6.5]]),
        ("-2 ** 2", [[-4.0]]),
        ("(7 - 9) * 1.5e1", [[-30.0]]),
        ("factor * 10", [[20.0], [5.0]]),
        ("sum(warm)", [[7.5], [22.0]]),
        ("mean(damp)", [[71.25]]),
        ("median(warm)", [[2.25], [5.5]]),
        ("min(warm) + max(warm)", [[3.0], [11.0]]),
        ("max(factor, 1)", [[2.0], [1.0]]),
        ("first(warm) - last(warm)", [[1.5], [4.0]]),
        ("count(deep)", [[9.0]]),
        ("sum(warm > 2)", [[2.0], [3.0]]),
        ("where(factor >= 1, 7, -7)", [[7.0], [-7.0]]),
        ("round(2.5) + round(3.5)", [[6.0]]),
        ("floor(-1.5) + ceil(-1.5)", [[-3.0]]),
        ("abs(-3) + sqrt(16)", [[7.0]]),
        ("diff(warm)", [[-4.0, 5.0, -2.5], [-7.0, 4.0, -1.0]]),
        ("running_mean(warm)", [[3.0, 1.0, 2.0, 1.875], [9.0, 5.5, 17 / 3, 5.5]]),
        ("running_median(warm)", [[3.0, 1.0, 3.0, 2.25], [9.0, 5.5, 6.0, 5.5]]),
        ("warm == 4", [[0.0, 0.0, 1.0, 0.0], [0.0] * 4]),
        ("last(warm * damp / 100)", [[1.125], [3.75]]),
    ],
)
def test_each_part_of_the_language_does_what_it_says(text, expected) -> None:
    np.testing.assert_allclose(worth(text), expected, rtol=1e-14)


def test_line_breaks_count_as_spaces() -> None:
    assert worth("\n  sum(\n warm\n)\n") == worth("sum(warm)")


def test_a_formula_knows_what_it_reads() -> None:
    formula = parse_formula('sum(warm) * factor + product("7_ETF")', NAMES, ["7_ETF", "X"])
    assert formula.names == {"warm", "factor"}
    assert formula.products == {"7_ETF"}
    assert formula.shape == SCALAR


def test_a_mistake_has_a_caret_under_it() -> None:
    assert refusal("sum(2 * warn + damp)") == [
        "unknown name warn; did you mean warm?",
        "    sum(2 * warn + damp)",
        "            ^^^^",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the formula is empty"),
        ("  ", "the formula is empty"),
        ("sum(warm", "not a formula: '(' was never closed"),
        ("warm +", "not a formula: invalid syntax"),
        ("meen(warm)", "unknown function meen; did you mean mean?"),
        ("xyzzy(warm)", "unknown function xyzzy; known: abs, ceil, count"),
        ("sum(factor)", "sum: needs a series, and this is a number"),
        ("diff(3)", "diff: needs a series, and this is a number"),
        ("warm + deep", "a series of 4 bins of 30 min does not go with a series of 9 bins of 15"),
        ("warm * diff(damp)", "a series of 4 bins of 30 min does not go with a series of 3 bins"),
        ("abs(1, 2)", "abs takes 1 value, not 2"),
        ("max()", "max takes 1 to 9 values, not 0"),
        ("sum", "sum is a function: write sum(...)"),
        ("True", "not a number"),
        ("1j", "not a number"),
        ("'warm'", "not a number"),
        ("1e999", "too large"),
        ("9" * 400, "too large"),
        ("1 < 2 < 3", "only numbers, names"),
        ("warm if factor else damp", "only numbers, names"),
        ("warm[0]", "only numbers, names"),
        ("warm.sum()", "only numbers, names"),
        ("sum(x=warm)", "only numbers, names"),
        ("sum(*warm)", "only numbers, names"),
        ("[1, 2]", "only numbers, names"),
        ("lambda: 1", "only numbers, names"),
        ("(y := 3)", "only numbers, names"),
        ("warm @ damp", "only numbers, names"),
        ("5 // 2", "only numbers, names"),
        ("not factor", "only numbers, names"),
        ("__import__('os')", "unknown function __import__"),
        ("product(warm)", 'write product("SYMBOL")'),
        ('product("LON_ETP")', 'unknown product "LON_ETP"; did you mean LON_ETF?'),
        ("wärm", "'\\xe4' is not used in formulas; write plain ASCII"),
        ("1;2", "not a formula"),
        ("((((" * 300, "the formula has 1200 characters, more than 1000"),
        ("(" * 300, "not a formula"),
        ("-" * 60 + "1", "nested more than 40 deep"),
    ],
)
def test_what_is_not_the_language_is_refused(text, sentence) -> None:
    assert refusal(text, ("LON_ETF",))[0].startswith(sentence)


def test_what_cannot_be_worked_out_is_not_finite_and_warns_nobody() -> None:
    for text in ("1 / 0", "0 / 0", "sqrt(-1)", "(-8) ** 0.5", "10.0 ** 400"):
        assert not np.isfinite(worth(text)).any()


def test_over_no_bins_a_sum_is_nothing_and_the_rest_is_unknown() -> None:
    none = {"warm": np.empty((1, 0))}
    assert evaluate(parse_formula("sum(warm) + count(warm)", NAMES), none).item() == 0.0
    for function in ("mean", "median", "min", "max", "first", "last"):
        assert np.isnan(evaluate(parse_formula(f"{function}(warm)", NAMES), none).item())


def test_many_draws_are_worth_what_a_few_are() -> None:
    """More than are worked out at once, and values that are the same in all."""
    random = np.random.default_rng(16)
    values = {"warm": random.normal(size=(5_000, 4)), "damp": VALUES["damp"]}
    for text in ('sum(warm * damp) + product("X")', "running_mean(warm) - damp"):
        formula = parse_formula(text, NAMES, ["X"])
        products = {"X": random.normal(size=(5_000, 1))}
        whole = evaluate(formula, values, products)
        for rows in (slice(0, 3), slice(4_990, 5_000)):
            part = evaluate(
                formula,
                {"warm": values["warm"][rows], "damp": values["damp"]},
                {"X": products["X"][rows]},
            )
            np.testing.assert_allclose(whole[rows], part, rtol=1e-12)


def test_working_a_formula_out_leaves_what_it_reads_alone() -> None:
    before = {name: value.copy() for name, value in VALUES.items()}
    evaluate(parse_formula("sum(-warm * 2 + abs(warm) - (warm + damp) ** 2)", NAMES), VALUES)
    for name, value in VALUES.items():
        np.testing.assert_array_equal(value, before[name])
