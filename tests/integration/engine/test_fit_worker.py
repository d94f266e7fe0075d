"""Fits in processes of their own: what comes back, and what is left when they are killed."""

from __future__ import annotations

import sys
import threading

import psutil
import pytest

from core.domain.enums import N_SIGNALS
from core.models.fit import fit_models
from core.models.fit_request import FitRequest
from core.models.refusal import Refusal
from core.models.worker import FitWorker
from tests.unit.models.markets import calm_and_wild

SEEN = {"A": calm_and_wild(1, 600), "B": calm_and_wild(2, 600)}
REQUEST = FitRequest(250, ("A", "B"), (0.0,) * N_SIGNALS)
PATIENCE_S = 60.0


def children():
    return psutil.Process().children(recursive=True)


@pytest.mark.xdist_group("processes")
def test_a_worker_finds_what_this_process_would() -> None:
    assert FitWorker().run(REQUEST, SEEN, PATIENCE_S) == fit_models(REQUEST, SEEN)


@pytest.mark.xdist_group("processes")
def test_a_fit_that_takes_too_long_is_killed() -> None:
    before = {child.pid for child in children()}
    result = FitWorker().run(REQUEST, SEEN, 0.05)
    assert isinstance(result, Refusal)
    assert result.reason == "the fit took longer than 0.05 s and was killed"
    assert {child.pid for child in children()} <= before


@pytest.mark.xdist_group("processes")
def test_a_worker_that_breaks_hands_on_its_last_words(monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    result = FitWorker().run(REQUEST, SEEN, PATIENCE_S)
    assert isinstance(result, Refusal)
    assert "the fit ended with code 1: it said nothing" in result.reason


@pytest.mark.xdist_group("processes")
@pytest.mark.parametrize(
    ("executable", "reason"),
    [
        ("/no/such/python", "no process could be started for the fit: No such file"),
        ("/bin/true", "the fit's answer cannot be read"),
    ],
)
def test_a_worker_that_cannot_start_or_be_understood_costs_nothing(
    monkeypatch, executable, reason
) -> None:
    """The engine goes on with the models it has."""
    monkeypatch.setattr(sys, "executable", executable)
    result = FitWorker().run(REQUEST, SEEN, PATIENCE_S)
    assert isinstance(result, Refusal)
    assert reason in result.reason


@pytest.mark.xdist_group("processes")
def test_stopping_kills_the_fit_under_way_and_refuses_later_ones() -> None:
    """The engine ends: nothing may go on behind it."""
    worker = FitWorker()
    results = []
    thread = threading.Thread(target=lambda: results.append(worker.run(REQUEST, SEEN, PATIENCE_S)))
    thread.start()
    while worker._process is None:
        thread.join(0.01)
    worker.stop()
    thread.join(PATIENCE_S)
    assert isinstance(results[0], Refusal)
    assert "code -9" in results[0].reason
    assert worker.run(REQUEST, SEEN, PATIENCE_S) == Refusal("the engine is ending")
    assert worker._process.poll() is not None
