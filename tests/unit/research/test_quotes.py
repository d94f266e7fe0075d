"""The compiled reading of a recording, against the kernel stepped one event at a time."""

from __future__ import annotations

import numpy as np

from core.domain import events
from core.domain.events import EventKind
from core.domain.instrument import NANOS
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS, WINDOW
from core.kernel.batch import TIMER_NS
from core.kernel.state import make_state
from core.kernel.step import step
from core.research.quotes import read_quotes
from tests.unit.research.markets import ETF, PARAMS, RIVER, START_NS, books

PATH = [
    # ms, instrument, bid, bid lots, ask, ask lots
    (0, 0, 100, 5, 102, 7),
    (10, 1, 50, 1, 51, 3),
    (20, 0, 101, 4, 102, 7),  # a better bid: +4
    (30, 0, 101, 4, 102, 9),  # the ask grows by 2: -2
    (40, 0, 101, 4, 102, 9),  # nothing at the best
    (50, 0, 101, 4, 0, 0),  # one-sided
    (60, 1, 50, 6, 51, 3),  # the other's bid grows by 5: +5
    (70, 0, 100, 3, 103, 2),  # bid worse: -4; ask worse: +9
    (80, 0, 105, 3, 103, 2),  # crossed
]


def test_order_flow_is_counted_from_good_book_to_good_book():
    """Eq. 10 by hand; the one-sided book in between is not a quote."""
    river, etf = read_quotes(books(PATH), PARAMS)
    assert river["flow_lots"].tolist() == [0, 4, -2, 0, 5]
    assert etf["flow_lots"].tolist() == [0, 5]


def test_a_quote_has_its_time_prices_and_imbalance():
    river, _ = read_quotes(books(PATH), PARAMS)
    last = river[-1]
    assert last["ts_ns"] == START_NS + 70_000_000
    assert (last["bid_ticks"], last["ask_ticks"], last["mid2_ticks"]) == (100, 103, 203)
    assert (last["bid_lots"], last["ask_lots"]) == (3, 2)
    assert last["obi"] == 1 / 5


def test_a_book_that_changes_nothing_at_the_best_is_no_new_state():
    river, _ = read_quotes(books(PATH), PARAMS)
    assert river["is_state"].tolist() == [1, 1, 1, 0, 1]


def walk(count=60):
    rng = np.random.default_rng(5)
    bid = 300 + np.cumsum(rng.integers(-1, 2, count))
    return [
        (17 * n, n % 2, bid[n], rng.integers(1, 30), bid[n] + 1 + n % 3, rng.integers(1, 30))
        for n in range(count)
    ]


def test_signals_are_those_of_the_kernel_one_event_at_a_time():
    """Timers between the events included, as they come live."""
    data = books(walk())
    state = make_state(data.instruments, PARAMS, NANOS)
    intents = allocate(INTENT, MAX_INTENTS)
    expected, due_ns = {0: [], 1: []}, START_NS
    for row, event in enumerate(data.events):
        while due_ns <= event["ts_ns"]:
            timer = events.timer()
            events.stamp(timer, 0, due_ns)
            step(state, events.load([timer]), 0, intents)
            due_ns = (due_ns // TIMER_NS + 1) * TIMER_NS
        step(state, data.events, row, intents)
        index = int(event["instrument"])
        expected[index].append(state.instruments[index]["signals"].copy())
    compiled = make_state(data.instruments, PARAMS, NANOS)
    for index, rows in enumerate(read_quotes(data, PARAMS, compiled)):
        assert np.array_equal(rows["signals"], np.array(expected[index]))
    assert np.any(np.array(expected[0])[-1])
    assert compiled.account[0]["events"] == state.account[0]["events"] > len(data.events)


def test_windows_are_full_after_as_many_books():
    river, _ = read_quotes(books(walk()), PARAMS)
    assert np.flatnonzero(river["is_warm"])[0] == WINDOW


def test_reading_leaves_the_data_as_it_is():
    data = books(PATH)
    before = data.events.tobytes()
    read_quotes(data, PARAMS)
    assert data.events.tobytes() == before


def test_a_prepared_kernel_reads_on_from_where_it_is():
    data = books(walk())
    state = make_state(data.instruments, PARAMS, NANOS)
    first = read_quotes(data, PARAMS, state)[0]
    assert state.instruments[0]["book_events"] == len(first)


def test_events_of_unknown_instruments_and_other_kinds_are_no_quotes():
    data = books([*PATH[:2], (20, 9, 100, 5, 102, 7)])
    prints = events.load([events.trade(0, 101, 5, 1)])
    prints["ts_ns"] = START_NS
    assert prints[0]["kind"] == EventKind.TRADE
    joined = np.concatenate([data.events, prints])
    mixed = type(data)((RIVER, ETF), "practice", events.as_records(joined), ())
    assert [len(rows) for rows in read_quotes(mixed, PARAMS)] == [1, 1]


def test_a_recording_without_books_has_no_quotes():
    assert [len(rows) for rows in read_quotes(books([]), PARAMS)] == [0, 0]
