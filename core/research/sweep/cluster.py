"""
The processes of a Dask cluster as a crew.

The data is shipped once and kept by every worker. Tasks of a worker that is lost are done
by the others; if all that held the data are lost, it is shipped again.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.domain.errors import ConfigurationError, FatalError
from core.jit import kernel_hash
from core.research.sweep.evaluation import Laboratory, Outcome, Task, evaluate

_CONNECT_S = 10
_WAIT_FOR_WORKERS_S = 30
_MOST_LOSSES = 5
"""Times that one batch is given out again before the sweep gives up."""

_PIECE = 1 << 24


@dataclass(frozen=True, slots=True)
class _Shipment:
    """What a worker needs: the laboratory and its events, compressed."""

    name: str
    laboratory: Laboratory
    pieces: tuple[bytes, ...]


class ClusterCrew:
    """
    Workers of a Dask cluster.

    Args:
        laboratory: Shipped to them.
        address: Of the scheduler, such as tcp://10.0.0.1:8786.

    Raises:
        ConfigurationError: If Dask is not installed, nobody answers there, no worker is
            there, or one runs another version of this program.
    """

    def __init__(self, laboratory: Laboratory, address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise ConfigurationError(
                "--cluster needs Dask: pip install 'imc-cockpit[cluster]'"
            ) from error
        self._distributed: Any = distributed
        try:
            client: Any = distributed.Client
            self._client = client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"--cluster {address}: no scheduler answers there; "
                "start one with `imc-cockpit cluster scheduler`"
            ) from error
        self._address = address
        self._check_workers()
        self._shipment = _pack(laboratory)
        self._data = self._ship()

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def evaluate(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Evaluate tasks; see `Crew.evaluate`."""
        losses = 0
        futures = self._give_out(tasks)
        for number in range(len(tasks)):
            while True:
                try:
                    yield futures[number].result()
                    break
                except self._lost as error:
                    losses += 1
                    if losses > _MOST_LOSSES:
                        raise FatalError(
                            f"sweep: workers of {self._address} were lost {losses} times in one "
                            "batch; what is done so far is kept where --study names a file"
                        ) from error
                    self._check_workers()
                    self._data = self._ship()
                    futures[number:] = self._give_out(tasks[number:])

    def close(self) -> None:
        """Leave the cluster; its workers stay for others."""
        self._client.close()

    @property
    def _lost(self) -> tuple[type[BaseException], ...]:
        from concurrent.futures import CancelledError

        scheduler = self._distributed.scheduler
        return (
            scheduler.KilledWorker,
            CancelledError,
            self._distributed.client.FutureCancelledError,
        )

    def _give_out(self, tasks: Sequence[Task]) -> list[Any]:
        return [
            self._client.submit(_evaluate_there, task, self._data, pure=False) for task in tasks
        ]

    def _ship(self) -> Any:
        return self._client.scatter(self._shipment, broadcast=True, hash=False)

    def _check_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_WAIT_FOR_WORKERS_S)
        except TimeoutError as error:
            raise ConfigurationError(
                f"--cluster {self._address}: no worker is there; start one with "
                f"`imc-cockpit cluster worker {self._address}`"
            ) from error
        ours = kernel_hash()
        others = {
            worker: found
            for worker, found in self._client.run(kernel_hash).items()
            if found != ours
        }
        if others:
            worker, found = next(iter(others.items()))
            raise ConfigurationError(
                f"--cluster {self._address}: worker {worker} runs another version of this program "
                f"(kernel {found}, here {ours}), and would decide otherwise; install the same one"
            )


def _pack(laboratory: Laboratory) -> _Shipment:
    """Compress the events; the file that they are in stays here."""
    digest = hashlib.blake2b(digest_size=8)
    pieces = []
    with laboratory.market.path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            pieces.append(zlib.compress(piece, 1))
    return _Shipment(digest.hexdigest(), laboratory, tuple(pieces))


_LABORATORIES: dict[str, tuple[Laboratory, Any]] = {}
"""Of a worker process: what it has unpacked, with the folder it is in."""

_UNPACKING = threading.Lock()


def _evaluate_there(task: Task, shipment: _Shipment) -> Outcome:
    with _UNPACKING:
        if shipment.name not in _LABORATORIES:
            _LABORATORIES.clear()
            _LABORATORIES[shipment.name] = _unpack(shipment)
        file = _LABORATORIES[shipment.name][0].market.path
    # Folds and bars are those of this sweep, even where the data is that of another one.
    market = replace(shipment.laboratory.market, path=file)
    return evaluate(replace(shipment.laboratory, market=market), task)


def _unpack(shipment: _Shipment) -> tuple[Laboratory, Any]:
    folder = tempfile.TemporaryDirectory(prefix="imc-cockpit-sweep-")
    path = Path(folder.name) / "events.bin"
    with path.open("wb") as file:
        for piece in shipment.pieces:
            file.write(zlib.decompress(piece))
    market = replace(shipment.laboratory.market, path=path)
    return replace(shipment.laboratory, market=market), folder
