"""What holds for any sequence of events: limits, identities, determinism."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import events
from core.domain.enums import (
    N_ORIGINS,
    N_SIGNALS,
    Channel,
    CommandKind,
    EventKind,
    FlattenState,
    IntentKind,
    ModelKind,
    OrderOrigin,
    OrderStatus,
    Regime,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import MODEL_VALUES
from core.domain.memory import allocate
from core.domain.records import INSTRUMENT_STATE, INTENT, MAX_INTENTS
from core.domain.spreads import SpreadKind, SpreadModel, spread_values
from core.kernel.parts import book_fill
from core.kernel.risk import lot_value
from core.kernel.state import to_bytes
from core.kernel.step import step
from tests.unit.kernel.kernel_rig import KernelRig, regime_event

# Without the JIT a step takes a millisecond instead of a microsecond.
EXAMPLES = 15 if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0") else 120

SENDS = (IntentKind.PLACE, IntentKind.REPLACE)
"""What may trade; the rest cancels or asks."""

books = st.builds(
    lambda index, mid, width, bid_lots, ask_lots: events.book(
        index,
        [(mid - 1 - level, lots) for level, lots in enumerate(bid_lots)],
        [(mid - 1 + width + level, lots) for level, lots in enumerate(ask_lots)],
    ),
    st.integers(0, 1),
    st.integers(480, 520),
    st.integers(-1, 4),
    st.lists(st.integers(0, 90), max_size=6),
    st.lists(st.integers(0, 90), max_size=6),
)
fills = st.builds(
    lambda index, order_id, trade_id, side, ticks, lots, fee: events.fill(
        index, order_id, trade_id, side, ticks, lots, fee_nanos=fee
    ),
    st.integers(0, 1),
    st.integers(1, 12),
    st.integers(1, 40),
    st.sampled_from([-1, 1]),
    st.integers(470, 530),
    st.integers(1, 60),
    st.integers(-(10**9), 10**9),
)
reports = st.builds(
    lambda index, order_id, status, leaves: events.order_report(
        index, order_id, status, side=1, price_ticks=500, lots=leaves, leaves_lots=leaves
    ),
    st.integers(0, 1),
    st.integers(-3, 12),
    st.sampled_from([OrderStatus.OPEN, OrderStatus.CANCELED, OrderStatus.REJECTED]),
    st.integers(1, 30),
)
commands = st.builds(
    lambda kind, index, side, ticks, lots, order_id, key, stop, target: events.command(
        kind, instrument=index, side=side, price_ticks=ticks, lots=lots, order_id=order_id,
        key=key, stop_ticks=stop, target_ticks=target,
    ),
    st.sampled_from([kind for kind in CommandKind if kind is not CommandKind.SET_PARAMETER]),
    st.integers(0, 1),
    st.sampled_from([-1, 1]),
    st.integers(-5, 600),
    st.integers(-5, 40),
    st.integers(0, 12),
    st.integers(0, 3),
    st.one_of(st.just(0), st.integers(460, 540)),
    st.one_of(st.just(0), st.integers(460, 540)),
)  # fmt: skip
states = st.sampled_from(list(VenueState)).map(events.venue_state)
positions = st.builds(events.position_report, st.integers(0, 1), st.integers(-80, 80))
trades = st.builds(
    events.trade, st.integers(0, 1), st.integers(-5, 600), st.integers(-5, 50), st.integers(-1, 1)
)
observations = st.builds(
    lambda channel, value, exch_ts_ns, index, error: events.observation(
        channel, value, exch_ts_ns, instrument=index, error=error
    ),
    st.sampled_from(Channel),
    st.one_of(st.floats(470, 530), st.floats()),
    st.integers(0, 50),
    st.integers(-1, 1),
    st.floats(-1, 1e6),
)
edges = st.builds(
    lambda index, values: events.model_updated(ModelKind.EDGE, values, instrument=index),
    st.integers(-1, 2),
    st.lists(st.floats(-20, 20), max_size=N_SIGNALS),
)
regimes = st.builds(
    regime_event, st.integers(0, 1), st.sampled_from(list(Regime)[1:]), st.floats(0.35, 1)
)
noises = st.builds(
    lambda index, values: events.model_updated(ModelKind.KALMAN, values, instrument=index),
    st.integers(0, 1),
    st.lists(st.floats(0, 1e6), min_size=3, max_size=4),
)
spreads = st.builds(
    lambda row, kind, legs, hedge, mean, variance: events.model_updated(
        ModelKind.SPREAD,
        spread_values(
            SpreadModel(
                kind, legs, [1.0, -hedge], is_fitted=True, mean_ticks=mean, variance=variance,
                half_life_bars=8.0, intercept_ticks=500.0, reference_ticks=500.0,
                observation_variance=variance,
            )
        ).tolist(),
        row=row,
    ),
    st.integers(0, 3),
    st.sampled_from(SpreadKind),
    st.sampled_from([(0, 1), (1, 0)]),
    st.floats(-3, 3),
    st.floats(-50, 50),
    st.floats(1e-3, 1e4),
)  # fmt: skip
nonsense = st.builds(
    lambda kind, index, row, values: events.model_updated(kind, values, instrument=index, row=row),
    st.sampled_from(ModelKind),
    st.integers(-1, 2),
    st.integers(-1, 16),
    st.lists(st.floats(), max_size=MODEL_VALUES),
)
models = st.one_of(edges, regimes, noises, spreads, nonsense)
anything = st.lists(
    st.one_of(
        books, books, books, books, books, fills, reports, commands, states, positions, trades,
        observations, models, st.builds(events.timer),
    ),
    max_size=60,
)  # fmt: skip
far_books = st.builds(
    lambda index, mid, width, bid_lots, ask_lots: events.book(
        index, [(mid, bid_lots)], [(mid + width, ask_lots)]
    ),
    st.integers(0, 1),
    st.one_of(st.integers(1, 10**9), st.integers(10**9 - 9, 10**9)),
    st.integers(-1, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
pauses_ms = st.one_of(st.sampled_from([0, 1, 10, 20, 90]), st.integers(0, 10**9))
far_and_wide = st.lists(
    st.tuples(st.one_of(books, far_books, far_books, trades, observations, models), pauses_ms),
    max_size=60,
)


def warmed(**params: float) -> KernelRig:
    rig = KernelRig(min_signal=0.02, min_confidence=0.0, min_regime_probability=0.0, **params)
    rig.warm(0, bid=500)
    rig.warm(1, bid=500)
    return rig


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_signals_stay_within_bounds_and_probabilities_sum_to_one(rows) -> None:
    rig = warmed()
    for row in rows:
        rig.feed(row)
        for instrument in rig.state.instruments:
            assert np.all(np.abs(instrument["signals"]) <= 1.0)
            assert abs(instrument["combined"]) <= 1.0
            assert 0.0 <= instrument["confidence"] <= 1.0
            assert abs(instrument["regime_probability"].sum() - 1.0) < 1e-9


@settings(max_examples=EXAMPLES, deadline=None)
@given(far_and_wide)
def test_no_price_no_silence_and_no_model_leads_out_of_bounds(rows) -> None:
    """Up to a billion ticks, after pauses of days, with sensors and fits that talk nonsense."""
    rig = warmed()
    for row, after_ms in rows:
        rig.feed(row, after_ms)
        for instrument in rig.state.instruments:
            assert np.all(np.abs(instrument["signals"]) <= 1.0)
            for field in ("reach_ticks", "coefficient", "features", "signal_covariance"):
                assert np.isfinite(instrument[field]).all()
            assert np.all(instrument["reach_ticks"] >= 0.0)
            assert abs(instrument["combined"]) <= 1.0
            assert 0.0 <= instrument["confidence"] <= 1.0
            assert abs(instrument["autocorrelation"]) <= 1.0
            assert 0.0 <= instrument["change_probability"] <= 1.0
        assert np.all(np.abs(rig.state.channels["signal"]) <= 1.0)
        assert rig.account["state_reason"] != StateReason.NUMERIC_FAILURE


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_no_order_is_sent_that_could_break_a_limit(rows) -> None:
    """At the marks of the moment, with every live order filled on its worse side."""
    rig = warmed()
    for row in rows:
        held = [int(instrument["position_lots"]) for instrument in rig.state.instruments]
        for intent in rig.feed(row):
            if intent["kind"] not in SENDS:
                continue
            index, side = intent["instrument"], intent["side"]
            instrument = rig.instrument(index)
            working = int(instrument["working_buy_lots" if side > 0 else "working_sell_lots"])
            reached = int(instrument["position_lots"]) + side * working
            assert intent["lots"] >= 1
            if reached * side <= 0:
                continue  # still on the way to flat
            assert abs(reached) <= max(200 if index == 0 else 150, abs(held[index]))
            budget = int(rig.account["equity_nanos"]) * 20 / 100
            if abs(reached) > abs(held[index]):
                assert abs(reached) * lot_value(instrument) <= budget
                assert rig.account["trading_state"] == TradingState.ACTIVE


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_equity_is_cash_and_positions_at_the_mark_to_the_nano(rows) -> None:
    rig = warmed()
    for row in rows:
        rig.feed(row)
        rig.check_identity()
        assert rig.account["identity_break_nanos"] == 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_the_parts_add_up_to_the_whole_to_the_nano(rows) -> None:
    """Positions, fees and fills, and realized less cost, which is the cash a part has moved."""
    rig = warmed()
    for row in rows:
        rig.feed(row)
        for instrument in rig.state.instruments:
            assert int(instrument["part_lots"].sum()) == instrument["position_lots"]
            assert int(instrument["part_fees_nanos"].sum()) == instrument["fees_nanos"]
            assert int(instrument["part_fills"].sum()) == instrument["fills"]
            carried = instrument["part_realized_nanos"] - instrument["part_cost_nanos"]
            whole = int(instrument["realized_nanos"]) - int(instrument["cost_nanos"])
            assert int(carried.sum()) == whole
            assert instrument["part_lots"][OrderOrigin.FLATTEN] == 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([OrderOrigin.STRATEGY, OrderOrigin.MANUAL, OrderOrigin.ORPHAN]),
            st.sampled_from([-1, 1]),
            st.integers(1, 10**4),
            st.integers(1, 10**12),
            st.integers(-(10**9), 10**9),
        ),
        max_size=30,
    ),
    st.integers(1, 10**12),
)
def test_a_part_earns_what_its_own_cash_and_lots_are_worth(trades, mark_nanos) -> None:
    """Whatever the others do: an account of its own, kept in Python's integers, is the oracle."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0]
    lots, cash = [0] * N_ORIGINS, [0] * N_ORIGINS
    for origin, side, size, value_nanos, fee_nanos in trades:
        book_fill(instrument, int(origin), side, size, value_nanos, fee_nanos)
        lots[origin] += side * size
        cash[origin] -= side * size * value_nanos
    for origin in OrderOrigin:
        cost = int(instrument["part_cost_nanos"][origin])
        profit = int(instrument["part_realized_nanos"][origin])
        profit += lots[origin] * mark_nanos - cost
        assert profit == cash[origin] + lots[origin] * mark_nanos
        assert int(instrument["part_lots"][origin]) == lots[origin]
        if lots[origin]:
            assert cost * lots[origin] > 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(fills, max_size=40, unique_by=lambda row: bytes(row[96:104])))
def test_the_position_is_the_sum_of_the_fills(rows) -> None:
    rig = warmed()
    expected = [0, 0]
    for row in rows:
        event = events.load([row])[0]
        expected[int(event["instrument"])] += int(event["side"]) * int(event["lots"])
        rig.feed(row)
    assert [int(instrument["position_lots"]) for instrument in rig.state.instruments] == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_working_sums_are_the_sums_of_the_live_orders(rows) -> None:
    rig = warmed()
    for row in rows:
        rig.feed(row)
    for index, instrument in enumerate(rig.state.instruments):
        for side, name in ((1, "working_buy_lots"), (-1, "working_sell_lots")):
            live = [
                order
                for order in rig.live_orders()
                if order["instrument"] == index and order["side"] == side
            ]
            assert instrument[name] == sum(
                max(0, max(int(order["lots"]), int(order["pending_lots"])) - int(order["cum_lots"]))
                for order in live
            )
    live = rig.live_orders()
    assert rig.account["open_orders"] == len(live)
    assert rig.account["unknown_orders"] == sum(
        order["status"] == OrderStatus.UNKNOWN for order in live
    )


by_hand = st.builds(
    lambda index, side, ticks, lots, stop, target: events.command(
        CommandKind.PLACE, instrument=index, side=side, price_ticks=ticks, lots=lots,
        stop_ticks=ticks - side * stop, target_ticks=ticks + side * target,
    ),
    st.integers(0, 1),
    st.sampled_from([-1, 1]),
    st.integers(490, 510),
    st.integers(1, 12),
    st.integers(1, 6),
    st.integers(1, 6),
)  # fmt: skip
trading = st.lists(
    st.one_of(books, books, books, fills, fills, reports, by_hand, by_hand, commands,
              st.builds(events.timer)),
    max_size=60,
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(trading)
def test_brackets_reduce_and_never_open(rows) -> None:
    """
    An exit is no larger than what is held by hand, nor than the account's own position.

    And a bracket has at most one exit alive, so that stop and target cannot both trade.
    """
    rig = warmed()
    for row in rows:
        before = rig.state.instruments["position_lots"].tolist()
        by_hand_before = rig.state.instruments["part_lots"][:, OrderOrigin.MANUAL].tolist()
        is_quiet = events.load([row])[0]["kind"] in (EventKind.BOOK, EventKind.TIMER)
        for intent in rig.feed(row):
            order = rig.state.orders[intent["order_id"] % len(rig.state.orders)]
            if not is_quiet or intent["kind"] not in SENDS or not order["bracket"]:
                continue
            held = before[intent["instrument"]]
            mine = by_hand_before[intent["instrument"]]
            open_lots = intent["lots"] - order["cum_lots"]
            assert open_lots <= -intent["side"] * held
            assert open_lots <= -intent["side"] * mine
        used = [bracket for bracket in rig.state.brackets if bracket["bracket_id"] != 0]
        assert len(used) == rig.account["brackets"]
        for bracket in used:
            exits = [
                order
                for order in rig.live_orders()
                if order["bracket"] == bracket["bracket_id"] and order["side"] != bracket["side"]
            ]
            assert len(exits) <= 1
            assert bracket["left_lots"] >= 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_the_same_events_make_the_same_bytes(rows) -> None:
    """One at a time, and again from an array: state and decision hash to the bit."""
    single, batch = warmed(), warmed()
    for row in rows:
        single.feed(row)
    stamped = events.load(rows) if rows else None
    out = allocate(INTENT, MAX_INTENTS)
    for index in range(len(rows)):
        step(batch.state, stamped, index, out)
    assert to_bytes(single.state) == to_bytes(batch.state)


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_halted_sends_nothing_but_cancels_and_reductions(rows) -> None:
    rig = warmed()
    rig.command(CommandKind.HALT)
    for row in rows:
        if events.load([row])[0]["code"] == CommandKind.RESUME:
            continue
        before = [int(instrument["position_lots"]) for instrument in rig.state.instruments]
        for intent in rig.feed(row):
            if intent["kind"] in SENDS:
                assert intent["side"] * before[intent["instrument"]] < 0
        assert rig.account["trading_state"] == TradingState.HALTED


@settings(max_examples=EXAMPLES, deadline=None)
@given(anything)
def test_flat_is_only_ever_said_at_the_end_of_a_reconciliation(rows) -> None:
    """And only when no order and no lot is left."""
    rig = warmed()
    rig.command(CommandKind.FLATTEN)
    for row in rows:
        before = int(rig.account["flatten_state"])
        rig.feed(row)
        if rig.account["flatten_state"] == FlattenState.FLAT != before:
            event = events.load([row])[0]
            assert (event["kind"], event["status"]) == (EventKind.VENUE_STATE, VenueState.SYNCED)
            assert rig.account["open_orders"] == 0
            assert not rig.state.instruments["position_lots"].any()
