"""The state at a position of a run is the same bits, whatever way led there."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journal.reader import JournalReader
from core.kernel.state import to_bytes
from core.runtime.rewind import Traveler
from core.runtime.verify import first_state, read_beginning
from tests.unit.runtime.run_rig import RUN_ID, Recorded, index_of, record

LENGTH = 546
ways = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(1, 700)), min_size=1, max_size=6)
"""Positions to go to, one after another, each in slices of so many events."""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Recorded:
    return asyncio.run(record(tmp_path_factory.mktemp("run") / RUN_ID))


@given(way=ways, spacing=st.sampled_from([16, 100, 4_096]))
@settings(max_examples=60)
def test_every_way_leads_to_the_state_of_the_live_run(run: Recorded, way, spacing) -> None:
    """Forward, back, from any saved state, in slices of any size."""
    index = INDEXES.setdefault(spacing, index_of(run.folder, spacing=spacing))
    assert index.length == LENGTH
    with JournalReader(run.path) as journal:
        state = first_state(run.folder, read_beginning(run.folder), None)
        traveler = Traveler(journal, index.frames, state)
        for target, slice_events in way:
            traveler.start_for(target)
            assert traveler.position <= target
            while True:
                left = iter(range(slice_events))
                if traveler.advance(target, lambda left=left: next(left, None) is None):
                    break
            assert traveler.position == target
            expected = run.states[target] if target else index.frames.nearest(0)[1]
            assert to_bytes(state) == expected


INDEXES = {}
