"""The page of a comparison: asked, made, done and failed, honest about what is compared."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.view import View
from cockpit.viewmodels.whatif import what_if_lines
from core.domain.whatif import WhatIfState
from tests.unit.cockpit.fake_engine import NS, START_NS
from tests.unit.cockpit.fake_replay import DATA, PAST, curve, make_whatif, replayed


def text_of(lines) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def page(width: int = 78, height: int = 19, meta=PAST, **changes) -> str:
    view = View(meta=meta, snapshot=replayed(**changes))
    return text_of(what_if_lines(view, width, height))


def test_before_the_first_picture_it_waits() -> None:
    assert "waiting for the recording" in text_of(what_if_lines(View(), 78, 19))


def test_before_the_first_comparison_it_says_what_one_is() -> None:
    text = page()
    assert "two engines trade the rest" in text
    assert "one sample" in text
    assert "enter chooses a parameter" in text


def test_recorded_data_has_no_run_to_compare_with() -> None:
    text = page(meta=DATA)
    assert "Recorded data is traded anew" in text
    assert "--set KEY=VALUE" in text
    assert "enter" not in text


def test_while_it_is_made_it_says_how_far_and_how_to_give_up() -> None:
    text = page(whatif=make_whatif(WhatIfState.RUNNING))
    assert "strategy.min_signal 0.35 → 0.5   from 14:03:27 to 14:04:26 UTC" in text
    assert "43 %  c gives it up" in text
    assert "compiled" not in text


def test_the_first_one_may_take_a_minute() -> None:
    text = page(whatif=make_whatif(WhatIfState.RUNNING, done_pct=0.0))
    assert "has the simulation compiled: up to a minute" in text


@pytest.mark.parametrize(
    ("state", "said"),
    [(WhatIfState.CANCELED, "canceled"), (WhatIfState.FAILED, "could not be made")],
)
def test_one_that_came_to_nothing_says_why_and_how_to_ask_again(state, said) -> None:
    text = page(whatif=make_whatif(state, text="the run ends here: nothing is left to compare"))
    assert f"the comparison: {said}" in text
    assert "nothing is left to compare" in text
    assert "enter chooses a parameter" in text


@pytest.mark.parametrize("width", [78, 158])
def test_figures_of_all_three_and_the_difference_of_the_simulated_two(width) -> None:
    rows = [line.split() for line in page(width, 43, whatif=make_whatif()).splitlines()]
    found = {name: row for row in rows for name in ("changed", "unchanged", "recorded",
             "difference") if name in row and "%" in row}  # fmt: skip

    def figures(name: str) -> list[str]:
        return found[name][found[name].index(name) + 1 :][:4]

    assert figures("changed") == ["+74.63", "3.50", "14", "0.06"]
    assert figures("unchanged") == ["+310.63", "10.25", "41", "0.16"]
    assert figures("recorded") == ["+340.13", "11.00", "44", "0.18"]
    assert figures("difference") == ["-236.00", "-6.75", "-27", "-0.11"]


def test_the_difference_is_put_in_words_and_the_state_at_the_end_too() -> None:
    text = page(whatif=make_whatif())
    assert "the change is worth -236.00 EUR on this stretch" in text
    for words in ("safe mode", "active", "reducing"):
        assert words in text


def test_a_change_without_effect_is_said() -> None:
    found = make_whatif(changed=curve(5.5, 41))
    assert "the change made no difference on this stretch" in page(whatif=found)


def test_the_same_profit_by_other_trades_is_a_difference() -> None:
    found = make_whatif(changed=curve(5.5, 40))
    assert "made no difference" not in page(whatif=found)


def test_curves_have_letters_of_their_own() -> None:
    text = page(whatif=make_whatif())
    assert "c changed   u unchanged   r recorded" in text
    chart = text.split("r recorded")[2]
    assert all(letter in chart for letter in "cur")


def test_where_it_really_began_is_said() -> None:
    words = "begins at 14:03:31, when the venue was connected"
    assert words in page(whatif=make_whatif(text=words))


def test_curves_with_other_samples_are_drawn_at_the_same_times() -> None:
    """The recorded one may begin later, or have a sample less."""
    short = curve(6.0, 44)
    late = curve(6.0, 44, ts_ns=tuple(ts + 7 * NS // 2 for ts in short.ts_ns))
    text = page(158, 43, whatif=make_whatif(recorded=late))
    assert "14:03:27" in text
    assert late.ts_ns[0] - 7 * NS // 2 == START_NS


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 300), st.integers(1, 70), st.sampled_from(list(WhatIfState)))
def test_it_can_be_drawn_in_any_room(width, height, state) -> None:
    view = View(meta=PAST, snapshot=replayed(whatif=make_whatif(state)))
    lines = what_if_lines(view, width, height)
    assert lines
    if width >= 130:
        assert max(line_width(line) for line in lines) <= width
