"""Stretches of a recording: they share nothing, leave nothing out, and bad bounds are said."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.dataset import DataSet, SourceFile
from core.data.part import Part, parse_part
from core.domain.errors import ConfigurationError, DataError
from core.domain.events import load, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument

START_NS = 1_700_000_000_000_000_000


def recording(after_ns):
    """Trades so long after the start, numbered by their price."""
    rows = []
    for number, ns in enumerate(after_ns, start=1):
        row = trade(0, number, 3, 1)
        stamp(row, 0, START_NS + ns)
        rows.append(row)
    return DataSet(
        (Instrument(Symbol("JAMS"), Decimal(1)),),
        "prosperity",
        load(rows),
        (SourceFile(Path("day.csv"), "12ab", len(rows)),),
        {"JAMS": START_NS - 5},
    )


def prices(data):
    return data.events["price_ticks"].tolist()


def test_a_part_begins_with_its_first_moment_and_ends_before_its_last():
    data = recording([0, 10, 20, 30, 40])
    assert prices(data.part(25, 75)) == [2, 3]


def test_the_last_part_includes_the_end():
    data = recording([0, 10, 20, 30, 40])
    assert prices(data.part(75, 100)) == [4, 5]
    assert prices(data.part(0, 100)) == [1, 2, 3, 4, 5]


def test_it_goes_by_time_and_not_by_events():
    data = recording([0, 1, 2, 3, 4, 99, 100])
    assert prices(data.part(0, 50)) == [1, 2, 3, 4, 5]
    assert prices(data.part(50, 100)) == [6, 7]


def test_a_cut_between_two_moments_is_not_rounded_onto_the_earlier():
    """A third of a nanosecond later is later."""
    data = recording([0, 33, 100])
    assert prices(data.part(33.3, 100)) == [3]
    assert prices(data.part(0, 33.3)) == [1, 2]


@given(
    gaps=st.lists(st.integers(0, 10**13), min_size=1, max_size=40),
    cuts=st.lists(st.floats(0, 100, exclude_min=True, exclude_max=True), max_size=4, unique=True),
)
def test_parts_that_meet_make_up_the_whole(gaps, cuts):
    """Whatever the clock of the recording and wherever the cuts."""
    data = recording(np.cumsum(gaps).tolist())
    bounds = [0.0, *sorted(cuts), 100.0]
    found = []
    for start, stop in pairwise(bounds):
        try:
            found += prices(data.part(start, stop))
        except DataError:
            continue
    assert found == prices(data)


def test_the_events_are_copied_and_the_rest_stays():
    data = recording([0, 10, 20])
    part = data.part(0, 100)
    part.events["price_ticks"] = 77
    assert prices(data) == [1, 2, 3]
    assert (part.instruments, part.profile, part.sources) == (
        data.instruments,
        data.profile,
        data.sources,
    )


def test_the_first_quote_belongs_to_the_beginning():
    data = recording([0, 10, 20])
    assert data.part(0, 50).first_quote_ts_ns == {"JAMS": START_NS - 5}
    assert data.part(50, 100).first_quote_ts_ns == {}


def test_a_part_without_an_event_is_refused():
    data = recording([0, 100])
    with pytest.raises(DataError, match=r"day\.csv: has no event from 40 to 60\.5 % of its time"):
        data.part(40, 60.5)


def test_a_recording_without_events_has_no_parts():
    with pytest.raises(DataError, match=r"day\.csv: holds no events"):
        recording([]).part(0, 50)


@pytest.mark.parametrize(
    ("start", "stop"), [(50, 50), (60, 40), (-1, 50), (0, 101), (float("nan"), 50), (0, np.nan)]
)
def test_bounds_that_are_none_are_refused(start, stop):
    with pytest.raises(ValueError, match="no part of a recording"):
        recording([0, 10]).part(start, stop)


@pytest.mark.parametrize(
    ("text", "part"), [("0:50", Part(0, 50)), ("12.5:100", Part(12.5, 100)), (" 1 : 2 ", (1, 2))]
)
def test_a_part_is_read_as_two_per_cents(text, part):
    assert parse_part(text) == part


@pytest.mark.parametrize(
    "text", ["", ":", "50", "0:", ":50", "50:50", "60:40", "-1:50", "0:101", "a:b", "nan:50",
             "0:inf", "0:50:100", "0-50", "\x1b[2J:3"],
)  # fmt: skip
def test_what_is_no_part_is_refused_with_an_example(text):
    with pytest.raises(ConfigurationError, match="for example 0:50") as refused:
        parse_part(text)
    assert str(refused.value).startswith("--part: ")
    assert str(refused.value).isprintable()
