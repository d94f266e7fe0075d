"""The clock of the models: when a bar closes, at what, and what silence means."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import Regime, Signal
from core.domain.records import WINDOW
from tests.unit.kernel.kernel_rig import NANOS, KernelRig, regime_event

MS = 1_000_000
BAR_MS = 100


def make_rig(**params: float) -> KernelRig:
    """Two books a few ms apart have started the first bar: it ends 100 ms after the second."""
    rig = KernelRig(bar_ms=BAR_MS, **params)
    rig.book(3400, 3402)
    rig.book(3400, 3402, after_ms=5)
    assert rig.instrument()["bar_start_ns"] == rig.ts_ns
    return rig


def test_a_bar_closes_at_the_last_mid_that_was_seen_inside_it() -> None:
    """The book that closes it belongs to the next one."""
    rig = make_rig()
    rig.book(3407, 3409, after_ms=60)
    rig.book(3403, 3406, after_ms=39)
    assert rig.instrument()["bars"] == 0
    rig.book(3500, 3502, after_ms=1)
    assert rig.instrument()["bars"] == 1
    assert rig.instrument()["close_mid2_ticks"] == 3403 + 3406
    assert rig.instrument()["mid2_ticks"] == 3500 + 3502


def test_bars_stay_on_the_grid_they_began_on() -> None:
    """A book that comes late in its bar must not shift those that follow."""
    rig = make_rig()
    start = rig.ts_ns
    for after_ms in (130, 170, 99, 450):
        rig.book(after_ms=after_ms)
        begun = int(rig.instrument()["bar_start_ns"])
        assert (begun - start) % (BAR_MS * MS) == 0
        assert begun <= rig.ts_ns < begun + BAR_MS * MS
    assert rig.instrument()["bars"] == (130 + 170 + 99 + 450) // BAR_MS


def test_bars_without_a_book_are_missing_observations() -> None:
    """Of five bars that end in a silence one is observed and four are not."""
    rig = make_rig(kalman_noise_ratio=0.25)
    for beat in range(6):
        rig.book(3400 + beat % 2, 3402 + beat % 2, after_ms=BAR_MS)
    level = rig.state.filters[0]
    rig.book(after_ms=BAR_MS)
    returns, before = int(rig.instrument()["returns"]), rig.instrument()["bars"].item()
    rig.book(after_ms=5 * BAR_MS)
    assert rig.instrument()["bars"] == before + 5
    assert rig.instrument()["returns"] == returns + 1
    assert level["missing"] == 4
    assert level["p_level"] == pytest.approx(level["gain_level"] + 4 * 0.25)
    assert level["observations"] == before + 1
    assert rig.instrument()["change_probability"] == 0.0


def test_in_silence_the_regime_drifts_as_the_chain_does() -> None:
    rig = make_rig()
    for _ in range(4):
        rig.book(after_ms=BAR_MS)
    model = rig.state.regimes[0]
    model["transition"][:] = [[0.9, 0.1, 0], [0, 0.8, 0.2], [0.3, 0, 0.7]]
    model["alpha"][:] = [0.5, 0.3, 0.2]
    # The bar that closes is observed; its features say nothing here.
    expected = model["alpha"] @ model["transition"] @ model["transition"] @ model["transition"]
    rig.book(after_ms=3 * BAR_MS)
    assert rig.instrument()["regime_probability"][1:].tolist() == pytest.approx(expected.tolist())


def test_no_more_than_a_window_of_silence_is_gone_through_bar_by_bar() -> None:
    """A night is counted in full, and costs no more than WINDOW bars."""
    rig = make_rig()
    rig.book(after_ms=BAR_MS)
    rig.book(after_ms=8 * 3_600_000)
    assert rig.instrument()["bars"] == 1 + 8 * 36_000
    assert rig.state.filters[0]["missing"] == WINDOW
    assert rig.instrument()["close_mid2_ticks"] == 3400 + 3402


def test_a_silence_of_a_window_forgets_the_closes_before_it() -> None:
    rig = make_rig()
    for beat in range(30):
        rig.book(3400 + 5 * beat, 3402 + 5 * beat, after_ms=BAR_MS)
    rig.book(3545, 3547, after_ms=60 * BAR_MS)
    assert set(rig.instrument()["closes"].tolist()) == {3545 + 3547}
    assert rig.instrument()["signals"][Signal.MOMENTUM] == 0.0
    assert rig.state.filters[0]["missing"] == WINDOW


def test_books_that_cannot_be_traded_on_close_nothing() -> None:
    """Their bars are closed by the next good one, at the last good mid."""
    rig = make_rig()
    rig.feed(events.book(0, [], [(9_000, 4)]), 250)
    rig.book(3402, 3400, after_ms=250)
    assert rig.instrument()["bars"] == 0
    rig.book(3300, 3302, after_ms=1)
    assert rig.instrument()["bars"] == 5
    assert rig.instrument()["close_mid2_ticks"] == 3400 + 3402
    assert rig.state.filters[0]["missing"] == 4


def test_neither_time_nor_trades_close_a_bar() -> None:
    rig = make_rig()
    rig.timer(after_ms=1_000)
    rig.feed(events.trade(0, 3402, 5, 1), 1_000)
    assert rig.instrument()["bars"] == 0


def test_instruments_have_bars_of_their_own() -> None:
    rig = make_rig()
    rig.book(500, 503, index=1, after_ms=450)
    rig.book(500, 503, index=1, after_ms=1)
    rig.book(500, 503, index=1, after_ms=BAR_MS)
    assert [int(rig.instrument(index)["bars"]) for index in (0, 1)] == [0, 1]


def test_a_bar_lasts_a_nanosecond_at_least() -> None:
    """Whatever the parameter is set to, no division by it fails."""
    rig = KernelRig(bar_ms=0)
    for _ in range(3):
        rig.book()
    assert rig.instrument()["bars"] == 10 * MS


def test_traded_lots_fade_by_a_fifth_a_bar() -> None:
    rig = make_rig()
    rig.feed(events.trade(0, 3402, 50, 1), 1)
    rig.feed(events.trade(0, 3400, 20, -1), 1)
    rig.book(after_ms=BAR_MS)
    rig.book(after_ms=BAR_MS)
    instrument = rig.instrument()
    assert instrument["bought_lots"] == pytest.approx(50 * 0.64)
    assert instrument["sold_lots"] == pytest.approx(20 * 0.64)


def test_without_a_model_the_regime_has_no_name() -> None:
    """A kernel that knows nothing must not call the market trending."""
    rig = KernelRig(edges=None)
    for beat in range(30):
        rig.book(3400 + beat % 3, 3402 + beat % 3)
    assert rig.instrument()["regime"] == Regime.UNKNOWN
    assert rig.instrument()["regime_probability"].sum() == 0.0
    rig.feed(regime_event(0, Regime.HIGH_VOLATILITY, 0.7))
    rig.book()
    assert rig.instrument()["regime"] == Regime.HIGH_VOLATILITY
    assert rig.instrument()["regime_since_ns"] == rig.ts_ns


def test_a_regime_keeps_its_name_until_another_leads_clearly() -> None:
    """A tenth more is not yet enough to be called by another name; two tenths are."""
    rig = make_rig()
    rig.book(after_ms=2 * BAR_MS)
    rig.book(after_ms=BAR_MS)
    assert rig.instrument()["regime"] == Regime.TRENDING
    changes = int(rig.instrument()["regime_changes"])
    model = rig.state.regimes[0]
    model["transition"][:] = [0.4, 0.48, 0.12]
    rig.book(after_ms=BAR_MS)
    assert rig.instrument()["regime"] == Regime.TRENDING
    assert rig.instrument()["regime_probability"][Regime.MEAN_REVERTING] == pytest.approx(0.48)
    model["transition"][:] = [0.35, 0.5, 0.15]
    rig.book(after_ms=BAR_MS)
    assert rig.instrument()["regime"] == Regime.MEAN_REVERTING
    assert rig.instrument()["regime_changes"] == changes + 1
    assert rig.instrument()["regime_since_ns"] == rig.ts_ns
    assert rig.ts_ns > 1_763_800_000 * NANOS
