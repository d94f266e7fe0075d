"""A comparison that is being put together, key by key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels import parameters, whatif_draft
from cockpit.viewmodels.view import View
from cockpit.viewmodels.whatif_draft import Draft, args_of, draft_lines
from tests.unit.cockpit.fake_engine import PARAMETERS
from tests.unit.cockpit.fake_replay import PAST, replayed

VIEW = View(meta=PAST, snapshot=replayed())
MIN_SIGNAL = next(
    place for place, spec in enumerate(PARAMETERS) if spec.key == "strategy.min_signal"
)


def typed(text: str, draft: Draft | None = None) -> Draft:
    draft = draft or Draft()
    for character in text:
        draft = whatif_draft.type_character(draft, character)
    return draft


def taken(value: str = "", **changes) -> Draft:
    return Draft(chosen=MIN_SIGNAL, value=value, **changes)


def text_of(draft: Draft, width: int = 74, height: int = 14) -> str:
    lines = draft_lines(draft, VIEW, width, height)
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_letters_find_a_parameter_and_enter_takes_it() -> None:
    draft = typed("min_sig")
    assert "▸ strategy.min_signal" in text_of(draft)
    assert whatif_draft.take(draft, VIEW).chosen == MIN_SIGNAL


def test_the_choice_moves_among_those_found_and_begins_anew_with_a_letter() -> None:
    draft = whatif_draft.move(Draft(), VIEW, -1)
    assert draft.row == len(PARAMETERS) - 1
    assert typed("s", draft).row == 0
    second = whatif_draft.take(whatif_draft.move(typed("risk"), VIEW, 1), VIEW)
    assert PARAMETERS[second.chosen].key.startswith("risk")
    assert second.chosen != whatif_draft.take(typed("risk"), VIEW).chosen


def test_nothing_can_be_taken_where_nothing_is_found() -> None:
    draft = whatif_draft.take(typed("zzz"), VIEW)
    assert draft.chosen == -1
    assert "no parameter has this" in text_of(draft)
    assert whatif_draft.erase(draft).trouble == ""


def test_a_value_steps_from_what_it_is_and_from_what_was_typed() -> None:
    spec = PARAMETERS[MIN_SIGNAL]
    up = whatif_draft.step(taken(), VIEW, 1)
    assert float(up.value) == pytest.approx(parameters.step(spec, spec.default, 1))
    assert float(up.value) > spec.default
    down = whatif_draft.step(taken("0.8"), VIEW, -1)
    assert float(down.value) == pytest.approx(0.8 - spec.step)


def test_before_a_parameter_is_taken_there_is_nothing_to_step() -> None:
    assert whatif_draft.step(typed("min"), VIEW, 1) == typed("min")


def test_what_cannot_be_stepped_is_said() -> None:
    assert "is not a number" in whatif_draft.step(taken("much"), VIEW, 1).trouble


@pytest.mark.parametrize(
    ("value", "reason"), [("", "type a value"), ("7", "nearest is 1"), ("x", "not a number")]
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(value, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        args_of(taken(value), VIEW)


def test_it_begins_now_unless_the_start_is_chosen() -> None:
    assert args_of(taken("0.5"), VIEW) == {"key": "strategy.min_signal", "value": "0.5"}
    moved = whatif_draft.move(taken("0.5"), VIEW, 1)
    assert args_of(moved, VIEW)["where"] == "start"
    assert "from the start of the run to the end" in text_of(moved)
    assert "from now, 14:03:27 UTC to the end" in text_of(whatif_draft.move(moved, VIEW, -1))


def test_digits_can_be_taken_back() -> None:
    assert whatif_draft.erase(typed("0.57", taken())).value == "0.5"
    assert whatif_draft.erase(typed("ab")).needle == "a"


def test_a_refusal_stands_below_until_something_is_typed() -> None:
    draft = whatif_draft.refused(taken("0.35"), "there is nothing to compare")
    assert "there is nothing to compare" in text_of(draft)
    assert "nothing to compare" not in text_of(typed("1", draft))


def test_the_value_is_asked_for_beside_what_it_is_and_may_be() -> None:
    text = text_of(taken("0.5"))
    assert "is 0.35 now, may be 0 to 1" in text
    assert "what if it were 0.5" in text


@given(st.integers(20, 120), st.integers(1, 40), st.text(max_size=60))
def test_it_can_be_drawn_in_any_room(width, height, text) -> None:
    for draft in (typed(text), typed(text, taken())):
        assert draft_lines(draft, VIEW, width, height)
        assert draft_lines(draft, View(meta=PAST), width, height)
