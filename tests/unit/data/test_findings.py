"""What is found in a market, whole or in chunks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

import pytest

from core.data import dataset
from core.data.dataset import DataSet
from core.data.findings import examine
from core.domain.enums import Channel
from core.domain.events import book, load, observation, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument

START_NS = 10**18
NAMES = ("JAMS", "KELP")


def market(*rows):
    """Each row with the seconds after the start at which it came."""
    stored = []
    for after_s, row in rows:
        stamp(row, 0, START_NS + round(after_s * 10**9))
        stored.append(row)
    instruments = tuple(Instrument(Symbol(name), Decimal(1)) for name in NAMES)
    return DataSet(instruments, "prosperity", load(stored), ())


def a_book(bid=97, ask=101, instrument=0, exch_ts_ns=0):
    bids = [(bid, 5)] if bid else []
    return book(instrument, bids, [(ask, 4)] if ask else [], exch_ts_ns)


@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_books_that_cannot_be_traded_on_are_counted_however_they_come(chunk):
    data = market(
        (0, a_book()), (0, a_book(instrument=1)), (0, a_book()),  # the first one again
        (1, a_book(bid=101)), (2, a_book(bid=0)), (3, a_book(bid=0, ask=0)), (4, a_book()),
        (4, trade(0, 97, 3, 1)), (5, observation(Channel.WEATHER, 1.5, START_NS)),
    )  # fmt: skip
    with patch.object(dataset, "CHUNK", chunk):
        found = examine(data)
    jams, kelp = found.instruments
    assert (jams.books, jams.trades, kelp.books, kelp.trades) == (6, 1, 1, 0)
    assert (jams.crossed, jams.one_sided, jams.empty, jams.repeated) == (1, 1, 1, 1)
    assert (kelp.crossed, kelp.one_sided, kelp.empty, kelp.repeated) == (0, 0, 0, 0)
    assert (found.events, found.others, found.damage) == (9, 1, [])


def test_a_gap_is_measured_in_usual_steps():
    data = market(*((at, a_book(bid=90 + at % 7)) for at in (0, 2, 4, 6, 26, 28, 128)))
    jams = examine(data, gap_steps=9).instruments[0]
    assert (jams.median_step_ns, jams.gaps) == (2 * 10**9, 2)
    assert jams.longest[0] == (START_NS + 28 * 10**9, 100 * 10**9)
    assert examine(data, gap_steps=10).instruments[0].gaps == 1


def test_a_clock_behind_the_venues_is_told_with_its_worst():
    ahead_ns = START_NS + 3 * 10**9
    found = examine(market((0, a_book(exch_ts_ns=ahead_ns)), (4, a_book(exch_ts_ns=ahead_ns))))
    assert (found.clock_behind, found.clock_behind_ns) == (1, 3 * 10**9)


def test_what_no_recording_can_be_is_damage():
    data = market((5, a_book()), (1, a_book(instrument=2)))
    assert examine(data).damage == [
        "events earlier than the one before: 1",
        "events of an instrument that is not listed: 1",
    ]


def test_a_market_of_one_time_has_no_steps():
    data = replace(market((0, a_book()), (0, a_book(bid=98))))
    assert examine(data).instruments[0].median_step_ns == 0
