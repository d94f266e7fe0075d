"""The kernel's bytes as people read them."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.view import SnapshotDecoder, decode
from core.domain.decision import ModelView
from core.domain.enums import (
    BookState,
    BracketState,
    FlattenState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Side,
    Signal,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.errors import DecodeError
from core.domain.records import HISTORY_LENGTH, TIMELINE_LENGTH
from core.domain.snapshot import BookLevel, EngineSnapshot, OutcomeView
from core.serve.host import capture
from tests.unit.serve.fake_host import META, FakeHost

EISBACH, ETF, BTC = range(3)


def view(host: FakeHost) -> EngineSnapshot:
    taken = capture(host, -1)
    return decode(META, taken.state, taken.samples)


def put_book(host: FakeHost, index: int, bids, asks) -> None:
    row = host.arrays["instruments"][index]
    row["book_state"] = BookState.OK
    for side, levels in (("bid", bids), ("ask", asks)):
        for place, (ticks, lots) in enumerate(levels):
            row[f"{side}_ticks"][place] = ticks
            row[f"{side}_lots"][place] = lots
    if bids and asks:
        row["mid2_ticks"] = bids[0][0] + asks[0][0]


def put_order(host: FakeHost, row: int, **fields) -> None:
    for name, value in fields.items():
        host.arrays["orders"][row][name] = value


def test_a_state_without_events_has_no_prices_and_no_errors() -> None:
    """Before the first book everything about prices is NaN and everything else is empty."""
    snapshot = view(FakeHost())
    first = snapshot.instruments[EISBACH]
    assert (first.bids, first.asks) == ((), ())
    prices = (
        first.bid, first.ask, first.mid, first.microprice, first.level, first.last_price,
        first.avg_entry_price,
    )  # fmt: skip
    assert all(map(math.isnan, prices))
    assert first.timeline.ts_ns == ()
    assert snapshot.equity.size == 0
    assert snapshot.orders == ()
    assert snapshot.account.outcomes == {}
    assert (first.exposure, first.exposure_pct) == (0.0, 0.0)


def test_prices_and_sizes_are_in_the_units_of_each_instrument() -> None:
    """503 ticks of 0.1 are 50.3 and not 50.300000000000004; 2 lots of 2 are 4."""
    host = FakeHost()
    put_book(host, EISBACH, [(503, 7), (501, 1)], [(506, 2)])
    put_book(host, ETF, [(101, 2)], [(104, 5), (105, 6)])
    put_book(host, BTC, [(6_123_457, 17)], [(6_123_460, 1)])
    eisbach, etf, btc = view(host).instruments
    assert eisbach.bids == (BookLevel(50.3, 7.0, 0.0), BookLevel(50.1, 1.0, 0.0))
    assert (eisbach.bid, eisbach.ask, eisbach.mid) == (50.3, 50.6, 50.45)
    assert etf.asks == (BookLevel(52.0, 10.0, 0.0), BookLevel(52.5, 12.0, 0.0))
    assert (btc.bid, btc.bids[0].quantity) == (61_234.57, 0.017)


def test_a_one_sided_book_has_one_price_and_no_mid() -> None:
    """The mid of the last good book is not the mid of this one."""
    host = FakeHost()
    put_book(host, ETF, [(101, 2)], [])
    host.arrays["instruments"][ETF]["mid2_ticks"] = 205
    host.arrays["instruments"][ETF]["microprice_ticks"] = 102.25
    etf = view(host).instruments[ETF]
    assert etf.bid == 50.5
    assert math.isnan(etf.ask)
    assert math.isnan(etf.mid)
    assert math.isnan(etf.microprice)


def test_our_leaves_are_marked_in_the_book() -> None:
    """What is filled is not in the book any more, and orders at one price add up."""
    host = FakeHost()
    put_book(host, ETF, [(101, 9)], [(104, 5)])
    resting = {"instrument": ETF, "side": Side.BUY, "price_ticks": 101, "lots": 4}
    put_order(host, 7, order_id=7, status=OrderStatus.PARTIALLY_FILLED, cum_lots=1, **resting)
    put_order(host, 3, order_id=259, status=OrderStatus.OPEN, **resting)
    put_order(host, 5, order_id=5, status=OrderStatus.FILLED, **resting)
    assert view(host).instruments[ETF].bids == (BookLevel(50.5, 18.0, 14.0),)


def test_a_price_where_only_we_quote_is_a_level_too() -> None:
    """The venue shows nothing there, so its quantity is 0; the best price comes first."""
    host = FakeHost()
    put_book(host, ETF, [(101, 9), (99, 1)], [(104, 5)])
    common = {"instrument": ETF, "status": OrderStatus.PENDING_NEW, "lots": 3}
    put_order(host, 0, side=Side.BUY, price_ticks=100, **common)
    put_order(host, 1, side=Side.SELL, price_ticks=103, **common)
    etf = view(host).instruments[ETF]
    assert [level.price for level in etf.bids] == [50.5, 50.0, 49.5]
    assert etf.bids[1] == BookLevel(50.0, 0.0, 6.0)
    assert etf.asks[0] == BookLevel(51.5, 0.0, 6.0)
    assert etf.ask == 52.0


def test_an_order_of_another_instrument_or_side_is_not_ours_here() -> None:
    """Ticks of different instruments may well be the same number."""
    host = FakeHost()
    put_book(host, EISBACH, [(101, 9)], [(104, 5)])
    put_order(host, 0, instrument=ETF, side=Side.BUY, price_ticks=101, lots=3, status=2)
    put_order(host, 1, instrument=EISBACH, side=Side.SELL, price_ticks=104, lots=1, status=2)
    eisbach = view(host).instruments[EISBACH]
    assert eisbach.bids[0].own_quantity == 0.0
    assert eisbach.asks[0].own_quantity == 1.0


def test_a_book_has_at_most_ten_levels() -> None:
    host = FakeHost()
    put_book(host, EISBACH, [(500 - i, 1 + i) for i in range(10)], [(506, 2)])
    put_order(host, 0, instrument=EISBACH, side=Side.BUY, price_ticks=501, lots=3, status=2)
    bids = view(host).instruments[EISBACH].bids
    assert len(bids) == 10
    assert (bids[0].price, bids[-1].price) == (50.1, 49.2)


def test_live_orders_are_listed_by_number() -> None:
    """The table's rows are reused, so their place says nothing about their age."""
    host = FakeHost()
    put_order(
        host, 9, order_id=9, instrument=ETF, side=Side.SELL, price_ticks=104, lots=5, cum_lots=2,
        status=OrderStatus.PENDING_CANCEL, origin=OrderOrigin.MANUAL, created_ts_ns=17,
    )  # fmt: skip
    put_order(host, 2, order_id=258, instrument=BTC, side=1, lots=17, status=OrderStatus.UNKNOWN)
    put_order(host, 4, order_id=4, instrument=BTC, side=1, lots=17, status=OrderStatus.REJECTED)
    first, second = view(host).orders
    assert (first.order_id, second.order_id) == (9, 258)
    assert first.symbol == "7_ETF"
    assert (first.side, first.status, first.origin) == (
        Side.SELL,
        OrderStatus.PENDING_CANCEL,
        OrderOrigin.MANUAL,
    )
    assert (first.price, first.quantity, first.filled) == (52.0, 10.0, 4.0)
    assert first.created_ts_ns == 17
    assert second.quantity == 0.017


def test_a_short_position_has_a_positive_entry_price() -> None:
    """Cost and lots carry the same sign."""
    host = FakeHost()
    row = host.arrays["instruments"][ETF]
    row["position_lots"] = -3
    row["cost_nanos"] = -3 * 103 * 1_000_000_000
    row["notional_nanos"] = -3 * 105 * 1_000_000_000
    row["unrealized_nanos"] = -6_000_000_000
    host.arrays["account"]["equity_nanos"] = 6_300 * 1_000_000_000
    etf = view(host).instruments[ETF]
    assert etf.position == -6.0
    assert etf.avg_entry_price == 51.5
    assert etf.unrealized_pnl == -6.0
    assert (etf.exposure, etf.exposure_pct) == (315.0, 5.0)


def test_exposure_without_equity_is_unknown_and_not_a_crash() -> None:
    host = FakeHost()
    host.arrays["account"]["gross_exposure_nanos"] = 1
    assert math.isnan(view(host).account.exposure_pct)


def test_the_account_in_money_and_words() -> None:
    host = FakeHost()
    account = host.arrays["account"][0]
    for name, value in {
        "seq": 41, "ts_ns": 99, "trading_state": TradingState.HALTED,
        "state_reason": StateReason.DRAWDOWN_HALT, "state_since_ns": 77,
        "readiness": Readiness.STALE, "venue_state": VenueState.SYNCED,
        "equity_nanos": 99_000_000_000_000, "peak_equity_nanos": 132_000_000_000_000,
        "cash_nanos": -5_000_000_000, "realized_nanos": 1_250_000_000,
        "unrealized_nanos": -750_000_000, "fees_nanos": 10_000_000, "drawdown_pct": 25.0,
        "max_drawdown_pct": 26.0, "gross_exposure_nanos": 9_900_000_000_000, "orders": 12,
        "fills": 8, "rejects": 2, "open_orders": 3, "evaluations": 1_000, "flatten_state": 1,
    }.items():  # fmt: skip
        account[name] = value
    account["outcomes"][[Outcome.TRADE, Outcome.EXPOSURE_LIMIT]] = (12, 988)
    snapshot = view(host)
    seen = snapshot.account
    assert (snapshot.seq, snapshot.ts_ns) == (41, 99)
    assert (seen.trading_state, seen.state_reason) == (
        TradingState.HALTED,
        StateReason.DRAWDOWN_HALT,
    )
    assert (seen.state_since_ns, seen.readiness) == (77, Readiness.STALE)
    assert (seen.venue_state, seen.equity, seen.peak_equity) == (
        VenueState.SYNCED,
        99_000.0,
        132_000.0,
    )
    assert (seen.cash, seen.realized_pnl, seen.unrealized_pnl, seen.fees) == (
        -5.0,
        1.25,
        -0.75,
        0.01,
    )
    assert (seen.drawdown_pct, seen.max_drawdown_pct) == (25.0, 26.0)
    assert (seen.exposure, seen.exposure_pct) == (9_900.0, 10.0)
    assert (seen.orders, seen.fills, seen.rejects, seen.open_orders) == (12, 8, 2, 3)
    assert (seen.evaluations, seen.flatten_state) == (1_000, FlattenState.WORKING)
    assert seen.outcomes == {Outcome.TRADE: 12, Outcome.EXPOSURE_LIMIT: 988}


def test_correlation_comes_from_the_covariance() -> None:
    """A signal that never moved correlates with nothing, not even with itself."""
    host = FakeHost()
    covariance = host.arrays["instruments"][BTC]["signal_covariance"]
    covariance[Signal.MOMENTUM, Signal.MOMENTUM] = 4.0
    covariance[Signal.OFI, Signal.OFI] = 0.25
    covariance[Signal.MOMENTUM, Signal.OFI] = covariance[Signal.OFI, Signal.MOMENTUM] = -0.5
    matrix = view(host).instruments[BTC].correlation
    assert matrix[Signal.MOMENTUM][Signal.OFI] == matrix[Signal.OFI][Signal.MOMENTUM] == -0.5
    assert matrix[Signal.OFI][Signal.OFI] == 1.0
    assert matrix[Signal.OBI] == (0.0,) * len(Signal)


def test_rounding_cannot_push_a_correlation_past_one() -> None:
    host = FakeHost()
    host.arrays["instruments"][BTC]["signal_covariance"][:2, :2] = [[1.0, -1.1], [1.1, 1.0]]
    matrix = view(host).instruments[BTC].correlation
    assert (matrix[0][1], matrix[1][0]) == (-1.0, 1.0)


def test_features_and_the_decision_of_an_instrument() -> None:
    host = FakeHost()
    row = host.arrays["instruments"][ETF]
    for name, value in {
        "book_ts_ns": 31, "obi": 0.45, "ofi": -3.0, "level_ticks": 102.5, "last_price_ticks": 103,
        "innovation_deviation_ticks": 1.5, "volatility_ticks": 0.25,
        "regime": Regime.MEAN_REVERTING, "regime_since_ns": 29, "combined": 0.6, "confidence": 0.8,
        "target_lots": -2,
        "outcome": Outcome.EXPOSURE_LIMIT, "outcome_value": 81.0, "outcome_limit": 80.0,
        "outcome_ts_ns": 30, "outcome_repeats": 12, "realized_nanos": 2_000_000_000,
        "fees_nanos": 5_000_000, "fills": 4,
    }.items():  # fmt: skip
        row[name] = value
    row["signals"][Signal.OBI] = 0.45
    row["regime_probability"][1:] = (0.1, 0.7, 0.2)
    etf = view(host).instruments[ETF]
    assert (etf.index, etf.symbol, etf.book_ts_ns) == (ETF, "7_ETF", 31)
    assert (etf.obi, etf.ofi, etf.level, etf.last_price) == (0.45, -6.0, 51.25, 51.5)
    assert (etf.level_deviation, etf.volatility) == (0.75, 0.125)
    assert (etf.regime, etf.regime_since_ns) == (Regime.MEAN_REVERTING, 29)
    assert etf.regime_probability == {
        Regime.TRENDING: 0.1,
        Regime.MEAN_REVERTING: 0.7,
        Regime.HIGH_VOLATILITY: 0.2,
    }
    assert etf.signals[Signal.OBI] == 0.45
    assert sum(map(abs, etf.signals)) == 0.45
    assert (etf.combined, etf.confidence, etf.target) == (0.6, 0.8, -4.0)
    assert (etf.outcome.code, etf.outcome.value, etf.outcome.limit) == (
        Outcome.EXPOSURE_LIMIT,
        81.0,
        80.0,
    )
    assert (etf.outcome.ts_ns, etf.outcome.repeats) == (30, 12)
    assert (etf.realized_pnl, etf.fees, etf.fills) == (2.0, 0.005, 4)


def test_parameters_come_in_the_order_of_the_run() -> None:
    """`ParameterSpec.index` says where each lies; the kernel may have more of them."""
    host = FakeHost()
    values = host.arrays["params"].view(np.float64)
    values[1], values[9] = 80.0, 0.25
    assert view(host).parameters == (80.0, 0.25)


def test_rings_are_unrolled_oldest_first() -> None:
    """Both rings have their own length but share the count of samples."""
    host = FakeHost()
    head = HISTORY_LENGTH + 3
    history, timeline = host.arrays["history"], host.arrays["timeline"]
    for sample in range(head):
        history["equity_nanos"][sample % HISTORY_LENGTH] = sample * 1_000_000_000
        history["ts_ns"][sample % HISTORY_LENGTH] = sample
        row = timeline[ETF * TIMELINE_LENGTH + sample % TIMELINE_LENGTH]
        row["ts_ns"], row["mid_ticks"], row["regime"] = sample, sample + 0.5, sample % 4
    host.arrays["account"]["history_head"] = head
    snapshot = view(host)
    assert snapshot.equity_ts_ns == tuple(range(3, head))
    assert snapshot.equity.tolist() == [float(sample) for sample in range(3, head)]
    lines = snapshot.instruments[ETF].timeline
    assert lines.ts_ns == tuple(range(head - TIMELINE_LENGTH, head))
    assert lines.mid[-1] == (head - 0.5) / 2
    assert lines.regime[-1] is Regime((head - 1) % 4)
    assert {len(getattr(lines, name)) for name in lines.__slots__} == {TIMELINE_LENGTH}
    assert all(map(math.isnan, snapshot.instruments[BTC].timeline.mid))


def test_samples_are_remembered_between_snapshots() -> None:
    """They cross the socket once; the snapshots in between show them all the same."""
    host = FakeHost()
    host.sample(5_000_000_000)
    decoder = SnapshotDecoder(META)
    taken = capture(host, -1)
    decoder.decode(taken.state, taken.samples)
    host.advance()
    later = capture(host, taken.history_head)
    assert later.samples == b""
    assert decoder.decode(later.state).equity.tolist() == [5.0]


@pytest.mark.parametrize("change", [-1, 1])
def test_a_state_of_another_size_is_refused(change: int) -> None:
    state = capture(FakeHost(), -1).state
    with pytest.raises(DecodeError, match=f"{len(state) + change} bytes instead of {len(state)}"):
        decode(META, (state + b"x")[: len(state) + change])


def test_samples_of_another_size_are_refused() -> None:
    taken = capture(FakeHost(), -1)
    with pytest.raises(DecodeError, match="history, timeline, edges, examples: 8 bytes"):
        decode(META, taken.state, b"12345678")


@pytest.mark.parametrize(
    ("array", "field", "value"),
    [("account", "readiness", 9), ("instruments", "regime", 7), ("orders", "instrument", 3)],
)
def test_an_impossible_value_is_refused_and_not_shown(array: str, field: str, value: int) -> None:
    """A viewer says that it cannot read the engine rather than dying of a KeyError."""
    host = FakeHost()
    put_order(host, 0, side=1, status=OrderStatus.OPEN)
    host.arrays[array][0][field] = value
    with pytest.raises(DecodeError, match="cannot hold"):
        view(host)


@given(st.integers(0, 2**32))
def test_any_bytes_of_the_right_size_are_a_snapshot_or_refused(seed: int) -> None:
    """A viewer neither dies of a broken engine nor prints warnings over its own screen."""
    taken = capture(FakeHost(), -1)
    with suppress(DecodeError):
        noise = np.random.default_rng(seed)
        decode(META, noise.bytes(len(taken.state)), noise.bytes(len(taken.samples)))


@given(st.floats(), st.data())
def test_a_plausible_state_with_wild_numbers_is_shown(wild: float, data) -> None:
    """NaN, infinities and overflows in one float field after the other, codes left alone."""
    host = FakeHost()
    host.sample(1)
    name = data.draw(
        st.sampled_from(["account", "instruments", "timeline", "history", "params", "spreads"])
    )
    array = host.arrays[name]
    floats = [field for field in array.dtype.names if array[field].dtype == np.float64]
    array[data.draw(st.sampled_from(floats))] = wild
    snapshot = view(host)
    for instrument in snapshot.instruments:
        assert all(-1 <= value <= 1 for row in instrument.correlation for value in row)


def test_the_order_budget_is_the_kernels_token_count() -> None:
    host = FakeHost()
    host.arrays["account"]["order_tokens"] = 17.5
    assert view(host).account.order_budget == 17.5


def test_model_updates_are_counted() -> None:
    host = FakeHost()
    host.arrays["account"]["models"], host.arrays["account"]["models_refused"] = 19, 2
    assert (view(host).account.models, view(host).account.models_refused) == (19, 2)


def test_the_terms_of_a_decision() -> None:
    """Each part is coefficient x signal x reach, and a deviation the root of a variance."""
    host = FakeHost()
    row = host.arrays["instruments"][ETF]
    row["signals"][Signal.DEPTH], row["signals"][Signal.SPREAD] = -0.5, 0.25
    row["coefficient"][Signal.DEPTH], row["coefficient"][Signal.SPREAD] = 0.75, 2.0
    row["reach_ticks"][Signal.DEPTH], row["reach_ticks"][Signal.SPREAD] = 4.0, 3.0
    row["signal_covariance"][Signal.SPREAD, Signal.SPREAD] = 0.0625
    for name, value in {
        "edge_ticks": 0.25, "timing_ticks": -1.5, "mine_code": SignalFault.OUT_OF_BOUNDS,
        "stopped_side": -1, "stops": 3,
    }.items():  # fmt: skip
        row[name] = value
    etf = view(host).instruments[ETF]
    assert etf.parts_ticks[Signal.DEPTH] == -1.5
    assert etf.parts_ticks[Signal.SPREAD] == 1.5
    assert (etf.reach_ticks[Signal.SPREAD], etf.coefficients[Signal.SPREAD]) == (3.0, 2.0)
    assert (etf.deviations[Signal.SPREAD], etf.deviations[Signal.DEPTH]) == (0.25, 0.0)
    assert (etf.edge.ticks, etf.edge.timing_ticks) == (0.25, -1.5)
    assert etf.mine_fault is SignalFault.OUT_OF_BOUNDS
    assert (etf.stopped_side, etf.stops) == (-1, 3)


def test_edges_in_force_are_told_once_the_engine_has_sent_them() -> None:
    """They cross with the samples; until then nothing is claimed about them."""
    host = FakeHost()
    host.sample(1)
    host.arrays["edges"]["version"][ETF] = 77
    host.arrays["edges"]["updated_ts_ns"][ETF] = 13
    decoder = SnapshotDecoder(META)
    taken = capture(host, -1)
    assert decoder.decode(taken.state).instruments[ETF].model is None
    shown = decoder.decode(taken.state, taken.samples).instruments
    assert (shown[ETF].model, shown[BTC].model) == (ModelView(77, 13), ModelView(0, 0))
    assert decoder.decode(taken.state).instruments[ETF].model == ModelView(77, 13)


def test_the_last_example_of_each_code_crosses_with_the_samples() -> None:
    """By instrument and code, with value, limit and time; kept until the next sample."""
    host = FakeHost()
    host.sample(1)
    for code, value, limit, ts_ns, count in (
        (Outcome.POSITION_LIMIT, 41.0, 40.0, 17, 3),
        (Outcome.TRADE, -0.75, 0.15, 19, 8),
    ):
        examples = host.arrays["examples"][ETF]
        examples["value"][code], examples["limit"][code] = value, limit
        examples["ts_ns"][code] = ts_ns
        host.arrays["instruments"][ETF]["outcomes"][code] = count
    decoder = SnapshotDecoder(META)
    taken = capture(host, -1)
    assert decoder.decode(taken.state).instruments[ETF].outcome_examples == {}
    shown = decoder.decode(taken.state, taken.samples).instruments
    assert shown[BTC].outcome_examples == {}
    assert shown[ETF].outcome_examples == {
        Outcome.TRADE: OutcomeView(Outcome.TRADE, -0.75, 0.15, 19, 8),
        Outcome.POSITION_LIMIT: OutcomeView(Outcome.POSITION_LIMIT, 41.0, 40.0, 17, 3),
    }
    later = decoder.decode(taken.state).instruments[ETF]
    assert later.outcome_examples == shown[ETF].outcome_examples


def test_the_parts_of_a_position_are_in_the_units_of_its_instrument() -> None:
    """By hand -3 of 0.1: sold at 50.5, marked at 50.35; what nobody has traded is left out."""
    host = FakeHost()
    put_book(host, ETF, [(503, 7)], [(504, 2)])
    unit = view(host).instruments[ETF]
    row = host.arrays["instruments"][ETF]
    lot_nanos = round(META.instruments[ETF].tick_value * 1e9)
    row["part_lots"][OrderOrigin.MANUAL] = -3
    row["part_cost_nanos"][OrderOrigin.MANUAL] = -3 * 505 * lot_nanos
    row["part_realized_nanos"][OrderOrigin.MANUAL] = 4_500_000_000
    row["part_fees_nanos"][OrderOrigin.MANUAL] = -250_000_000
    row["part_fills"][OrderOrigin.MANUAL] = 2
    assert unit.parts == {}
    assert (unit.manual_position, unit.manual_fees) == (0.0, 0.0)
    snapshot = view(host)
    etf = snapshot.instruments[ETF]
    assert list(etf.parts) == [OrderOrigin.MANUAL]
    part = etf.parts[OrderOrigin.MANUAL]
    assert part.avg_entry_price == 505 * META.instruments[ETF].tick_size
    assert part.unrealized_pnl == pytest.approx(3 * 1.5 * META.instruments[ETF].tick_value)
    assert (part.realized_pnl, part.fees, part.fills) == (4.5, -0.25, 2)
    assert etf.manual_position == part.position < 0
    account = snapshot.account
    assert account.manual_realized_pnl == etf.manual_realized_pnl == 4.5
    assert account.manual_unrealized_pnl == etf.manual_unrealized_pnl == part.unrealized_pnl
    assert account.manual_fees == -0.25


def test_a_part_without_a_mark_has_earned_nothing_yet() -> None:
    """Carried over, before the first book: worth what it cost."""
    host = FakeHost()
    row = host.arrays["instruments"][ETF]
    row["part_lots"][OrderOrigin.ORPHAN], row["part_cost_nanos"][OrderOrigin.ORPHAN] = 2, 10**12
    assert view(host).instruments[ETF].parts[OrderOrigin.ORPHAN].unrealized_pnl == 0.0


def put_bracket(host: FakeHost, row: int, **fields: int) -> None:
    for name, value in fields.items():
        host.arrays["brackets"][row][name] = value


def test_brackets_are_in_the_units_of_their_instrument_and_in_order() -> None:
    host = FakeHost()
    put_bracket(
        host, 3, bracket_id=9, instrument=ETF, side=-1, state=BracketState.CLOSING, left_lots=4,
        stop_ticks=511, entry_order=0, exit_order=17, created_ts_ns=5,
    )  # fmt: skip
    put_bracket(
        host, 7, bracket_id=8, instrument=EISBACH, side=1, state=BracketState.WAITING,
        target_ticks=520, entry_order=12,
    )  # fmt: skip
    first, second = view(host).brackets
    assert (first.bracket_id, first.state, first.entry_order) == (8, BracketState.WAITING, 12)
    assert math.isnan(first.stop)
    tick, lot = META.instruments[ETF].tick_size, META.instruments[ETF].lot_size
    assert (second.symbol, second.side, second.exit_order) == (
        META.instruments[ETF].symbol, Side.SELL, 17,
    )  # fmt: skip
    assert (second.stop, second.quantity) == (pytest.approx(511 * tick), pytest.approx(4 * lot))
    assert math.isnan(second.target)


@pytest.mark.parametrize(
    "fields", [{"instrument": 3}, {"instrument": -1}, {"state": 9}, {"side": 0}]
)
def test_a_bracket_that_cannot_be_is_refused(fields) -> None:
    host = FakeHost()
    put_bracket(host, 0, **{"bracket_id": 1, "side": 1, "state": 1, **fields})
    with pytest.raises(DecodeError):
        view(host)
