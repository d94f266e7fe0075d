"""The latency ring."""

from __future__ import annotations

import pytest

from core.domain.snapshot import LatencyView
from core.runtime.latency import SAMPLES, LatencyRecorder


class Clock:
    """Seconds, set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_recorded_is_zero(clock: Clock) -> None:
    assert LatencyRecorder(clock).view() == LatencyView(0.0, 0.0, 0.0)


def test_one_sample_is_every_percentile(clock: Clock) -> None:
    recorder = LatencyRecorder(clock)
    recorder.record(1_500)
    assert recorder.view() == LatencyView(1.5, 1.5, 1.5)


def test_percentiles_are_measured_values_whatever_their_order(clock: Clock) -> None:
    """Of 1 to 200 us the 100th is the median, the 198th the p99."""
    recorder = LatencyRecorder(clock)
    for number in range(200):
        recorder.record((number * 77 % 200 + 1) * 1_000)
    assert recorder.view() == LatencyView(100.0, 198.0, 200.0)


def test_old_samples_are_forgotten(clock: Clock) -> None:
    recorder = LatencyRecorder(clock)
    recorder.record(9_000_000)
    for _ in range(SAMPLES):
        recorder.record(2_000)
    assert recorder.view() == LatencyView(2.0, 2.0, 2.0)
    assert recorder.count == SAMPLES + 1


def test_a_view_is_worked_out_at_most_once_a_second(clock: Clock) -> None:
    """Percentiles cost more than a step: a screen at 60 Hz must not slow the engine."""
    recorder = LatencyRecorder(clock)
    recorder.record(1_000)
    first = recorder.view()
    recorder.record(3_000)
    clock.now_s += 0.9
    assert recorder.view() is first
    clock.now_s += 0.2
    assert recorder.view().max == 3.0


def test_without_new_samples_the_view_stays(clock: Clock) -> None:
    recorder = LatencyRecorder(clock)
    recorder.record(1_000)
    first = recorder.view()
    clock.now_s += 60
    assert recorder.view() is first
