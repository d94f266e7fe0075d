"""How far a replay has come: the rail, the pace, the event, in whatever room there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.graphs import rail
from cockpit.viewmodels.progress import GAP, pace, progress_chunks, share
from cockpit.viewmodels.status import status_lines
from cockpit.viewmodels.view import LinkState, LinkView, View
from core.domain.enums import Readiness, StateReason, TradingState
from core.domain.whatif import WhatIfState
from tests.unit.cockpit.fake_engine import NS, START_NS, make_account
from tests.unit.cockpit.fake_replay import (
    BEGIN_NS,
    DATA,
    END_NS,
    PAST,
    make_whatif,
    replayed,
    telemetry,
)

LIVE = LinkView(state=LinkState.LIVE)


def text_of(lines) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def status(width: int, meta=PAST, link: LinkView = LIVE, **changes) -> str:
    view = View(meta=meta, snapshot=replayed(**changes), link=link)
    return text_of(status_lines(view, width, 2))


@pytest.mark.parametrize(
    ("done", "before", "after"), [(0, 0, 9), (0.5, 4, 5), (1, 9, 0), (-3, 0, 9), (7, 9, 0)]
)
def test_the_rail_is_as_wide_as_asked_wherever_one_is(done, before, after) -> None:
    assert tuple(map(len, rail(done, 10))) == (before, after)


def test_the_share_is_that_of_recorded_time() -> None:
    assert share(replayed()) == pytest.approx(31 / 90)


def test_at_the_last_event_all_of_it_has_been_played() -> None:
    """The last event may lie a moment before the end of the clock's second."""
    assert share(replayed(replay_position=15_842)) == 1.0


def test_a_recording_without_length_goes_by_events() -> None:
    shown = replayed(replay_end_ns=BEGIN_NS, replay_position=4, replay_length=16)
    assert share(shown) == 0.25


def test_before_the_first_event_nothing_has_been_played() -> None:
    assert share(replace(replayed(replay_position=0), ts_ns=0)) == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, " x4"),
        ({"replay_speed": 0.125}, " x0.125"),
        ({"replay_speed": 1e6}, " xmax"),
        ({"replay_speed": 0.0}, " HOLD"),
        ({"replay_done": True}, " at end"),
        ({"replay_done": True, "replay_speed": 0.0}, " HOLD"),
    ],
)
def test_the_pace_is_a_word_of_one_width(changes, words) -> None:
    line = pace(telemetry(**changes))
    assert text_of([line]).rstrip() == words
    assert line_width(line) == 7


@given(st.integers(0, 400), st.integers(0, 15_842))
def test_the_row_never_leaves_its_room_and_holds_its_width(room, position) -> None:
    chunks = progress_chunks(replayed(replay_position=position), room)
    width = sum(line_width(chunk) + GAP for chunk in chunks)
    least = sum(line_width(chunk) + GAP for chunk in progress_chunks(replayed(), 0))
    assert width <= max(room, least)
    same = progress_chunks(replayed(replay_position=1), room)
    assert [line_width(chunk) for chunk in same] == [line_width(chunk) for chunk in chunks]


def test_the_event_is_left_out_before_the_way() -> None:
    assert text_of(progress_chunks(replayed(), 58)).endswith("34 %")
    assert text_of(progress_chunks(replayed(), 59)).endswith("event  6,127")
    assert text_of(progress_chunks(replayed(), 69)).endswith("event  6,127 of 15,842")


def test_a_small_terminal_shows_the_way_the_event_and_the_drawdown() -> None:
    first, second = status(80).splitlines()
    assert "REPLAY" in first
    assert "14:03:27Z" in first
    assert "dd  0.8/15/25 %" in first
    assert second.startswith(" x4      14:02:56 ━")
    assert " 14:04:26  34 %  event  6,127  exp 34/80 %" in second


def test_what_only_a_live_engine_has_gives_way() -> None:
    text = status(160)
    assert not any(word in text for word in ("p99", "feeds", "link"))


def test_a_lost_link_is_said_all_the_same() -> None:
    link = LinkView(state=LinkState.LOST, text="link lost: reset", age_s=75.0)
    assert "1m15s old  link lost: reset" in status(120, link=link)


def test_the_smallest_terminal_says_how_much_and_which_keys_work() -> None:
    view = View(meta=PAST, snapshot=replayed(), link=LIVE)
    text = text_of(status_lines(view, 40, 10))
    assert " x4     34 %" in text
    assert "space hold" in text
    assert "s safe" not in text
    assert "s safe" in text_of(status_lines(replace(view, meta=DATA), 40, 10))


def test_recorded_data_has_the_same_row() -> None:
    assert "event  6,127" in status(120, meta=DATA)


def test_a_long_word_moves_the_drawdown_down_and_loses_nothing() -> None:
    account = make_account(1_000_617.5, readiness=Readiness.RECONCILING)
    view = View(meta=PAST, snapshot=replace(replayed(), account=account), link=LIVE)
    first, second = (text_of([line]) for line in status_lines(view, 80, 2))
    assert "reconciling" in first
    assert "dd " not in first
    assert second.endswith("event  6,127  dd  0.8/15/25 %")


def test_a_comparison_that_is_made_is_told() -> None:
    assert "what if  43 %" in status(120, whatif=make_whatif(WhatIfState.RUNNING))
    assert "what if" not in status(120, whatif=make_whatif())


def test_the_time_is_shown_whatever_else_there_is_to_say() -> None:
    """On a small terminal, in a state that takes many words."""
    account = make_account(
        1_000_617.5, trading_state=TradingState.REDUCING, state_reason=StateReason.OPERATOR
    )
    view = View(meta=PAST, snapshot=replace(replayed(), account=account), link=LIVE)
    assert "14:03:27Z" in text_of(status_lines(view, 80, 2))


def test_before_the_first_event_the_time_is_that_of_the_start() -> None:
    snapshot = replace(replayed(replay_position=0), ts_ns=0)
    text = text_of(status_lines(View(meta=PAST, snapshot=snapshot, link=LIVE), 80, 2))
    assert "14:02:56Z" in text
    assert "00:00:00" not in text
    assert (END_NS - BEGIN_NS, BEGIN_NS) == (90 * NS, START_NS - 31 * NS)
