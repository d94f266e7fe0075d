"""Pictures of a replay: the main screen, where to go, what if, and its help."""

from __future__ import annotations

import pytest

from cockpit.app import CockpitApp
from cockpit.styles.look import Look
from cockpit.styles.themes import DARK, MONO
from core.domain.whatif import WhatIfState
from tests.snapshot.test_cockpit_screens import live, picture
from tests.unit.cockpit.fake_replay import DATA, FakeReplay, make_whatif

SIZES = [(80, 24), (160, 48)]
by_size = pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)


def replay(**changes) -> CockpitApp:
    return picture(FakeReplay(**changes))


@by_size
def test_main_screen_of_a_replay(snap_compare, size) -> None:
    assert snap_compare(replay(), terminal_size=size, run_before=live())


def test_a_replay_on_hold(snap_compare) -> None:
    app = replay(replay_speed=0.0, whatif=make_whatif(WhatIfState.RUNNING))
    assert snap_compare(app, terminal_size=(120, 36), run_before=live())


def test_recorded_data_that_is_traded_anew(snap_compare) -> None:
    assert snap_compare(replay(meta=DATA), terminal_size=(80, 24), run_before=live())


@pytest.mark.parametrize("size", [(60, 20), (40, 10)], ids="{0[0]}x{0[1]}".format)
def test_a_replay_on_a_small_terminal(snap_compare, size) -> None:
    assert snap_compare(replay(), terminal_size=size, run_before=live())


@pytest.mark.parametrize(
    "keys",
    [["g"], ["g", "f", "i", "l", "l"], ["g", *"noon", "enter"], ["question_mark"], ["q"]],
    ids=["go_to", "found", "no_place", "help", "quit"],
)
def test_dialogs_of_a_replay(snap_compare, keys) -> None:
    assert snap_compare(replay(), terminal_size=(80, 24), run_before=live(*keys))


@pytest.mark.parametrize(
    "keys",
    [["R", "enter", *"risk"], ["R", "enter", *"min_signal", "enter", *"7", "enter"]],
    ids=["parameter", "value"],
)
def test_asking_what_if(snap_compare, keys) -> None:
    assert snap_compare(replay(), terminal_size=(80, 24), run_before=live(*keys))


@pytest.mark.parametrize(
    "whatif",
    [
        None,
        make_whatif(WhatIfState.RUNNING),
        make_whatif(WhatIfState.FAILED, text="the run ends here: nothing is left to compare"),
    ],
    ids=["none", "running", "failed"],
)
def test_what_if_before_it_is_done(snap_compare, whatif) -> None:
    app = replay(whatif=whatif)
    assert snap_compare(app, terminal_size=(80, 24), run_before=live("R"))


@by_size
def test_what_if_with_its_curves(snap_compare, size) -> None:
    app = replay(whatif=make_whatif())
    assert snap_compare(app, terminal_size=size, run_before=live("R"))


@pytest.mark.parametrize("look", [Look(MONO), Look(DARK, is_ascii=True)], ids=["no_color", "ascii"])
def test_curves_are_told_apart_without_colors_and_in_plain_letters(snap_compare, look) -> None:
    app = picture(FakeReplay(whatif=make_whatif()), look=look)
    assert snap_compare(app, terminal_size=(120, 36), run_before=live("R"))
