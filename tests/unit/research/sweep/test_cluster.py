"""A cluster finds what one process finds, and says why where it cannot begin."""

from __future__ import annotations

import pytest

from core.domain.errors import ConfigurationError
from core.research.sweep import cluster as sut
from core.research.sweep.cluster import ClusterCrew
from core.research.sweep.evaluation import Task, evaluate
from tests.unit.research.sweep.test_sweep import laboratory, settings_of, swept

distributed = pytest.importorskip("distributed")

__all__ = ["laboratory"]


@pytest.fixture(scope="module")
def scheduler():
    """Two workers as threads of this process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as running:
        yield running.scheduler_address


def test_a_cluster_finds_what_one_process_finds(laboratory, scheduler):
    crew = ClusterCrew(laboratory, scheduler)
    try:
        assert crew.workers == 2
        tasks = [Task(settings_of({"simulation.slippage_ticks": n}), n % 3) for n in range(5)]
        assert list(crew.evaluate(tasks)) == [evaluate(laboratory, task) for task in tasks]
        shared = swept(laboratory, crew)
    finally:
        crew.close()
    assert [trial.scores for trial in shared.trials] == [
        trial.scores for trial in swept(laboratory).trials
    ]


def test_a_worker_of_another_version_is_refused(laboratory, scheduler, monkeypatch):
    hashes = iter(["a7" * 8])
    monkeypatch.setattr(sut, "kernel_hash", lambda: next(hashes, "b8" * 8))
    with pytest.raises(ConfigurationError, match="another version of this program"):
        ClusterCrew(laboratory, scheduler)


def test_no_scheduler_is_said(laboratory, monkeypatch):
    monkeypatch.setattr(sut, "_CONNECT_S", 0.2)
    with pytest.raises(ConfigurationError, match="no scheduler answers there"):
        ClusterCrew(laboratory, "tcp://127.0.0.1:9")
