"""States that are kept: near every position, and never too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtime.frames import Frames


def filled(length: int, *, spacing: int = 4, room: int = 8) -> Frames:
    """States named by their position, `room` of which fit."""
    frames = Frames(name(0), spacing=spacing, budget_bytes=room * 10)
    for position in range(1, length + 1):
        if frames.is_due(position):
            frames.keep(position, name(position))
    return frames


def name(position: int) -> bytes:
    """Ten bytes, whatever the position."""
    return b"%010d" % position


def test_the_nearest_state_is_never_after_the_position() -> None:
    frames = filled(30)
    assert frames.nearest(8) == (8, name(8))
    assert frames.nearest(11) == (8, name(8))
    assert frames.nearest(3) == (0, name(0))


def test_a_position_far_behind_the_last_state_starts_from_that() -> None:
    assert filled(9).nearest(1_000) == (8, name(8))


def test_every_other_state_goes_when_there_are_too_many() -> None:
    frames = filled(40)
    assert (len(frames), frames.spacing) == (6, 8)
    assert frames.nearest(15) == (8, name(8))
    assert frames.nearest(40) == (40, name(40))


@pytest.mark.parametrize("room", [0, 3])
def test_there_is_room_for_eight_however_large_they_are(room: int) -> None:
    frames = filled(7 * 4, room=room)
    assert (len(frames), frames.spacing) == (8, 4)


@given(length=st.integers(0, 3_000), room=st.integers(8, 40), position=st.integers(0, 3_000))
def test_memory_is_bounded_and_the_way_is_never_longer_than_the_spacing(
    length, room, position
) -> None:
    frames = filled(length, room=room)
    assert len(frames) <= room
    seq, _ = frames.nearest(min(position, length))
    assert 0 <= min(position, length) - seq < frames.spacing


def test_states_of_any_size_share_the_room() -> None:
    """What counts is their sum, as states grow with what happens in them."""
    frames = Frames(b"", spacing=2, budget_bytes=1_000)
    for position in range(2, 80, 2):
        if frames.is_due(position):
            frames.keep(position, bytes(position * 2))
    assert frames.bytes <= 1_000
    assert frames.spacing == 8


def test_what_is_behind_a_place_can_be_forgotten() -> None:
    frames = filled(30)
    frames.forget_after(18)
    assert frames.nearest(30) == (16, name(16))
    assert frames.bytes == 5 * 10
    frames.keep(20, name(21))
    assert frames.nearest(20) == (20, name(21))
