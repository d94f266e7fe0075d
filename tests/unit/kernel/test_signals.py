"""Each signal on a worked example: its value, and the move that a full one would mean."""

from __future__ import annotations

import math

import pytest

from core.domain import events
from core.domain.enums import Channel, ModelKind, Signal
from core.domain.spreads import SpreadKind, SpreadModel, SpreadState, spread_values
from core.kernel.book import order_flow
from core.kernel.signals import channel_signal, squash, update_covariance
from core.kernel.spread import FULL_SIGNAL_Z, spread_signal
from tests.unit.kernel.kernel_rig import KernelRig


def signal(rig: KernelRig, which: Signal, index: int = 0) -> float:
    return float(rig.instrument(index)["signals"][which])


def reach(rig: KernelRig, which: Signal, index: int = 0) -> float:
    return float(rig.instrument(index)["reach_ticks"][which])


def quote(rig: KernelRig, bids, asks, after_ms: float = 10, index: int = 0) -> None:
    rig.feed(events.book(index, bids, asks), after_ms)


def trend(rig: KernelRig, bars: int, step: int = 2) -> None:
    for beat in range(bars):
        rig.book(3400 + step * beat, 3402 + step * beat)


@pytest.mark.parametrize(("value", "bent"), [(0.0, 0.0), (3.0, 0.75), (-1.0, -0.5), (1e300, 1.0)])
def test_squashing_bends_the_line_into_the_interval(value, bent) -> None:
    assert squash(value) == bent


def test_signals_that_need_a_window_say_nothing_before_it_is_full() -> None:
    """Ticks that rise by 2 a bar for 19 bars, and then for a 20th."""
    rig = KernelRig()
    trend(rig, 21)
    assert rig.instrument()["bars"] == 19
    for which in (Signal.MOMENTUM, Signal.REVERSION, Signal.VOLATILITY):
        assert signal(rig, which) == 0.0
    rig.book(3442, 3444)
    assert signal(rig, Signal.MOMENTUM) > 0.0


def test_momentum_is_the_move_over_a_window_in_its_deviations() -> None:
    """Up 2 ticks a bar: 40 ticks over 20 bars, of 2 √20 each, squashed."""
    rig = KernelRig()
    trend(rig, 60)
    expected = 40 / (2 * math.sqrt(20))
    assert reach(rig, Signal.MOMENTUM) == pytest.approx(2 * math.sqrt(20))
    assert signal(rig, Signal.MOMENTUM) == pytest.approx(expected / (1 + expected))


def test_reversion_is_the_way_back_to_the_level_in_deviations_of_the_innovation() -> None:
    rig = KernelRig()
    trend(rig, 60)
    instrument, level = rig.instrument(), rig.state.filters[0]
    mid = instrument["mid2_ticks"] / 2
    deviation = math.sqrt(level["innovation_variance"])
    expected = (level["level"] - mid) / deviation
    assert expected < -0.5
    assert signal(rig, Signal.REVERSION) == pytest.approx(expected / (1 - expected))
    assert reach(rig, Signal.REVERSION) == deviation
    assert instrument["level_ticks"] == level["level"] + level["slope"]


def test_volatility_is_the_log_of_fast_over_slow() -> None:
    rig = KernelRig()
    trend(rig, 60)
    for beat in range(3):
        rig.book(3520 + 30 * (beat % 2), 3522 + 30 * (beat % 2))
    ratio = math.log(rig.instrument()["fast_variance"] / rig.instrument()["return_variance"]) / 2
    assert ratio > 0.3
    assert signal(rig, Signal.VOLATILITY) == pytest.approx(ratio / (1 + ratio))
    assert reach(rig, Signal.VOLATILITY) == rig.instrument()["volatility_ticks"]


def test_a_market_that_has_not_moved_gives_no_signal_and_no_nan() -> None:
    rig = KernelRig()
    for _ in range(60):
        rig.book(3400, 3402)
    for which in (Signal.MOMENTUM, Signal.REVERSION, Signal.VOLATILITY):
        assert signal(rig, which) == 0.0


def test_the_microprice_is_measured_in_half_spreads() -> None:
    """40 bid against 10: I = 0.8, which is 0.6 of the way from the mid to the ask."""
    rig = KernelRig()
    quote(rig, [(3400, 40)], [(3405, 10)])
    assert signal(rig, Signal.MICROPRICE) == pytest.approx(0.6)
    assert reach(rig, Signal.MICROPRICE) == 2.5


def test_at_a_billion_ticks_rounding_does_not_lead_beyond_one() -> None:
    rig = KernelRig()
    for ask_lots in (1, 3, 7):
        for ticks in range(10**9 - 40, 10**9):
            quote(rig, [(ticks, 10**9)], [(ticks + 1, ask_lots)])
            assert abs(signal(rig, Signal.MICROPRICE)) <= 1.0


def test_depth_price_is_the_middle_of_the_sizes_over_five_levels() -> None:
    """Bids 4 @ 100 and 12 @ 96 average 97, asks 6 @ 102 and 2 @ 106 average 103."""
    rig = KernelRig()
    quote(rig, [(100, 4), (96, 12)], [(102, 6), (106, 2)])
    assert rig.instrument()["depth_price_ticks"] == 100.0
    assert signal(rig, Signal.DEPTH) == -1.0
    quote(rig, [(100, 12), (96, 4)], [(102, 2), (106, 6)])
    assert rig.instrument()["depth_price_ticks"] == 102.0
    quote(rig, [(100, 7)], [(108, 1), (110, 1)])
    assert rig.instrument()["depth_price_ticks"] == 104.5
    assert signal(rig, Signal.DEPTH) == 0.5 / 4
    assert reach(rig, Signal.DEPTH) == 4.0


def test_depth_price_does_not_look_at_the_sixth_level() -> None:
    rig = KernelRig()
    bids = [(100 - level, 1) for level in range(5)]
    quote(rig, [*bids, (50, 900)], [(102, 3)])
    assert rig.instrument()["depth_price_ticks"] == (98 + 102) / 2


def test_order_flow_of_one_level_is_the_papers() -> None:
    """With one level a side, the sum over levels is Cont, Kukanov and Stoikov's e(n)."""
    before = (100, 5, 103, 7)
    for after in [(100, 9, 103, 7), (101, 3, 103, 2), (99, 8, 104, 6), (100, 5, 102, 4)]:
        rig = KernelRig()
        quote(rig, [before[:2]], [before[2:]])
        quote(rig, [after[:2]], [after[2:]])
        flow = order_flow(
            before[0], before[1], after[0], after[1], before[2], before[3], after[2], after[3]
        )
        assert rig.instrument()["ofi"] == flow != 0


def test_order_flow_further_away_counts_less() -> None:
    """4 more lots on the third bid count 4/3; 6 on a new fourth level 6/4; none on the sixth."""
    rig = KernelRig()
    bids = [(100, 5), (99, 5), (98, 5)]
    far = [(90, 2), (89, 2), (88, 3)]
    asks = [(102, 5)]
    quote(rig, bids, asks)
    quote(rig, [*bids[:2], (98, 9)], asks)
    assert rig.instrument()["ofi"] == pytest.approx(4 / 3)
    quote(rig, [*bids[:2], (98, 9), (97, 6)], asks)
    assert rig.instrument()["ofi"] == pytest.approx(0.9 * 4 / 3 + 6 / 4)
    quote(rig, [*bids[:2], (98, 9), (97, 6)], [(102, 5), (104, 8)])
    assert rig.instrument()["ofi"] == pytest.approx(0.81 * 4 / 3 + 0.9 * 6 / 4 - 8 / 2)
    before = float(rig.instrument()["ofi"])
    quote(rig, [*bids[:2], (98, 9), (97, 6)], asks)
    assert rig.instrument()["ofi"] == pytest.approx(0.9 * before + 8 / 2)
    other = KernelRig()
    quote(other, [*bids, *far], asks)
    quote(other, [*bids, *far[:2], (88, 700)], asks)
    assert other.instrument()["ofi"] == 0.0


def test_order_flow_fades_and_is_measured_by_its_usual_size() -> None:
    """+4, then nothing: 4, 3.6, 3.24; the size is a plain mean while it is young."""
    rig = KernelRig()
    quote(rig, [(100, 5)], [(103, 7)])
    quote(rig, [(100, 9)], [(103, 7)])
    assert signal(rig, Signal.OFI) == 0.5
    quote(rig, [(100, 9)], [(103, 7)])
    quote(rig, [(100, 9)], [(103, 7)])
    instrument = rig.instrument()
    assert instrument["ofi"] == pytest.approx(3.24)
    assert instrument["ofi_scale"] == pytest.approx((4 + 3.6 + 3.24) / 3)
    assert signal(rig, Signal.OFI) == pytest.approx(squash(3.24 * 3 / (4 + 3.6 + 3.24)))


def test_the_first_book_has_no_flow() -> None:
    rig = KernelRig()
    quote(rig, [(100, 900)], [(103, 7)])
    assert signal(rig, Signal.OFI) == 0.0


@pytest.mark.parametrize(
    ("price", "told", "side"),
    [(3403, 0, 1), (3400, 0, -1), (3401, 0, 0), (3400, 1, 1), (3403, -1, -1)],
)
def test_an_untold_aggressor_is_read_off_the_mid(price, told, side) -> None:
    """Lee and Ready (1991): above the mid a buyer, below a seller; what is told stands."""
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.feed(events.trade(0, price, 6, told))
    instrument = rig.instrument()
    assert instrument["last_trade_side"] == side
    assert instrument["last_price_ticks"] == price
    assert (instrument["bought_lots"], instrument["sold_lots"]) == (
        6 * (side > 0), 6 * (side < 0),
    )  # fmt: skip


@pytest.mark.parametrize(("price", "lots"), [(0, 5), (-3, 5), (3400, 0), (3400, -2)])
def test_a_print_that_cannot_be_is_left_out(price, lots) -> None:
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.feed(events.trade(0, price, lots, 1))
    assert rig.instrument()["last_price_ticks"] == 0
    assert rig.instrument()["bought_lots"] == 0.0


def test_trade_flow_is_the_balance_of_buyers_and_sellers() -> None:
    """(30 - 9) / (1 + 39); one lot alone is not yet a crowd."""
    rig = KernelRig(bar_ms=1_000)
    rig.book(3400, 3402)
    rig.feed(events.trade(0, 3402, 30, 1))
    rig.feed(events.trade(0, 3400, 9, -1))
    rig.book(3400, 3402)
    assert signal(rig, Signal.TRADE_FLOW) == pytest.approx(21 / 40)


def test_a_fair_value_is_believed_as_far_as_its_error_allows() -> None:
    """6 ticks above the mid, give or take 2: 6 / 8 of a reach of 8."""
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 3407.0, index=0, error=2.0)
    rig.book(3400, 3402)
    assert signal(rig, Signal.FAIR_VALUE) == pytest.approx(0.75)
    assert reach(rig, Signal.FAIR_VALUE) == pytest.approx(8.0)
    assert signal(rig, Signal.FAIR_VALUE, 1) == 0.0


def test_a_fair_value_without_error_at_the_mid_says_nothing() -> None:
    rig = KernelRig()
    rig.observe(Channel.FAIR_VALUE, 3401.0, index=0)
    rig.book(3400, 3402)
    assert signal(rig, Signal.FAIR_VALUE) == 0.0
    rig.book(3404, 3406)
    assert signal(rig, Signal.FAIR_VALUE) == -1.0


def test_a_fair_value_ages_out_with_what_it_rests_on() -> None:
    rig = KernelRig(stale_observation_s=30)
    rig.observe(Channel.FAIR_VALUE, 3390.0, rig.ts_ns - 4 * 10**9, index=0, after_ms=0)
    rig.book(after_ms=26_000)
    assert signal(rig, Signal.FAIR_VALUE) == -1.0
    rig.book(after_ms=1)
    assert signal(rig, Signal.FAIR_VALUE) == 0.0


def test_channels_move_each_product_as_it_answers_to_them() -> None:
    """The ETF answers to weather by half, to bad air the other way, to flights by a quarter."""
    rig = KernelRig()
    for number, value in enumerate([10.0, 11.0, 13.0, 18.0], start=1):
        for channel in (Channel.WEATHER, Channel.AIR_QUALITY, Channel.FLIGHTS):
            rig.observe(channel, value, number)
    rig.book(500, 503, index=1)
    rig.book(3400, 3402, index=0)
    said = [float(row["signal"]) for row in rig.state.channels]
    assert min(said) > 0.1
    for which, value, driver in zip(
        (Signal.WEATHER, Signal.AIR_QUALITY, Signal.FLIGHTS), said, (0.5, -1.0, 0.25), strict=True
    ):
        assert signal(rig, which, 1) == value * driver
        assert signal(rig, which, 0) == 0.0


def test_a_channel_that_has_fallen_silent_says_nothing() -> None:
    rig = KernelRig(stale_observation_s=20)
    for number, value in enumerate([10.0, 11.0, 13.0], start=1):
        rig.observe(Channel.WEATHER, value, number)
    rig.book(500, 503, index=1, after_ms=20_000)
    assert signal(rig, Signal.WEATHER, 1) > 0.0
    rig.book(500, 503, index=1, after_ms=1)
    assert signal(rig, Signal.WEATHER, 1) == 0.0


def test_each_channel_feeds_the_signal_of_its_name() -> None:
    for channel in (Channel.WEATHER, Channel.AIR_QUALITY, Channel.FLIGHTS):
        assert Signal(channel_signal(channel.value)).name == channel.name


def pair_rig() -> KernelRig:
    """1_Eisbach = 2 x 7_ETF + 2400, with an error of 3 ticks, fitted."""
    rig = KernelRig()
    model = SpreadModel(
        SpreadKind.PAIR, [0, 1], [1.0, -2.0], is_fitted=True, half_life_bars=12.0,
        intercept_ticks=3401.0, reference_ticks=500.5, observation_variance=9.0, leg_move=0.4,
    )  # fmt: skip
    rig.feed(events.model_updated(ModelKind.SPREAD, spread_values(model).tolist(), row=3))
    for _ in range(3):
        rig.book(500, 501, index=1)
        rig.book(3400, 3402, index=0)
    assert rig.state.spreads[3]["state"] == SpreadState.TRADING
    return rig


def test_a_pair_sells_the_rich_leg_and_buys_the_other() -> None:
    """3 ticks rich is one deviation, of the 2.5 that make a full signal."""
    rig = pair_rig()
    rig.book(3403, 3405, index=0)
    rig.book(500, 501, index=1)
    assert signal(rig, Signal.SPREAD) == pytest.approx(-1 / FULL_SIGNAL_Z)
    assert reach(rig, Signal.SPREAD) == pytest.approx(FULL_SIGNAL_Z * 3)
    assert signal(rig, Signal.SPREAD, 1) == pytest.approx(1 / FULL_SIGNAL_Z)
    assert reach(rig, Signal.SPREAD, 1) == pytest.approx(FULL_SIGNAL_Z * 3 * 0.4)


def test_legs_that_move_against_each_other_are_traded_to_the_same_side() -> None:
    rig = KernelRig()
    model = SpreadModel(
        SpreadKind.PAIR, [0, 1], [1.0, 2.0], is_fitted=True, half_life_bars=12.0,
        intercept_ticks=3401.0, reference_ticks=500.5, observation_variance=9.0, leg_move=-0.4,
    )  # fmt: skip
    rig.feed(events.model_updated(ModelKind.SPREAD, spread_values(model).tolist(), row=3))
    for _ in range(3):
        rig.book(500, 501, index=1)
        rig.book(3400, 3402, index=0)
    rig.book(3403, 3405, index=0)
    rig.book(500, 501, index=1)
    assert signal(rig, Signal.SPREAD, 1) == pytest.approx(-1 / FULL_SIGNAL_Z)


def test_a_leg_that_stays_where_it_is_hears_nothing_of_its_pair() -> None:
    rig = pair_rig()
    rig.state.spreads[3]["leg_move"] = 0.0
    rig.book(505, 506, index=1, after_ms=0)
    assert signal(rig, Signal.SPREAD, 1) == 0.0
    assert reach(rig, Signal.SPREAD, 1) == 0.0


def test_of_several_spreads_the_one_that_expects_most_speaks() -> None:
    rig = pair_rig()
    for row, variance in ((5, 144.0), (0, 16.0)):
        basket = SpreadModel(
            SpreadKind.BASKET, [0, 1], [1.0, -2.0], is_fitted=True, mean_ticks=2400.0,
            variance=variance, half_life_bars=30.0,
        )  # fmt: skip
        rig.feed(events.model_updated(ModelKind.SPREAD, spread_values(basket).tolist(), row=row))
    for _ in range(3):
        rig.book(500, 501, index=1)
        rig.book(3400, 3402, index=0)
    rig.book(3404, 3406, index=0)
    told = [
        abs(spread_signal(rig.state.spreads[row])) * FULL_SIGNAL_Z
        * math.sqrt(rig.state.spreads[row]["variance"])
        for row in (0, 3, 5)
    ]  # fmt: skip
    said = signal(rig, Signal.SPREAD) * reach(rig, Signal.SPREAD)
    assert said == pytest.approx(-max(told))


def test_a_basket_does_not_move_its_parts() -> None:
    """They have markets of their own."""
    rig = KernelRig()
    basket = SpreadModel(
        SpreadKind.BASKET, [0, 1], [1.0, -2.0], is_fitted=True, mean_ticks=2390.0,
        variance=25.0, half_life_bars=30.0,
    )  # fmt: skip
    rig.feed(events.model_updated(ModelKind.SPREAD, spread_values(basket).tolist(), row=2))
    for _ in range(3):
        rig.book(500, 501, index=1)
        rig.book(3400, 3402, index=0)
    assert signal(rig, Signal.SPREAD) < -0.3
    assert signal(rig, Signal.SPREAD, 1) == 0.0
    assert reach(rig, Signal.SPREAD, 1) == 0.0


def test_covariances_are_exponentially_weighted_and_symmetric() -> None:
    """West's recursion: C' = (1 - w)(C + w dx dy), with both means still the old ones."""
    rig = KernelRig()
    instrument = rig.instrument()
    first, second = Signal.OBI, Signal.DEPTH
    mean, covariance = [0.0, 0.0], 0.0
    for a, b in [(0.5, -0.25), (0.75, 0.5), (-1.0, 0.125), (0.25, 1.0)]:
        instrument["signals"][first], instrument["signals"][second] = a, b
        update_covariance(instrument)
        covariance = 0.98 * (covariance + 0.02 * (a - mean[0]) * (b - mean[1]))
        mean = [mean[0] + 0.02 * (a - mean[0]), mean[1] + 0.02 * (b - mean[1])]
    matrix = instrument["signal_covariance"]
    assert matrix[first, second] == matrix[second, first] == pytest.approx(covariance, abs=1e-15)
    assert instrument["signal_mean"][[first, second]].tolist() == pytest.approx(mean)
    assert (matrix == matrix.T).all()
