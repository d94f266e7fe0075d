"""The program as its users run it: the real command, real processes, one run directory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
from click.testing import CliRunner

from cockpit.cli import main as command_line
from core.api.socket_client import SocketClient
from core.domain.errors import EngineUnavailable

T = TypeVar("T")

COMMAND = str(Path(sys.executable).with_name("imc-cockpit"))
PATIENCE_S = 180.0
"""Longer than anything takes on a busy machine: reached only by what never happens."""

POLL_S = 0.05


def wait_for(look: Callable[[], T], what: str, patience_s: float = PATIENCE_S) -> T:
    """Look again and again until something is there, and return it."""
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(POLL_S)
    raise AssertionError(f"never happened: {what}")


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Keep a process from running for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The only line of an error."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]

    def json(self) -> dict[str, Any]:
        """What `--json` printed."""
        return json.loads(self.out)


class Program:
    """
    `imc-cockpit --run-dir DIR` and all that it starts there.

    `close` ends every process that is left, those included that outlive their starter.
    """

    def __init__(self, run_dir: Path, *options: str) -> None:
        self.run_dir = run_dir
        self._options = options
        self._started: list[subprocess.Popen[bytes]] = []
        self.exchange_pids: set[int] = set()
        """Of all exchanges that were announced here."""

    def command(self, *words: str) -> list[str]:
        """The whole command line."""
        return [COMMAND, "--run-dir", str(self.run_dir), *self._options, *words]

    def run(self, *words: str) -> Result:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*words),
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def call(self, *words: str) -> Result:
        """Do the same as `run` within this process: a second less, and no exit to see."""
        done = CliRunner().invoke(command_line, self.command(*words)[1:])
        return Result(done.exit_code, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command and let it run; what it says is in `said`."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        with self._said.open("wb") as output:
            process = subprocess.Popen(
                self.command(*words), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._started.append(process)
        return process

    def start_engine(self, *words: str) -> subprocess.Popen[bytes]:
        """Start an engine without a screen and wait until it may trade."""
        process = self.start("--no-ui", *words)
        self.wait_until(lambda status: status["readiness"] == "READY", "an engine that is READY")
        return process

    @property
    def _said(self) -> Path:
        return self.run_dir / "said.txt"

    @property
    def said(self) -> str:
        """Output of the command that was started last."""
        return self._said.read_text(errors="replace")

    def status(self) -> dict[str, Any] | None:
        """What the engine says of itself, without the cost of a command; None if none runs."""
        try:
            return asyncio.run(self._ask(SocketClient.status))
        except EngineUnavailable:
            return None
        finally:
            self.exchange_pid()

    def place_far_from_the_market(self, symbol: str) -> None:
        """Place an order that rests for as long as a test takes."""

        def look() -> float:
            snapshot = asyncio.run(self._ask(SocketClient.look))
            (mid,) = [view.mid for view in snapshot.instruments if view.symbol == symbol]
            return mid if mid > 0 else 0.0

        mid = wait_for(look, f"a price of {symbol}")
        told = self.call("send", "buy", symbol, "1", "@", f"{mid * 0.96:.0f}", "post-only")
        assert told.code == 0, told.err + told.out

    async def _ask(self, question: Callable[[SocketClient], Awaitable[T]]) -> T:
        client = SocketClient(self.run_dir, "test", read_only=True, snapshots_per_second=0)
        try:
            await client.connect()
            return await question(client)
        finally:
            await client.close()

    def wait_until(self, is_so: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        """Wait until an engine's status is as wanted, and return it."""

        def look() -> dict[str, Any] | None:
            for process in self._started:
                assert process.poll() in (None, 0, -signal.SIGKILL), self.said
            status = self.status()
            return status if status is not None and is_so(status) else None

        return wait_for(look, what)

    def exchange(self) -> dict[str, Any]:
        """Where the exchange of this run directory listens; empty if none is announced."""
        try:
            return json.loads((self.run_dir / "exchange.json").read_text())
        except FileNotFoundError:
            return {}

    def exchange_pid(self) -> int:
        """Process of the exchange of this run directory, or 0."""
        pid = int(self.exchange().get("pid", 0))
        if pid:
            self.exchange_pids.add(pid)
        return pid

    def runs(self) -> list[Path]:
        """Folders of all runs, oldest first."""
        return sorted(path.parent for path in self.run_dir.glob("*/manifest.json"))

    def manifest(self) -> dict[str, Any]:
        """What the latest run says of itself."""
        return json.loads((self.runs()[-1] / "manifest.json").read_text())

    def log(self) -> list[dict[str, Any]]:
        """Lines of the latest run's log."""
        lines = (self.runs()[-1] / "engine.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """End what still runs."""
        status = self.status()
        for pid in {status["pid"] if status else 0, self.exchange_pid(), *self.exchange_pids} - {0}:
            if is_ours(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for process in self._started:
            process.kill()
            process.wait()


def is_ours(pid: int) -> bool:
    """Whether a process is one of this program; numbers are used again."""
    try:
        return any(
            "core" in word or "imc-cockpit" in word for word in psutil.Process(pid).cmdline()
        )
    except psutil.Error:
        return False
