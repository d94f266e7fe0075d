"""Parameters: bounds, steps, drafts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.parameters import check, parameter_lines, step
from cockpit.viewmodels.view import View
from core.domain.parameters import ParameterSpec
from tests.unit.cockpit import fake_engine as fake

SPEC = ParameterSpec("risk.max_position_pct", 3, "%", 20, 1, 100, "Larger positions.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("101", "101 is outside 1 to 100 %; the nearest is 100"),
        ("-4", "-4 is outside 1 to 100 %; the nearest is 1"),
        ("lots", "'lots' is not a number"),
        ("", "'' is not a number"),
        ("nan", "'nan' is not a finite number"),
        ("1e999", "'1e999' is not a finite number"),
    ],
)
def test_a_refused_value_is_told_what_is_allowed(text, sentence) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        check(SPEC, text)


def test_an_allowed_value_is_taken() -> None:
    assert check(SPEC, " 12.5 ") == 12.5


@given(st.floats(1, 100), st.sampled_from([-1, 1]))
def test_a_step_never_leaves_the_bounds(value, direction) -> None:
    assert SPEC.lower <= step(SPEC, value, direction) <= SPEC.upper


def test_a_step_stays_on_the_grid() -> None:
    """0.35 + 0.02 must not read 0.36999999999999994."""
    assert step(ParameterSpec("k", 0, "", 0, 0, 1, ""), 0.36, 1) == 0.38


def test_a_draft_stands_beside_what_holds() -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    lines = parameter_lines(view, 0, {0: 0.4}, 100, 16)
    text = "\n".join("".join(part for part, _ in line) for line in lines)
    assert "→ 0.4" in text
    assert "0.35 → 0.4, not applied yet" in text


def test_an_engine_without_parameters_is_no_trouble() -> None:
    view = View(meta=fake.make_meta(parameters=()), snapshot=fake.make_snapshot())
    assert parameter_lines(view, 0, {}, 80, 10)[0][0][0] == "this engine has no live parameters"
