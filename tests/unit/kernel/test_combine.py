"""From signals to one expected move: what counts, how much, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain import events
from core.domain.enums import ModelKind, Regime, Signal
from core.domain.memory import allocate
from core.domain.records import EDGE_MODEL, INSTRUMENT_STATE
from core.kernel.changes import doubt
from core.kernel.combine import combine, refresh_coefficients, regime_factor
from tests.unit.kernel.kernel_rig import KernelRig, edge_event, make_params


def make_instrument(signals=None, reach: float = 2.0):
    """3400 / 3405 with signals of our choice and a coefficient of 1 for each."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0]
    instrument["mid2_ticks"] = 3400 + 3405
    instrument["half_spread_ticks"] = 2.5
    instrument["reach_ticks"][:] = reach
    for signal, value in (signals or {}).items():
        instrument["signals"][signal] = value
        instrument["coefficient"][signal] = 1.0
    return instrument


def coefficients(edges, correlation=None, regime=Regime.HIGH_VOLATILITY, **weights):
    """Coefficients of signals whose covariance is given; everything else does not move."""
    instrument = allocate(INSTRUMENT_STATE, 1)[0]
    instrument["regime"] = regime
    if correlation is not None:
        deviations = np.array([0.5, 0.25, 0.125])[: len(edges)]
        places = np.ix_(list(edges), list(edges))
        instrument["signal_covariance"][places] = correlation * np.outer(deviations, deviations)
    model = allocate(EDGE_MODEL, 1)[0]
    for signal, edge in edges.items():
        model["edge"][signal] = edge
    refresh_coefficients(instrument, model, make_params(**weights))
    return instrument["coefficient"]


TRIO = {Signal.OBI: 3.0, Signal.OFI: -0.5, Signal.DEPTH: 1.25}


def test_a_signal_alone_counts_as_its_weight_times_its_edge() -> None:
    found = coefficients({Signal.DEPTH: 0.4}, weight_depth=-1.5)
    assert found[Signal.DEPTH] == pytest.approx(-0.6)
    assert np.count_nonzero(found) == 1


def test_signals_that_say_the_same_count_once_together() -> None:
    found = coefficients(TRIO, np.ones((3, 3)))
    assert found[list(TRIO)].tolist() == pytest.approx([3.0 / 3, -0.5 / 3, 1.25 / 3])


def test_signals_that_say_the_contrary_of_each_other_are_one_crowd_too() -> None:
    """A mirror image brings no news either."""
    signs = np.array([1, -1, 1])
    found = coefficients(TRIO, np.outer(signs, signs))
    assert found[Signal.OFI] == pytest.approx(-0.5 / 3)


def test_independent_signals_are_not_discounted() -> None:
    found = coefficients(TRIO, np.eye(3))
    assert found[list(TRIO)].tolist() == pytest.approx([3.0, -0.5, 1.25])


def test_the_crowd_is_the_sum_of_squared_correlations() -> None:
    correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.4], [0.2, -0.4, 1]])
    found = coefficients(TRIO, correlation)
    for place, (signal, edge) in enumerate(TRIO.items()):
        crowd = float((correlation[place] ** 2).sum())
        assert found[signal] == pytest.approx(edge / crowd)


def test_a_signal_that_counts_for_nothing_is_no_crowd() -> None:
    """Muted by its weight, or without an edge."""
    muted = coefficients(TRIO, np.ones((3, 3)), weight_ofi=0.0)
    assert muted[list(TRIO)].tolist() == pytest.approx([1.5, 0.0, 0.625])
    worthless = coefficients({**TRIO, Signal.DEPTH: 0.0}, np.ones((3, 3)))
    assert worthless[list(TRIO)].tolist() == pytest.approx([1.5, -0.25, 0.0])


def test_rounding_does_not_make_a_correlation_larger_than_one() -> None:
    found = coefficients({Signal.OBI: 3.0, Signal.OFI: 1.0}, np.array([[1, 1.2], [1.2, 1]]))
    assert found[Signal.OBI] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("regime", "momentum", "reversion"),
    [
        (Regime.UNKNOWN, 1.0, 1.0),
        (Regime.TRENDING, 1.5, 0.25),
        (Regime.MEAN_REVERTING, 0.25, 1.5),
        (Regime.HIGH_VOLATILITY, 1.0, 1.0),
    ],
)
def test_a_trend_is_followed_and_a_reverting_market_faded(regime, momentum, reversion) -> None:
    assert regime_factor(Signal.MOMENTUM.value, regime.value) == momentum
    assert regime_factor(Signal.REVERSION.value, regime.value) == reversion
    assert regime_factor(Signal.OBI.value, regime.value) == 1.0
    edges = {Signal.MOMENTUM: 0.2, Signal.REVERSION: 0.6}
    found = coefficients(edges, np.eye(2), regime)
    assert found[list(edges)].tolist() == pytest.approx([0.2 * momentum, 0.6 * reversion])


def test_the_expected_move_is_the_sum_of_what_each_signal_says() -> None:
    instrument = make_instrument({Signal.OBI: 0.5, Signal.FAIR_VALUE: 0.75})
    instrument["coefficient"][Signal.OBI] = 0.4
    instrument["reach_ticks"][Signal.FAIR_VALUE] = 8.0
    combine(instrument, make_params(slippage_ticks=0.5, passive_edge=-9)[0])
    assert instrument["edge_ticks"] == pytest.approx(0.4 * 0.5 * 2 + 0.75 * 8)
    ratio = (0.4 + 6.0) / 3.0
    assert instrument["combined"] == pytest.approx(ratio / (1 + ratio))


def test_half_is_where_a_move_just_pays_for_the_cheaper_way() -> None:
    instrument = make_instrument({Signal.OBI: -1.0}, reach=2.75)
    combine(instrument, make_params(slippage_ticks=0.25, passive_edge=-9)[0])
    assert instrument["combined"] == pytest.approx(-0.5)


@pytest.mark.parametrize("signal", Signal)
def test_what_the_book_and_the_prints_say_is_a_matter_of_moments(signal) -> None:
    """A fair value or a trend is not: it does not tell when to cross the spread."""
    instrument = make_instrument({signal: 0.5})
    combine(instrument, make_params()[0])
    is_timing = signal in {
        Signal.OBI, Signal.OFI, Signal.MICROPRICE, Signal.DEPTH, Signal.TRADE_FLOW,
    }  # fmt: skip
    assert instrument["edge_ticks"] == 1.0
    assert instrument["timing_ticks"] == (1.0 if is_timing else 0.0)


def test_confidence_is_agreement_times_what_is_known_of_the_regime() -> None:
    """+1 and -0.25 of 1.25 in all agree by 0.6; at p = 0.8 nine tenths are left."""
    instrument = make_instrument({Signal.OBI: 0.5, Signal.FAIR_VALUE: -0.125})
    instrument["regime"] = Regime.MEAN_REVERTING
    instrument["regime_probability"][:] = [0.0, 0.15, 0.8, 0.05]
    combine(instrument, make_params()[0])
    assert instrument["confidence"] == pytest.approx(0.6 * 0.9)


def test_silence_has_no_confidence() -> None:
    instrument = make_instrument()
    combine(instrument, make_params()[0])
    assert (instrument["combined"], instrument["confidence"]) == (0.0, 0.0)


def changed(*, seen: int = 0, confirmed: int = 0, now: int = 100):
    instrument = make_instrument({Signal.OBI: 1.0})
    instrument["bars"], instrument["change_bar"], instrument["confirmed_bar"] = now, seen, confirmed
    return instrument


@pytest.mark.parametrize(
    ("seen", "confirmed", "lost"),
    [
        (0, 0, 0.0),
        (100, 0, 0.3),  # only the online detector: half
        (0, 100, 0.6),
        (100, 100, 0.6),  # the same change is not counted twice
        (95, 0, 0.225),
        (0, 95, 0.45),
        (100, 90, 0.3),
        (0, 81, 0.03),
        (0, 80, 0.0),
        (0, 3, 0.0),
    ],
)
def test_a_change_leaves_a_doubt_that_fades_over_the_bars(seen, confirmed, lost) -> None:
    params = make_params(change_doubt=0.6, change_bars=20)[0]
    instrument = changed(seen=seen, confirmed=confirmed)
    assert doubt(instrument, params) == pytest.approx(lost)
    combine(instrument, params)
    assert instrument["confidence"] == pytest.approx(0.5 * (1 - lost))


def test_without_bars_to_fade_over_there_is_no_doubt() -> None:
    params = make_params(change_doubt=0.6, change_bars=0)[0]
    assert doubt(changed(confirmed=100), params) == 0.0


def test_a_jump_of_the_market_is_seen_and_doubted_at_once() -> None:
    """The kernel's own detector, from books to confidence."""
    rng = np.random.default_rng(3)
    rig = KernelRig(change_doubt=0.8, change_bars=50)
    for move in rng.integers(-2, 3, 150).cumsum():
        rig.book(3400 + int(move), 3402 + int(move))
    assert rig.instrument()["changes"] == 0
    for step in range(15):
        rig.book(3400 - 40 * step, 3402 - 40 * step)
    instrument = rig.instrument()
    assert instrument["changes"] == 1
    assert instrument["change_bar"] > 150
    assert instrument["change_probability"] > 0.5
    lost = doubt(instrument, rig.state.params[0])
    assert 0.3 < lost <= 0.4
    rig.feed(events.model_updated(ModelKind.CHANGE, [2.0], instrument=0))
    assert doubt(instrument, rig.state.params[0]) == pytest.approx(0.8 * (1 - 2 / 50))


def test_coefficients_wait_for_the_close_of_a_bar() -> None:
    """New edges count from the next bar on, so that a bar is decided on as one."""
    rig = KernelRig(bar_ms=100)
    rig.book()
    rig.book()
    rig.feed(edge_event(0, {Signal.OBI: 0.5}, version=7))
    rig.book()
    assert rig.instrument()["coefficient"][Signal.OBI] == 0.0
    rig.book(after_ms=100)
    assert rig.instrument()["coefficient"][Signal.OBI] == 0.5
