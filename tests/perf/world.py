"""A run directory of its own with an engine in it, of which nothing is left afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from core.api.address import claimant
from core.api.socket_client import SocketClient
from core.domain.enums import Readiness
from core.domain.errors import EngineUnavailable
from core.domain.snapshot import EngineSnapshot
from core.exchange.process import ANNOUNCEMENT

_POLL_S = 0.005
_STOP_TIMEOUT_S = 10.0


class World:
    """
    Engines of one run directory, and the practice exchange that they may start.

    Args:
        overrides: Settings, as `--set` takes them.
        environment: Variables over those of this process; None takes one away.
    """

    def __init__(
        self, overrides: Sequence[str] = (), environment: Mapping[str, str | None] | None = None
    ) -> None:
        self._overrides = overrides
        self._environment = dict(environment or {})
        self._folder = tempfile.TemporaryDirectory(prefix="imc-bench-", ignore_cleanup_errors=True)
        self.run_dir = Path(self._folder.name)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            for process in self._processes:
                end(process)
            self._end_exchange()
        finally:
            self._folder.cleanup()

    def arguments(self) -> list[str]:
        """Options that name this world to the command line."""
        words = ["--run-dir", str(self.run_dir)]
        for override in self._overrides:
            words += ["--set", override]
        return words

    def environment(self) -> dict[str, str]:
        """Variables for processes of this world."""
        merged = {**os.environ, **self._environment}
        return {name: value for name, value in merged.items() if value is not None}

    def start_engine(self) -> subprocess.Popen[bytes]:
        """Start an engine; it need not answer yet."""
        with (self.run_dir / "bench-engine.out").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "core", *self.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment(),
            )
        self._processes.append(process)
        return process

    async def attach(
        self, timeout_s: float = 30.0, snapshots_per_second: float = 0.0
    ) -> SocketClient:
        """
        Connect to the engine as soon as it answers.

        Raises:
            TimeoutError: If it does not.
        """
        deadline_s = time.perf_counter() + timeout_s
        while True:
            client = SocketClient(self.run_dir, "bench", snapshots_per_second=snapshots_per_second)
            try:
                await client.connect()
            except EngineUnavailable as error:
                await client.close()
                if time.perf_counter() > deadline_s or self._is_over():
                    raise TimeoutError(f"{error}; it said: {self._last_words()}") from error
                await asyncio.sleep(_POLL_S)
            else:
                return client

    async def wait_until(
        self,
        client: SocketClient,
        is_reached: Callable[[EngineSnapshot], bool],
        timeout_s: float = 30.0,
    ) -> EngineSnapshot:
        """
        Look again and again until the engine is as wanted.

        Raises:
            TimeoutError: If it never gets there.
        """
        deadline_s = time.perf_counter() + timeout_s
        while True:
            snapshot = await client.look()
            if is_reached(snapshot):
                return snapshot
            if time.perf_counter() > deadline_s:
                raise TimeoutError(
                    f"after {timeout_s:g} s: {snapshot.account.readiness.name}, "
                    f"{snapshot.account.orders} orders, {snapshot.account.open_orders} open"
                )
            await asyncio.sleep(_POLL_S)

    def _is_over(self) -> bool:
        return bool(self._processes) and self._processes[-1].poll() not in {None, -signal.SIGKILL}

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.run_dir / "bench-engine.out").read_text().strip().splitlines()
            return lines[-1] if lines else "nothing"
        return "nothing"

    def engine_pid(self) -> int:
        """Process that holds the run directory, whoever started it; 0 for none."""
        return claimant(self.run_dir)

    def _end_exchange(self) -> None:
        """An exchange outlives its engine on purpose; here it may not."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            pid = int(json.loads((self.run_dir / ANNOUNCEMENT).read_text())["pid"])
            os.kill(pid, signal.SIGTERM)


def is_ready(snapshot: EngineSnapshot) -> bool:
    """The engine may open positions."""
    return snapshot.account.readiness is Readiness.READY


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child in order, or else by force."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextlib.contextmanager
def child(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of this package beside us; it ends with the block."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        end(process)
