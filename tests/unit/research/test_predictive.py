"""What a signal knows of the future: planted, absent, reversed, and unanswerable."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.enums import N_SIGNALS, Signal
from core.models.refusal import Refusal
from core.research.findings import Verdict
from core.research.inference import correlation
from core.research.predictive import MIN_QUOTES, adjust, predict
from tests.unit.research.markets import MS, START_NS, autoregression, quotes


def market(count=4_000, *, strength=0.0, lasting=5, seed=1, every_ms=100, volatility_ticks=8.0):
    """A random walk; signal 0 leads the next `lasting` steps, the others know nothing."""
    rng = np.random.default_rng(seed)
    signals = np.column_stack([autoregression(rng, count, 0.6) for _ in range(N_SIGNALS)])
    steps = rng.standard_normal(count)
    for lag in range(1, lasting + 1):
        steps[lag:] += strength / lasting * signals[:-lag, 0]
    return quotes(
        50_000 + volatility_ticks * np.cumsum(steps), signals=np.tanh(signals), every_ms=every_ms
    )


def judged(rows):
    (found,) = adjust([predict(rows)])
    return {signal.name: signal for signal in found.signals}


NAMES = [signal.name.lower() for signal in Signal]


def test_a_planted_signal_is_an_edge_and_the_others_are_not():
    found = judged(market(strength=0.9))
    assert list(found) == NAMES
    assert found[NAMES[0]].verdict is Verdict.EDGE
    assert all(found[name].verdict is Verdict.NONE for name in NAMES[1:])


def test_a_correlation_is_of_the_signal_with_the_return_that_follows():
    """Against NumPy on the returns of the next ten quotes, and of the ten before."""
    rows = market(strength=0.9)
    mid, signal = rows["mid2_ticks"] / 2, rows["signals"][:, 0]
    by_size = {h.horizon_s: h for h in judged(rows)[NAMES[0]].horizons}
    ahead = np.corrcoef(signal[:-10], mid[10:] - mid[:-10])[0, 1]
    behind = np.corrcoef(signal[10:], mid[10:] - mid[:-10])[0, 1]
    assert by_size[1.0].correlation.value == pytest.approx(ahead, abs=1e-9)
    assert by_size[-1.0].correlation.value == pytest.approx(behind, abs=1e-9)
    assert by_size[1.0].samples == 3_990
    band = correlation(signal[:-50], mid[50:] - mid[:-50], overlap=50)
    assert by_size[5.0].correlation.high == pytest.approx(band.high, abs=1e-9)
    deviation_ticks = np.std(mid[10:] - mid[:-10])
    assert by_size[1.0].expected_move_ticks == pytest.approx(ahead * deviation_ticks, rel=1e-9)


def test_information_decays_where_it_was_planted_to():
    """Five steps of 0.1 s: the peak is near 0.5 s, and by 10 s more than half is gone."""
    found = judged(market(strength=0.9))[NAMES[0]]
    sizes = {h.horizon_s: abs(h.correlation.value) for h in found.future}
    assert max(sizes, key=lambda size: sizes[size]) in {0.5, 1.0}
    assert 1.0 < found.half_life_s < 10.0
    at_half = max(sizes.values()) / 2
    nearest = [size for size in sizes if size >= found.half_life_s]
    assert sizes[nearest[0]] <= at_half


def test_a_reversed_signal_shows_its_sign():
    found = judged(market(strength=-0.9))[NAMES[0]]
    assert found.verdict is Verdict.EDGE
    assert found.best.correlation.value < 0


def test_a_move_below_half_the_spread_is_weak_and_below_a_tenth_is_nothing():
    rows = market(strength=0.9)
    one_deviation = judged(rows)[NAMES[0]].best.expected_move_ticks
    for half_spread, verdict in ((3, Verdict.WEAK), (40, Verdict.NONE)):
        wide = rows.copy()
        wide["ask_ticks"] = wide["bid_ticks"] + int(2 * half_spread * one_deviation)
        assert judged(wide)[NAMES[0]].verdict is verdict


def test_a_random_walk_holds_nothing():
    """Of 60 markets without information at most as many hold a finding as 5 % can."""
    findings = 0
    for seed in range(60):
        rows = market(1_500, seed=seed)
        mid = rows["mid2_ticks"] / 2
        # A signal of past returns, as momentum is: it must not foresee a random walk either.
        rows["signals"][20:, 1] = (mid[20:] - mid[:-20]) / 100
        findings += any(signal.verdict is not Verdict.NONE for signal in judged(rows).values())
    assert findings <= 8


def test_tests_of_all_instruments_are_adjusted_together():
    """The same market beside nine without information: its q values grow, its p values stay."""
    rows = market(strength=0.25)
    alone = adjust([predict(rows)])[0].signals[0]
    many = adjust([predict(rows), *(predict(market(seed=seed)) for seed in range(2, 11))])
    among = many[0].signals[0]
    for one, other in zip(alone.future, among.future, strict=True):
        assert one.correlation == other.correlation
        assert other.q_value > one.q_value
    assert all(h.q_value is None for h in among.horizons if h.horizon_s < 0)


def test_one_bad_print_does_not_decide():
    """A million deviations off for one quote: the finding stays, and the cut is said."""
    rows = market(strength=0.9)
    clean = judged(rows)[NAMES[0]]
    rows["mid2_ticks"][2_000] += 16_000_000
    (found,) = adjust([predict(rows)])
    assert found.signals[0].verdict is Verdict.EDGE
    assert any("were cut" in note for note in found.notes)
    near = {h.horizon_s: h.correlation.value for h in clean.future}
    for horizon in found.signals[0].future[:2]:
        assert horizon.correlation.value == pytest.approx(near[horizon.horizon_s], abs=0.2)


def test_no_return_crosses_a_silence():
    """Two halves an hour and a million ticks apart: as many pairs are lost as the horizon has."""
    rows = market(strength=0.9)
    whole = {h.horizon_s: h.samples for h in judged(rows)[NAMES[0]].future}
    rows["ts_ns"][2_000:] += 3_600_000 * MS
    rows["mid2_ticks"][2_000:] += 2_000_000
    found = judged(rows)[NAMES[0]]
    assert found.verdict is Verdict.EDGE
    for horizon in found.future:
        assert horizon.samples == whole[horizon.horizon_s] - round(horizon.horizon_s / 0.1)


def test_horizons_below_the_step_of_the_data_become_the_step():
    (found,) = adjust([predict(market(every_ms=700))])
    sizes = [horizon.horizon_s for horizon in found.signals[0].future]
    assert found.step_s == pytest.approx(0.7)
    assert sizes == [0.7, 1.0, 5.0, 10.0, 30.0]


def test_horizons_too_long_for_the_recording_are_left_out_and_said():
    (found,) = adjust([predict(market(600))])
    assert [h.horizon_s for h in found.signals[0].future] == [0.1, 0.5, 1.0, 5.0]
    assert len(found.notes) == 2
    assert "30 s: the recording is too short" in found.notes[1]


def test_a_burst_of_quotes_weighs_no_more_than_its_time():
    """A thousand quotes in a tenth of a second change no correlation on the clock."""
    rows = market(strength=0.9)
    burst = np.repeat(rows[1_000:1_001], 1_000)
    burst["ts_ns"] += (1 + np.arange(1_000)) * 1_000
    burst["signals"][:, 0] = 1.0
    crowded = np.concatenate([rows[:1_001], burst, rows[1_001:]])
    plain, other = judged(rows)[NAMES[0]], judged(crowded)[NAMES[0]]
    for one, two in zip(plain.future, other.future, strict=True):
        assert two.correlation.value == pytest.approx(one.correlation.value, abs=1e-9)


def test_a_signal_that_never_changes_says_so():
    rows = market(strength=0.9)
    rows["signals"][:, 1] = 0.25
    found = judged(rows)[NAMES[1]]
    assert found.verdict is Verdict.NONE
    assert found.reason == "never changes"
    assert found.best is None


def test_values_that_are_no_numbers_are_left_out():
    rows = market(strength=0.9)
    rows["signals"][::3, 0] = np.nan
    rows["signals"][:, 1] = np.nan
    found = judged(rows)
    assert found[NAMES[0]].verdict is Verdict.EDGE
    assert found[NAMES[0]].future[0].samples < 3_000
    assert found[NAMES[1]].reason


def test_quotes_before_the_windows_are_full_do_not_count():
    rows = market(strength=0.9)
    rows["is_warm"][:500] = 0
    assert judged(rows)[NAMES[0]].future[0].samples == 3_499


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (quotes(np.zeros(0)), f"fewer than {MIN_QUOTES}"),
        (market(99), "99 quotes after the warm-up"),
        (quotes(np.full(500, 70)), "never moves"),
        (quotes(np.arange(500), ts_ns=np.full(500, START_NS)), "too short for any horizon"),
    ],
)
def test_what_cannot_be_judged_is_said(rows, reason):
    found = predict(rows)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_nothing_to_adjust_stays_nothing():
    assert adjust([]) == []
