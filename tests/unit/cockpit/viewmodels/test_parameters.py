"""Parameters: bounds, steps, drafts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.parameters import (
    check,
    matching,
    neighbor,
    next_section,
    parameter_lines,
    step,
)
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


def text_of(lines) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_parameters_of_a_section_stand_together_under_its_name() -> None:
    """In the fake, two of `strategy` come after those of `signals`."""
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    rows = [line.strip() for line in text_of(parameter_lines(view, 0, {}, 78, 19)).splitlines()]
    names = [row.split()[0] for row in rows[1:16]]
    assert names[:2] == ["strategy", "▸"]
    assert names[2:7] == ["min_confidence", "cooldown_ms", "min_regime_probability",
                          "change_bars", "risk"]  # fmt: skip
    assert names[11] == "signals"


def test_finding_looks_at_keys_and_effects_word_by_word() -> None:
    specs = fake.PARAMETERS
    assert [specs[place].key for place in matching(specs, "COUNTS obi")] == ["signals.weight_obi"]
    assert [specs[place].key for place in matching(specs, "halt")] == ["risk.drawdown_halt_pct"]
    assert matching(specs, "") == [0, 1, 2, 10, 11, 3, 4, 5, 6, 7, 8, 9]
    assert matching(specs, "nonsense") == []


def test_what_was_found_is_counted_and_nothing_found_is_said() -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    assert "3 of 12 parameters" in text_of(parameter_lines(view, 7, {}, 78, 19, "weight"))
    assert "no parameter has 'xyz'" in text_of(parameter_lines(view, 7, {}, 78, 19, "xyz"))


def test_the_cursor_moves_in_the_order_of_the_screen() -> None:
    shown = [0, 1, 2, 10, 11, 3]
    assert neighbor(shown, 2, 1) == 10
    assert neighbor(shown, 3, 1) == 3
    assert neighbor(shown, 0, -1) == 0
    assert neighbor(shown, 7, 1) == 0, "one that is not shown gives way to the first"
    assert neighbor([], 7, 1) == 7


def test_a_page_is_a_section() -> None:
    specs = fake.PARAMETERS
    shown = matching(specs, "")
    assert next_section(specs, shown, 10, 1) == 3
    assert next_section(specs, shown, 4, 1) == 7
    assert next_section(specs, shown, 8, 1) == 7
    assert next_section(specs, shown, 8, -1) == 3
    assert next_section(specs, [], 8, 1) == 8


@pytest.mark.parametrize("cursor", range(12))
def test_the_chosen_one_is_always_in_sight(cursor) -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    text = text_of(parameter_lines(view, cursor, {}, 78, 9))
    name = fake.PARAMETERS[cursor].key.partition(".")[2]
    assert f"▸ {name}" in text


def test_a_parameter_on_trial_says_what_it_goes_back_to_and_when() -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_doubtful_snapshot())
    text = text_of(parameter_lines(view, 1, {}, 78, 19))
    assert "42s, then 0.55" in text
    assert "on trial: 0.6, goes back to 0.55 in 42s: K keeps it" in text


def test_a_draft_that_is_only_to_be_tried_says_so_before_it_is_applied() -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    text = text_of(parameter_lines(view, 0, {0: 0.4}, 78, 19, trial_s=60.0))
    assert "0.35 → 0.4, for 60 s unless kept" in text


def test_a_draft_says_how_much_of_the_range_it_moves_and_how_many_there_are() -> None:
    """0.05 of 0 to 1; at 78 columns that comes before how a draft is forgotten."""
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    text = text_of(parameter_lines(view, 0, {0: 0.4}, 100, 16))
    assert "0.35 → 0.4, not applied yet: a applies, backspace forgets  +5 % of range" in text
    text = text_of(parameter_lines(view, 0, {0: 0.3, 1: 0.5}, 70, 16))
    assert "0.35 → 0.3, not applied yet: a applies all 2  -5 % of range" in text


def test_the_parameter_of_the_step_keys_is_marked() -> None:
    view = View(
        meta=fake.make_meta(), snapshot=fake.make_snapshot(), quick_key="strategy.min_confidence"
    )
    lines = text_of(parameter_lines(view, 0, {}, 78, 19)).splitlines()
    assert [line.split()[0] for line in lines if "*" in line] == ["*min_confidence"]


def test_where_there_is_room_every_parameter_says_what_it_does() -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    wide = text_of(parameter_lines(view, 0, {}, 156, 40))
    narrow = text_of(parameter_lines(view, 0, {}, 78, 40))
    others = fake.PARAMETERS[1:]
    assert all(spec.effect[:24] in wide for spec in others)
    assert not any(spec.effect in narrow for spec in others)
    columns = {line.index("what it does") for line in wide.splitlines() if "what it does" in line}
    assert {line.index(fake.PARAMETERS[3].effect[:24]) for line in wide.splitlines()
            if fake.PARAMETERS[3].effect[:24] in line} == columns  # fmt: skip
