"""A recorded run on the screen: forward, back, compared, and nothing left of what was undone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.integration.program import Program
from tests.integration.terminal import Terminal
from tests.unit.runtime.run_rig import RUN_ID, record

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

LAST = "event 546"


@pytest.fixture
def run_dir(tmp_path: Path, compiled_kernel) -> Path:
    asyncio.run(record(tmp_path / RUN_ID))
    return tmp_path


@pytest.fixture
def replay(run_dir: Path, open_terminal) -> Terminal:
    """A replay of the run in a small terminal, held before its first event."""
    terminal = open_terminal(Program(run_dir).command("replay", "latest", "--speed", "0"))
    terminal.wait_for("REPLAY", "HOLD", "event   0", "space hold")
    return terminal


def go_to(terminal: Terminal, place: str) -> None:
    terminal.press("g")
    terminal.wait_for("recorded from 08:26:40 to 08:27:03 UTC")
    terminal.press(place + "\r")


def test_what_happened_later_is_gone_when_one_goes_back(replay) -> None:
    """Orders, fills, positions and what people asked for; and all of it comes again."""
    go_to(replay, "end")
    end = replay.settled(LAST, "100 %", "SELL 3", "08:27:03, end", "corr +3")
    go_to(replay, "start")
    replay.wait_for("at 08:26:40, start", "event   0", "0 of 0 looks")
    replay.wait_until_gone("SELL")
    assert "STALE" not in replay.text
    assert "old" not in replay.text
    go_to(replay, "end")
    again = replay.settled(LAST, "100 %", "SELL 3", "08:27:03, end", "corr +3")
    # The first line counts the viewer's own alerts, one for each time that it got there.
    assert again.splitlines()[1:] == end.splitlines()[1:]


def test_one_event_at_a_time_and_from_fill_to_fill(replay) -> None:
    replay.press("...")
    replay.wait_for("event   3")
    replay.press(",")
    replay.wait_for("event   2")
    replay.press(">")
    replay.wait_until_gone("event   2")
    first = replay.settled("✓").splitlines()[1]
    replay.press(">")
    replay.wait_until_gone(first.split("%")[1].split("exp")[0].strip())
    replay.settled("✓")
    replay.press("<")
    replay.wait_for(first.split("%")[1].split("exp")[0].strip())


def test_what_a_person_asked_for_stands_in_the_log(replay) -> None:
    go_to(replay, "note")
    replay.wait_for("» strategy.min_signal 0.15")
    go_to(replay, "note")
    replay.wait_for("» pause")
    replay.wait_for("REDUCING  by operator", "08:26:52Z")


def test_a_place_that_there_is_not_is_said_and_mended(replay) -> None:
    go_to(replay, "23:59")
    replay.wait_for("23:59 is not in the recording")
    replay.press("\x7f" * 5 + "+5s\r")
    replay.wait_for("08:26:45")


def test_nothing_can_be_traded_and_the_key_says_why(replay) -> None:
    for key in "sxFB":
        replay.press(key)
        replay.wait_for("this run is over, and no venue is there; R asks what if")
        replay.press("3")
        replay.wait_until_gone("this run is over")


def test_what_if_on_the_screen(replay) -> None:
    """Asked for by keys, compared beside the replay, and drawn."""
    go_to(replay, "60")
    replay.wait_for("event  60")
    replay.press("R")
    replay.wait_for("two engines trade")
    replay.press("\r")
    replay.wait_for("esc asks nothing")
    replay.press("min_signal\r")
    replay.wait_for("may be 0 to 1")
    replay.press("0.5\r")
    text = replay.wait_for("c changed", "u unchanged", "r recorded", "difference")
    assert "strategy.min_signal 0.15 → 0.5   from 08:26:42 to 08:27:03 UTC" in text


def test_it_plays_holds_and_ends_with_its_window(replay) -> None:
    replay.press(" ")
    replay.wait_for("x1 ")
    replay.press(" ")
    replay.wait_for("HOLD")
    replay.press("q")
    replay.wait_for("The replay ends with this window")
    replay.answer("s")
    assert replay.wait() == 0
