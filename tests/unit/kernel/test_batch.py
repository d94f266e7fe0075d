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
from core.kernel.post import DELAYS, make_post
from core.kernel.recorder import make_recorder, take_sample
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
        self.recorder = make_recorder(2, samples, fills)
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
    take_sample(run.state, run.recorder, int(run.events["ts_ns"][-1]))
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
    """A report of an unknown order makes the kernel ask for its end."""
    run = Run(wave(2))
    run.go(0, 1)
    send_stranger(run)
    run.go(1)
    assert (run.clock["orders"], run.clock["unfinished"]) == (1, 0)
    assert run.desk.post.intents[0]["kind"] == IntentKind.CANCEL


def test_more_intents_than_the_line_holds_are_noticed():
    run = Run(wave(2))
    run.go(0, 1)
    send_stranger(run)
    run.desk.post.line["intents_sent"] = len(run.desk.post.intents)
    batch._hear(run.state, run.desk, run.recorder)
    assert run.clock["unfinished"] == 1


def test_an_unfinished_event_ends_the_run_where_it_stands():
    run = Run(wave(600))
    run.clock["unfinished"] = 1
    assert run.go() == 0


def test_more_fills_than_were_kept_free_for_one_event_are_noticed():
    run = Run(wave(1))
    run.go()
    run.clock["fills"] = len(run.recorder.fills)
    report = run.desk.answers[0]
    report["kind"], report["instrument"], report["order_id"] = EventKind.FILL, 0, 77
    report["side"], report["price_ticks"], report["lots"], report["trade_id"] = 1, 5_000, 1, 1
    batch._tell(run.desk, run.recorder, 1, START_NS, START_NS)
    batch._hear(run.state, run.desk, run.recorder)
    assert run.clock["unfinished"] == 1


def send_stranger(run):
    """Let the venue report an order that no decision made."""
    report = run.desk.answers[0]
    report["kind"], report["instrument"], report["order_id"] = EventKind.ORDER_REPORT, 0, 77
    report["status"], report["side"] = OrderStatus.OPEN, 1
    report["price_ticks"], report["lots"], report["leaves_lots"] = 4_000, 2, 2
    batch._tell(run.desk, run.recorder, 1, START_NS, START_NS)


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


def delayed(**delays):
    row = allocate(DELAYS, 1)
    for field, value in delays.items():
        row[0][field] = value
    return make_post(row)


def test_an_order_meets_the_book_that_is_there_when_it_arrives():
    """The price is gone after 150 ms: taking it at once fills, taking it late does not."""
    events = wave(600)
    quick, slow = Run(events), Run(events)
    slow.desk = slow.desk._replace(post=delayed(order_ns=150 * MS))
    quick.go()
    slow.go()
    assert quick.state.account[0]["fills"] > slow.state.account[0]["fills"]
    assert quick.fills[0]["ts_ns"] < slow.fills[0]["ts_ns"]


def test_a_fill_is_known_once_its_answer_is_there_and_keeps_when_it_was_decided():
    run = Run(wave(600))
    run.desk = run.desk._replace(post=delayed(order_ns=7 * MS, answer_ns=11 * MS))
    run.go()
    took = run.fills[run.fills["liquidity"] == LiquiditySide.TAKER]
    assert len(took)
    assert set(took["ts_ns"] - took["decision_ts_ns"]) == {18 * MS}
    assert (took["decision_mid2_ticks"] > 0).all()


def test_a_late_run_is_the_same_however_it_is_cut():
    events = wave(600)
    runs = Run(events), Run(events)
    for run in runs:
        run.desk = run.desk._replace(post=delayed(order_ns=230 * MS, answer_ns=90 * MS, spread=0.5))
    runs[0].go()
    for start in range(0, 600, 7):
        runs[1].go(start, min(start + 7, 600))
    assert runs[0].state.account[0]["fills"] > 3
    assert to_bytes(runs[0].state) == to_bytes(runs[1].state)


def test_what_lies_in_the_future_changes_no_decision_before_it():
    """Two markets that part at event 400 are decided on alike up to there, delays or not."""
    for delays in ({}, {"order_ns": 40 * MS, "answer_ns": 60 * MS, "feed_ns": 20 * MS}):
        one, other = wave(600), wave(600)
        other["bid_ticks"][400:] += 7
        other["ask_ticks"][400:] += 7
        runs = Run(one), Run(other)
        hashes = []
        for run in runs:
            run.desk = run.desk._replace(post=delayed(**delays))
            run.go(0, 400)
            hashes.append(int(run.state.account[0]["decision_hash"]))
            run.go(400)
            hashes.append(int(run.state.account[0]["decision_hash"]))
        assert hashes[0] == hashes[2] != 0
        assert hashes[1] != hashes[3]


def test_the_rows_of_a_stretch_may_be_given_up_after_it():
    """The venue keeps the newest books itself."""
    events = wave(600)
    whole, pieces = Run(events), Run(events)
    whole.go()
    for start in range(0, 600, 50):
        pieces.events = events[start : start + 50].copy()
        pieces.go()
        pieces.events["bid_ticks"] = 1
    assert to_bytes(whole.state) == to_bytes(pieces.state)


def test_samples_and_sent_lots_tell_where_a_run_stood():
    run = Run(wave(600))
    run.go()
    curves, rows = run.recorder.curves, int(run.clock["samples"])
    assert set(curves.mid2_ticks[5:rows, 0]) <= set(range(10_003, 10_084))
    assert np.abs(curves.position_lots[:rows, 0]).max() > 0
    filled = run.fills["lots"].sum()
    assert run.recorder.sent_lots[0] >= filled > 0
