"""The compiled loop: order of things, timers, samples, fills, and its bounds."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.enums import (
    CommandKind,
    EventKind,
    IntentKind,
    LiquiditySide,
    OrderStatus,
    Outcome,
    Regime,
    Signal,
    TradingState,
    VenueState,
)
from core.domain.events import book, command, load, stamp, trade, venue_state
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS
from core.kernel import batch
from core.kernel.state import make_state, to_bytes
from tests.unit.kernel.kernel_rig import (
    CAPITAL,
    EISBACH,
    ETF,
    NANOS,
    make_params,
    starting_models,
)

START_NS = 1_763_800_000 * NANOS
MS = 1_000_000
SWING = {Signal.OBI: 9.0, Signal.MOMENTUM: 1.5}
"""Edges that make the swings worth trading for."""
N_FIRST = len(starting_models()) + 2
"""Events before the market's: models, and a venue that knows of no orders."""


def wave(count, *, step_ms=100):
    """A market that swings: a heavy side, then the other, and a trade into it now and then."""
    rows = []
    for number in range(count):
        heavy = number // 40 % 2
        drift = number % 80 if number % 80 < 40 else 80 - number % 80
        bid, ask = 5_000 + drift, 5_003 + drift
        lots = (40, 3) if heavy == 0 else (3, 40)
        if number % 9 == 8:
            rows.append(trade(0, bid if heavy else ask, 60, -1 if heavy else 1))
        else:
            rows.append(book(0, [(bid, lots[0]), (bid - 1, 9)], [(ask, lots[1]), (ask + 1, 8)]))
    for number, row in enumerate(rows):
        stamp(row, 0, START_NS + number * step_ms * MS)
    return load(rows)


class Run:
    """One backtest of a market from the start."""

    def __init__(self, events, *, samples=1_000, fills=1, **params):
        self.state = make_state(
            [EISBACH, ETF], make_params(**{"bar_ms": 100, **params}), CAPITAL * NANOS
        )
        self.desk = batch.make_desk([EISBACH, ETF])
        self.recorder = batch.make_recorder(2, samples, fills)
        self.events = events
        connection = [venue_state(VenueState.CONNECTED), venue_state(VenueState.SYNCED)]
        rows = [*starting_models(SWING), *connection]
        for number, row in enumerate(rows, start=1):
            stamp(row, number, START_NS)
        intents = allocate(INTENT, MAX_INTENTS)
        assert batch.run_events(self.state, load(rows), 0, N_FIRST, intents) == 0

    @property
    def clock(self):
        return self.recorder.clock[0]

    @property
    def fills(self):
        return self.recorder.fills[: self.clock["fills"]]

    def go(self, start=0, stop=None):
        stop = len(self.events) if stop is None else stop
        return batch.run_backtest(self.state, self.desk, self.recorder, self.events, start, stop)


def test_it_trades_and_books_every_fill():
    run = Run(wave(600))
    assert run.go() == 600
    fills = run.fills
    assert len(fills) == run.state.account[0]["fills"] > 5
    assert (fills["side"] * fills["lots"]).sum() == run.state.instruments[0]["position_lots"]
    assert fills["realized_nanos"].sum() == run.state.instruments[0]["realized_nanos"]
    assert fills["position_lots"][-1] == run.state.instruments[0]["position_lots"]
    assert set(fills["liquidity"]) <= {LiquiditySide.MAKER, LiquiditySide.TAKER}
    assert Regime.UNKNOWN not in set(fills["regime"])


def test_one_at_a_time_is_the_same_as_all_at_once():
    """However the loop is cut, the state has the same bytes."""
    events = wave(600)
    whole, pieces = Run(events), Run(events)
    whole.go()
    for start in range(0, 600, 7):
        pieces.go(start, min(start + 7, 600))
    assert to_bytes(whole.state) == to_bytes(pieces.state)
    assert whole.recorder.fills.tobytes() == pieces.recorder.fills.tobytes()


def test_the_same_events_may_be_run_again():
    events = wave(300)
    first, second = Run(events), Run(events)
    first.go()
    second.go()
    assert to_bytes(first.state) == to_bytes(second.state)


def test_every_applied_event_has_the_next_number():
    """Recorded ones, timers and reports count as one row of numbers."""
    run = Run(wave(200))
    run.go()
    account = run.state.account[0]
    assert account["seq"] == account["events"]
    numbers = run.events["seq"]
    assert (numbers[1:] > numbers[:-1]).all()


def test_timers_come_four_times_a_second():
    events = wave(101)
    run = Run(events)
    run.go()
    others = run.state.account[0]["events"] - N_FIRST - 101
    reports = run.clock["orders"]
    assert others - 10 * 4 - 1 >= reports >= 0
    quiet = Run(events[:1])
    quiet.go()
    assert quiet.state.account[0]["events"] == N_FIRST + 1 + 1


def test_a_long_silence_has_a_minute_of_timers():
    rows = [book(0, [(99, 5)], [(101, 4)]), book(0, [(99, 5)], [(101, 4)])]
    stamp(rows[0], 0, START_NS)
    stamp(rows[1], 0, START_NS + 86_400 * NANOS)
    run = Run(load(rows))
    run.go()
    assert run.state.account[0]["events"] == N_FIRST + 2 + 1 + (60 * 4 + 1)


def test_samples_are_a_second_apart_and_carry_the_equity():
    run = Run(wave(300))
    run.go()
    batch.take_sample(run.state, run.recorder, int(run.events["ts_ns"][-1]))
    samples = int(run.clock["samples"])
    curves = run.recorder.curves
    assert samples == 31
    assert set(np.diff(curves.ts_ns[: samples - 1])) == {NANOS}
    assert curves.equity_nanos[0] == CAPITAL * NANOS
    assert curves.equity_nanos[samples - 1] == run.state.account[0]["equity_nanos"]
    assert curves.pnl_nanos[samples - 1].sum() == (
        run.state.account[0]["equity_nanos"] - CAPITAL * NANOS
    )


def test_samples_beyond_their_room_are_left_out():
    run = Run(wave(300), samples=4)
    assert run.go() == 300
    assert run.clock["samples"] == 4


def test_the_loop_stops_before_fills_would_not_fit_and_goes_on_from_there():
    """A recorder is emptied by whoever drives the loop; nothing is lost over it."""
    events = wave(600)
    whole, narrow = Run(events), Run(events)
    whole.go()
    narrow.clock["fills"] = len(narrow.recorder.fills) - 1
    assert narrow.go() == 0
    narrow.clock["fills"] = 0
    assert narrow.go() == 600
    assert to_bytes(whole.state) == to_bytes(narrow.state)


def test_an_order_that_is_not_ours_is_canceled_at_the_venue():
    """A report of an unknown order makes the kernel ask for its end, in the same event."""
    run = Run(wave(1))
    run.go()
    queued = batch._apply_reports(
        run.state, run.desk, run.recorder, report_stranger(run), 0, START_NS
    )
    assert (queued, run.clock["unfinished"]) == (1, 0)
    assert run.desk.queue[0]["kind"] == IntentKind.CANCEL


def test_more_intents_than_the_queue_holds_are_noticed():
    run = Run(wave(1))
    run.go()
    full = run.desk._replace(queue=run.desk.queue[:0])
    assert (
        batch._apply_reports(run.state, full, run.recorder, report_stranger(run), 0, START_NS) == 0
    )
    assert run.clock["unfinished"] == 1


def test_an_unfinished_event_ends_the_run_where_it_stands():
    run = Run(wave(600))
    run.clock["unfinished"] = 1
    assert run.go() == 0


def test_more_fills_than_were_kept_free_for_one_event_are_noticed():
    run = Run(wave(1))
    run.go()
    run.clock["fills"] = len(run.recorder.fills)
    report = run.desk.reports[0]
    report["kind"], report["instrument"], report["order_id"] = EventKind.FILL, 0, 77
    report["side"], report["price_ticks"], report["lots"], report["trade_id"] = 1, 5_000, 1, 1
    batch._apply_reports(run.state, run.desk, run.recorder, 1, 0, START_NS)
    assert run.clock["unfinished"] == 1


def report_stranger(run):
    """Put the report of an order that no decision made into the venue's answers."""
    report = run.desk.reports[0]
    report["kind"], report["instrument"], report["order_id"] = EventKind.ORDER_REPORT, 0, 77
    report["status"], report["side"] = OrderStatus.OPEN, 1
    report["price_ticks"], report["lots"], report["leaves_lots"] = 4_000, 2, 2
    return 1


def test_time_that_passes_takes_back_what_rests_on_an_old_book():
    """The book goes stale in the silence, and the timers cancel before the next event."""
    events = wave(200)
    late = load([book(0, [(5_000, 40)], [(5_003, 3)])])
    late["ts_ns"] = events["ts_ns"][-1] + 30 * NANOS
    run = Run(events, take_signal=1.0)
    run.go()
    before = int(run.clock["orders"])
    assert run.state.account[0]["open_orders"] == 1
    run.events = late
    assert run.go() == 1
    assert run.clock["orders"] > before


def test_other_events_pass_the_venue_by():
    """A command in a recording reaches the kernel, and what it asks for the venue."""
    events = load([*recorded_rows(wave(200)), stamped_halt(wave(200))])
    run = Run(events)
    run.go()
    assert run.state.account[0]["trading_state"] == TradingState.HALTED
    assert run.state.account[0]["open_orders"] == 0


def recorded_rows(events):
    return [event.tobytes() for event in events]


def stamped_halt(events):
    row = command(CommandKind.HALT)
    stamp(row, 0, int(events["ts_ns"][-1]) + MS)
    return row


def test_without_a_connection_nothing_is_sent():
    events = wave(300)
    state = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    intents = allocate(INTENT, MAX_INTENTS)
    assert batch.run_events(state, events, 0, 300, intents) == 0
    assert state.account[0]["outcomes"][Outcome.NOT_READY] > 0


@pytest.mark.parametrize("cut", [0, 1, 150, 300])
def test_plain_events_in_two_batches_are_those_in_one(cut):
    events = wave(300)
    intents = allocate(INTENT, MAX_INTENTS)
    one = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    two = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    batch.run_events(one, events, 0, 300, intents)
    batch.run_events(two, events, 0, cut, intents)
    batch.run_events(two, events, cut, 300, intents)
    assert to_bytes(one) == to_bytes(two)
