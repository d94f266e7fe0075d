"""Change points of whole series, against people's marks and against ruptures."""

from __future__ import annotations

import numpy as np
import pytest
import ruptures

from core.models.changepoint import Confirmation, confirm_change, detect_changes
from core.models.refusal import Refusal
from tests.unit.models import tcpd

ZERO_F1 = {
    "nile": 0.8235, "well_log": 0.2370, "bank": 1.0, "brent_spot": 0.3146,
    "run_log": 0.4456, "seatbelts": 0.6207, "co2_canada": 0.3610,
}  # fmt: skip


@pytest.fixture(scope="module")
def scores():
    """Series → F1 of the detector and of saying that nothing ever changes."""
    annotations = tcpd.load_annotations() if tcpd.load_series() else {}
    found = {}
    for name, dimensions in tcpd.load_series().items():
        # A change in either dimension is one: the detector sees a dimension at a time.
        predicted = set().union(*(detect_changes(values) for values in dimensions))
        found[name] = (
            tcpd.f1_score(annotations[name], predicted),
            tcpd.f1_score(annotations[name], []),
        )
    return found


def test_the_score_is_the_published_one(scores) -> None:
    """The column "zero" of TCPDBench, to its four digits."""
    for name, published in ZERO_F1.items():
        assert scores[name][1] == pytest.approx(published, abs=5e-5)


def test_one_setting_scores_well_on_all_series(scores) -> None:
    """BOCPD with TCPDBench's defaults has .662, the best offline default .698."""
    assert np.mean([score for score, _ in scores.values()]) >= 0.75


def test_it_beats_silence_wherever_there_is_much_to_find(scores) -> None:
    beaten = {name: score for name, (score, zero) in scores.items() if zero < 0.6 and score <= zero}
    assert beaten == {}


def test_the_well_log_is_read_as_well_as_by_the_published_detector(scores) -> None:
    assert scores["well_log"][0] >= 0.79


def test_a_restless_series_has_no_changes() -> None:
    """Bank: jumps every dozen days, and people saw no change at all."""
    assert detect_changes(tcpd.load_series()["bank"][0]) == []


def test_the_nile_changes_in_1898() -> None:
    assert detect_changes(tcpd.load_series()["nile"][0]) == [28]


def step_series(before=3.0, after=7.0, noise=1.0, lengths=(70, 50), seed=2):
    rng = np.random.default_rng(seed)
    means = np.repeat([before, after], lengths)
    return means + noise * rng.normal(size=len(means))


def test_scale_and_origin_do_not_matter() -> None:
    values = step_series()
    assert detect_changes(values) == detect_changes(1e6 - 1e-3 * values) == [70]


def test_missing_values_keep_their_place() -> None:
    values = step_series()
    values[10:20] = np.nan
    values[90] = np.nan
    assert detect_changes(values) == [70]


def test_a_change_of_slope_is_a_change() -> None:
    """A detector of constant levels would cut the ramps into stairs."""
    rng = np.random.default_rng(7)
    values = np.concatenate([np.arange(80) * 0.3, 24.0 - 0.5 * np.arange(60)])
    assert detect_changes(values + rng.normal(size=140)) == pytest.approx([80], abs=4)


@pytest.mark.parametrize(
    "values",
    [np.array([]), np.full(50, 0.1), np.full(50, np.nan), np.array([1.5]), np.full(300, 1e12)],
)
def test_nothing_changes_where_nothing_varies(values) -> None:
    assert detect_changes(values) == []


def test_an_outlier_hides_no_change() -> None:
    values = step_series()
    values[30] = 1e6
    assert detect_changes(values) == [70]


def test_the_window_confirms_a_change_of_level() -> None:
    values = step_series()
    seen = confirm_change(values, 66)
    assert isinstance(seen, Confirmation)
    assert (seen.index, seen.kind) == (70, "level")
    assert seen.before == pytest.approx(values[:70].mean())
    assert seen.after == pytest.approx(values[70:].mean())


def test_the_window_confirms_a_change_of_volatility() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(size=90), 4.0 * rng.normal(size=60)])
    seen = confirm_change(values, 92)
    assert isinstance(seen, Confirmation)
    assert seen.kind == "volatility"
    assert seen.index == pytest.approx(90, abs=5)
    assert seen.before < 1.0
    assert seen.after > 2.0


def test_the_margin_is_counted_from_where_pelt_sees_the_change() -> None:
    values = step_series()
    assert isinstance(confirm_change(values, 73, margin=3), Confirmation)
    assert isinstance(confirm_change(values, 74, margin=3), Refusal)


def test_a_refusal_names_what_was_seen_instead() -> None:
    assert confirm_change(step_series(), 30) == Refusal("no change within 10 of 30; PELT sees: 70")


def test_positions_count_missing_values() -> None:
    values = np.concatenate([np.full(10, np.nan), step_series()])
    seen = confirm_change(values, 80)
    assert isinstance(seen, Confirmation)
    assert seen.index == 80


@pytest.mark.parametrize(
    ("values", "index", "reason"),
    [
        (np.arange(19.0), 10, "19 values are too few"),
        (np.arange(30.0), 30, "suspected index 30 is not among 30"),
        (np.arange(30.0), -1, "suspected index -1 is not among 30"),
        (np.full(30, 2.0), 10, "do not vary"),
    ],
)
def test_bad_windows_are_refused(values, index, reason) -> None:
    refusal = confirm_change(values, index)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


def test_the_linear_kernel_is_pelt_with_the_l2_cost() -> None:
    """The C implementation stands for the textbook one; Nile's single break is published."""
    values = tcpd.load_series()["nile"][0]
    textbook = ruptures.Pelt(model="l2", min_size=5, jump=1).fit(values)
    assert textbook.predict(pen=2 * values.var() * np.log(100))[:-1] == [28]
    seen = confirm_change(values, 25)
    assert isinstance(seen, Confirmation)
    assert seen.index == 28
    assert (round(seen.before, 2), round(seen.after, 2)) == (1097.75, 849.97)
