"""Who evaluates: processes of this machine, or those of a Dask cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, Self

from core.domain.errors import FatalError
from core.research.sweep.evaluation import Laboratory, Outcome, Task, evaluate

_LABORATORY: Laboratory | None = None
"""Of this worker process: told once, when it starts."""

_MOST_DEATHS = 3


class Crew(Protocol):
    """Evaluates tasks, whoever does it; the outcomes are the same."""

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """
        Evaluate tasks, several at a time.

        Yields:
            Outcomes in the order of the tasks.

        Raises:
            FatalError: If nobody is left to do it.
        """
        ...

    def close(self) -> None:
        """Send everybody home."""
        ...


class Alone:
    """This process evaluates, one task after another."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Evaluate tasks; see `Crew.evaluate`."""
        for task in tasks:
            yield evaluate(self._laboratory, task)

    def close(self) -> None:
        """Nobody else is there."""


class LocalCrew:
    """
    Processes of this machine.

    One that dies takes its tasks along; they are given to a new crew, and only a task
    that kills one crew after another ends the sweep.
    """

    def __init__(self, laboratory: Laboratory, workers: int) -> None:
        self._laboratory = laboratory
        self._workers = workers
        self._pool = self._start()

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Evaluate tasks; see `Crew.evaluate`."""
        futures = [self._submit(task) for task in tasks]
        for number, task in enumerate(tasks):
            deaths = 0
            while True:
                try:
                    yield futures[number].result()
                    break
                except BrokenProcessPool as error:
                    deaths += 1
                    if deaths == _MOST_DEATHS:
                        raise FatalError(
                            f"sweep: {_MOST_DEATHS} processes died on one task (out of memory?); "
                            "try fewer at a time with --jobs"
                        ) from error
                    self._pool.shutdown(wait=False)
                    self._pool = self._start()
                    futures[number:] = [self._submit(left) for left in tasks[number:]]
            del task

    def close(self) -> None:
        """Send everybody home; what is under way is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, task: Task) -> Future[Outcome]:
        return self._pool.submit(_evaluate_here, task)

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers,
            # A forked process would inherit locks of threads that are not there.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_open,
            initargs=(self._laboratory,),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def local_crew(laboratory: Laboratory, jobs: int) -> Crew:
    """Make a crew of this machine: with one job this process does all."""
    return Alone(laboratory) if jobs == 1 else LocalCrew(laboratory, jobs)


def _open(laboratory: Laboratory) -> None:
    global _LABORATORY  # noqa: PLW0603  a process of a pool has no other place of its own
    _LABORATORY = laboratory


def _evaluate_here(task: Task) -> Outcome:
    assert _LABORATORY is not None
    return evaluate(_LABORATORY, task)
