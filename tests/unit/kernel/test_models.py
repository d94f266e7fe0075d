"""Model updates: taken over between two events, or refused whole."""

from __future__ import annotations

import math

import pytest

from core.domain import events
from core.domain.enums import ModelKind, Regime, Signal
from core.domain.events import MODEL_VALUES
from core.domain.records import MAX_SPREADS
from core.domain.spreads import SpreadKind, SpreadModel, SpreadState, spread_values
from core.kernel.models import model_value
from tests.unit.kernel.kernel_rig import KernelRig, edge_event, regime_numbers

EDGE_NUMBERS = [0.01 * (number + 1) for number in range(len(Signal))]
KALMAN_NUMBERS = [4.0, 0.5, 0.125, 1.0]
SPREAD_NUMBERS = spread_values(
    SpreadModel(
        SpreadKind.PAIR, [0, 1], [1.0, -2.0], is_fitted=True, half_life_bars=12.0,
        intercept_ticks=3401.0, reference_ticks=500.5, observation_variance=9.0,
    )
).tolist()  # fmt: skip
REGIME_NUMBERS = regime_numbers(Regime.MEAN_REVERTING, 0.7)
NUMBERS = {
    ModelKind.EDGE: EDGE_NUMBERS,
    ModelKind.KALMAN: KALMAN_NUMBERS,
    ModelKind.REGIME: REGIME_NUMBERS,
    ModelKind.SPREAD: SPREAD_NUMBERS,
    ModelKind.CHANGE: [3.0],
}


def update(rig: KernelRig, kind: int, numbers, *, index: int = 0, row: int = 0, version: int = 0):
    rig.feed(events.model_updated(kind, numbers, instrument=index, row=row, version=version))


def modeled(rig: KernelRig) -> bytes:
    """All that a model update may change."""
    arrays = (rig.state.edges, rig.state.filters, rig.state.regimes, rig.state.spreads)
    return b"".join(array.tobytes() for array in (*arrays, rig.state.instruments))


def counts(rig: KernelRig) -> tuple[int, int]:
    return int(rig.account["models"]), int(rig.account["models_refused"])


@pytest.fixture
def rig() -> KernelRig:
    """Ten bars old, and without a model."""
    rig = KernelRig(edges=None)
    for beat in range(12):
        rig.book(3400 + beat % 3, 3402 + beat % 3)
    assert counts(rig) == (0, 0)
    return rig


def test_an_event_carries_forty_numbers_in_place_of_a_book() -> None:
    numbers = [1.5 * place - 7 for place in range(MODEL_VALUES)]
    event = events.load([events.model_updated(ModelKind.EDGE, numbers)])[0]
    assert [float(model_value(event, place)) for place in range(MODEL_VALUES)] == numbers


def test_more_numbers_than_an_event_holds_are_an_error() -> None:
    with pytest.raises(ValueError, match="a model has 41 values, an event holds 40"):
        events.model_updated(ModelKind.EDGE, [0.0] * 41)


def test_edges_come_with_their_version_and_time(rig) -> None:
    update(rig, ModelKind.EDGE, EDGE_NUMBERS, index=1, version=77)
    first, second = rig.state.edges
    assert second["edge"].tolist() == EDGE_NUMBERS
    assert (second["version"], second["updated_ts_ns"]) == (77, rig.ts_ns)
    assert (first["version"], first["edge"].any()) == (0, False)
    assert counts(rig) == (1, 0)


def test_noises_go_to_the_filter_of_their_instrument(rig) -> None:
    update(rig, ModelKind.KALMAN, KALMAN_NUMBERS)
    level = rig.state.filters[0]
    assert (level["observation_variance"], level["level_variance"]) == (4.0, 0.5)
    assert (level["slope_variance"], level["has_trend"], level["fitted"]) == (0.125, 1, 1)
    assert rig.state.filters[1]["fitted"] == 0
    for _ in range(3):
        rig.book()
    assert level["observation_variance"] == 4.0
    assert counts(rig) == (1, 0)


def test_with_a_trend_the_level_is_what_the_next_bar_is_expected_at(rig) -> None:
    update(rig, ModelKind.KALMAN, KALMAN_NUMBERS)
    for beat in range(12):
        rig.book(3400 + 5 * beat, 3402 + 5 * beat)
    level, instrument = rig.state.filters[0], rig.instrument()
    assert instrument["slope_ticks"] == level["slope"] > 3.0
    assert instrument["level_ticks"] == level["level"] + level["slope"]


def test_without_a_fit_the_noise_follows_its_parameter(rig) -> None:
    rig.state.params[0]["kalman_noise_ratio"] = 0.5
    rig.book()
    assert rig.state.filters[0]["level_variance"] == 0.5
    update(rig, ModelKind.KALMAN, [4.0, 0.5, 0.0, 0.0])
    rig.state.params[0]["kalman_noise_ratio"] = 0.25
    rig.book()
    assert rig.state.filters[0]["level_variance"] == 0.5


def test_a_regime_model_names_the_next_bar(rig) -> None:
    update(rig, ModelKind.REGIME, REGIME_NUMBERS)
    rig.book()
    assert rig.instrument()["regime"] == Regime.MEAN_REVERTING
    assert rig.instrument()["regime_probability"][Regime.MEAN_REVERTING] == pytest.approx(0.7)
    assert rig.state.regimes[1]["version"] == 0
    assert counts(rig) == (1, 0)


def test_a_spread_goes_to_its_row(rig) -> None:
    update(rig, ModelKind.SPREAD, SPREAD_NUMBERS, index=-1, row=MAX_SPREADS - 1)
    assert rig.state.spreads["legs"].nonzero()[0].tolist() == [MAX_SPREADS - 1]
    assert rig.state.spreads[MAX_SPREADS - 1]["state"] == SpreadState.WARMING
    assert counts(rig) == (1, 0)


def test_a_change_confirms_the_bar_it_was_in(rig) -> None:
    assert rig.instrument()["bars"] == 10
    update(rig, ModelKind.CHANGE, [3.0])
    assert rig.instrument()["confirmed_bar"] == 7
    assert rig.instrument(1)["confirmed_bar"] == 0
    update(rig, ModelKind.CHANGE, [0.0])
    assert rig.instrument()["confirmed_bar"] == 10
    assert counts(rig) == (2, 0)


@pytest.mark.parametrize("ago", [10.0, 11.0, 1e300, -1.0, -0.5])
def test_a_change_before_the_first_bar_or_after_the_last_is_none(rig, ago) -> None:
    """One from the future would leave more doubt than there is confidence."""
    before = modeled(rig)
    update(rig, ModelKind.CHANGE, [ago])
    assert modeled(rig) == before
    assert counts(rig) == (0, 1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", list(NUMBERS))
def test_a_number_that_is_not_one_refuses_the_whole_model(rig, kind, bad) -> None:
    """Wherever it stands: the old model stays to the byte, and the refusal is counted."""
    update(rig, kind, NUMBERS[kind], version=3)
    assert counts(rig) == (1, 0)
    before = modeled(rig)
    for place in (0, len(NUMBERS[kind]) - 1, MODEL_VALUES - 1):
        numbers = [*NUMBERS[kind], *[0.0] * (MODEL_VALUES - len(NUMBERS[kind]))]
        numbers[place] = bad
        update(rig, kind, numbers, version=4)
    assert modeled(rig) == before
    assert counts(rig) == (1, 3)


def changed(numbers, place: int, value: float) -> list[float]:
    copy = list(numbers)
    copy[place] = value
    return copy


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (ModelKind.EDGE, changed(EDGE_NUMBERS, 13, 1e13)),
        (ModelKind.EDGE, changed(EDGE_NUMBERS, 0, -1e300)),
        (ModelKind.KALMAN, [-1.0, 0.5, 0.1, 0.0]),
        (ModelKind.KALMAN, [0.0, 0.0, 0.0, 0.0]),
        (ModelKind.REGIME, changed(REGIME_NUMBERS, 0, 0.9)),
        (ModelKind.REGIME, changed(REGIME_NUMBERS, len(REGIME_NUMBERS) - 1, 1.0)),
        (ModelKind.SPREAD, changed(SPREAD_NUMBERS, 1, 1.0)),
        (ModelKind.SPREAD, changed(SPREAD_NUMBERS, 6, 2.0)),
    ],
)
def test_numbers_that_cannot_be_refuse_the_whole_model(rig, kind, numbers) -> None:
    update(rig, kind, NUMBERS[kind], version=3)
    before = modeled(rig)
    update(rig, kind, numbers, version=4)
    assert modeled(rig) == before
    assert counts(rig) == (1, 1)


@pytest.mark.parametrize("kind", [kind for kind in NUMBERS if kind is not ModelKind.SPREAD])
def test_a_model_of_no_instrument_is_refused(rig, kind) -> None:
    before = modeled(rig)
    update(rig, kind, NUMBERS[kind], index=-1)
    assert counts(rig) == (0, 1)
    update(rig, kind, NUMBERS[kind], index=2)
    assert modeled(rig) == before


@pytest.mark.parametrize("row", [-1, MAX_SPREADS])
def test_a_spread_of_no_row_is_refused(rig, row) -> None:
    before = modeled(rig)
    update(rig, ModelKind.SPREAD, SPREAD_NUMBERS, row=row)
    assert modeled(rig) == before
    assert counts(rig) == (0, 1)


@pytest.mark.parametrize("kind", [0, 6, -1])
def test_a_model_of_no_kind_is_refused(rig, kind) -> None:
    before = modeled(rig)
    update(rig, kind, EDGE_NUMBERS)
    assert modeled(rig) == before
    assert counts(rig) == (0, 1)


def test_without_edges_nothing_is_traded() -> None:
    rig = KernelRig(edges={})
    rig.warm()
    assert rig.push() == []
    rig.feed(edge_event(0, {Signal.OBI: 4.0}, version=9))
    assert rig.push() != []
