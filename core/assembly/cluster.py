"""A scheduler or workers of a Dask cluster, as a process of their own."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from core.domain.errors import ConfigurationError
from core.runtime.warm import warm

Report = Callable[[str], None]


def run_scheduler(host: str, port: int, report: Report) -> int:
    """
    Run a scheduler until it is interrupted.

    Raises:
        ConfigurationError: If Dask is not installed or the port is taken.
    """
    distributed = _distributed()

    async def run() -> None:
        try:
            scheduler = await distributed.Scheduler(
                host=host, port=port, dashboard_address=f"{_LOOPBACK}:0"
            )
        except OSError as error:
            raise ConfigurationError(f"{host}:{port} cannot be listened at: {error}") from error
        async with scheduler:
            report(f"scheduler at {scheduler.address}")
            report(f"workers: imc-cockpit cluster worker {scheduler.address}")
            await _until_interrupted()

    return _run(run())


def run_workers(address: str, jobs: int, report: Report) -> int:
    """
    Run worker processes for a scheduler until they are interrupted.

    Raises:
        ConfigurationError: If Dask is not installed or nobody answers at the address.
    """
    # Read by the processes of the workers, before anything of ours is.
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "warning"
    distributed = _distributed()
    # Compiled once here, so that they do not all compile at once.
    warm(report)

    async def run() -> None:
        try:
            async with asyncio.timeout(_CONNECT_S), distributed.rpc(address) as scheduler:
                await scheduler.identity(n_workers=0)
        except (OSError, TimeoutError, ValueError) as error:
            raise ConfigurationError(
                f"{address}: no scheduler answers there; "
                "start one with `imc-cockpit cluster scheduler`"
            ) from error
        nannies = [
            distributed.Nanny(address, nthreads=1, dashboard_address=f"{_LOOPBACK}:0")
            for _ in range(jobs)
        ]
        await asyncio.gather(*nannies)
        report(f"{jobs} {'worker' if jobs == 1 else 'workers'} for {address}")
        try:
            await _until_interrupted()
        finally:
            await asyncio.gather(*(nanny.close(timeout=_CLOSE_S) for nanny in nannies))

    return _run(run())


_LOOPBACK = "127.0.0.1"

_QUIET = {
    "logging": {"distributed": "warning"},
    # No pages for browsers: nobody asked for another open port.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}

_CONNECT_S = 10
_CLOSE_S = 5


def _distributed() -> Any:
    try:
        import dask

        # Before distributed is imported: it sets up its logging then, and that of its children.
        dask.config.set(_QUIET)
        import distributed
    except ImportError as error:
        raise ConfigurationError(
            "a cluster needs Dask: pip install 'imc-cockpit[cluster]'"
        ) from error
    return distributed


def _run(work: Coroutine[Any, Any, None]) -> int:
    with suppress(KeyboardInterrupt):
        asyncio.run(work)
    return 0


async def _until_interrupted() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
