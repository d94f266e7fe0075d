"""Starts the engine for a cockpit: as a process of its own, or inside the program."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from core.api.address import claimant
from core.api.client import EngineClient, Message
from core.api.socket_client import SocketClient
from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandName, CommandResult
from core.domain.errors import EngineUnavailable, FatalError
from core.domain.snapshot import RunMeta

OUTPUT = "engine.out"
"""In the run directory: what an engine started by a cockpit has to say."""

START_TIMEOUT_S = 90.0
"""The very first start compiles the kernel."""

STOP_TIMEOUT_S = 10.0
_POLL_S = 0.05
_PREFIX = "imc-cockpit: "


class EngineFailed(FatalError):
    """An engine process that ended before it answered; carries its own exit code."""

    def __init__(self, text: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(text)


class ProcessLauncher:
    """
    Runs the engine in a process of its own, which as a rule outlives this one.

    Args:
        run_dir: Where it runs, and where its socket and its output are.
        arguments: Profile and settings, passed on to `python -m core`.
        ends_with_us: A replay: nothing is left to trade when the cockpit goes.
    """

    def __init__(
        self, run_dir: Path, arguments: Sequence[str], *, ends_with_us: bool = False
    ) -> None:
        self.in_process = ends_with_us
        self._run_dir = run_dir
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    async def ensure_running(self, report: Callable[[str], None]) -> None:
        """Attach to the engine that runs here, or start one; see `Launcher`."""
        if await self._answers() or await self._is_started_by_another(report):
            return
        report("starting the engine")
        self._spawn()
        await self._wait(report)

    async def watch(self) -> str:
        """Wait until the engine's process ends, or its socket falls silent if it is not ours."""
        while True:
            await asyncio.sleep(_POLL_S * 10)
            if self._process is not None:
                code = self._process.poll()
                if code == 0:
                    return "the engine has stopped"
                if code is not None:
                    return f"the engine ended with code {code}: {self._last_words()}"
            elif not await self._answers():
                return "the engine is gone"

    async def stop(self) -> None:
        """Ask the engine to end in order, and wait for it."""
        client = SocketClient(self._run_dir, "cockpit", snapshots_per_second=0, reads_state=False)
        try:
            await client.connect()
            await client.send(Command(CommandName.STOP, "cockpit"))
        except EngineUnavailable:
            return
        finally:
            await client.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                # Beyond its farewell: the journal is closed and the exchange ended after it.
                while claimant(self._run_dir):
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise EngineFailed(
                f"still running after {STOP_TIMEOUT_S:g} s; its log is in {self._run_dir}", 70
            ) from error

    async def _answers(self) -> bool:
        client = SocketClient(self._run_dir, "launcher", read_only=True, snapshots_per_second=0)
        try:
            await client.connect()
        except EngineUnavailable:
            return False
        finally:
            await client.close()
        return True

    async def _is_started_by_another(self, report: Callable[[str], None]) -> bool:
        """Wait for an engine that has the run directory but does not listen, or not any more."""
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while pid := claimant(self._run_dir):
                    report(f"an engine, process {pid}, is starting or stopping here")
                    await asyncio.sleep(_POLL_S)
                    if await self._answers():
                        return True
        except TimeoutError as error:
            raise EngineFailed(f"process {pid} holds {self._run_dir} and is silent", 70) from error
        return False

    def _spawn(self) -> None:
        self._run_dir.mkdir(parents=True, exist_ok=True)
        with (self._run_dir / OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Closing the terminal must never stop a trading engine.
                start_new_session=True,
            )

    async def _wait(self, report: Callable[[str], None]) -> None:
        assert self._process is not None
        said = ""
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await self._answers():
                    code = self._process.poll()
                    if code is not None:
                        raise EngineFailed(self._last_words(), code)
                    words = self._last_words()
                    if words != said:
                        said = words
                        report(words)
                    await asyncio.sleep(_POLL_S)
        except TimeoutError as error:
            raise EngineFailed(f"no answer within {START_TIMEOUT_S:g} s", 70) from error

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self._run_dir / OUTPUT).read_text(errors="replace").strip().splitlines()
            if lines:
                return lines[-1].removeprefix(_PREFIX)
        return "starting the engine"


class InProcessLauncher:
    """
    Runs the very same engine as a task of this program.

    Args:
        start: Makes the run's coroutine. It calls its argument with a client factory once
            viewers can attach, and its result is the exit code.
        stop: Asks for an orderly end.
    """

    in_process = True

    def __init__(
        self,
        start: Callable[
            [Callable[[Callable[[], EngineClient]], None], Callable[[str], None]],
            asyncio.Task[int],
        ],
        stop: Callable[[], None],
    ) -> None:
        self._start = start
        self._stop = stop
        self._task: asyncio.Task[int] | None = None
        self._client_factory: Callable[[], EngineClient] | None = None

    def connect(self) -> EngineClient:
        """Make a client, or one that says that there is nothing to attach to yet."""
        if self._client_factory is None:
            return _NoEngine()
        return self._client_factory()

    async def ensure_running(self, report: Callable[[str], None]) -> None:
        """Start the engine; see `Launcher`."""
        if self._task is not None and not self._task.done():
            return
        ready = asyncio.Event()

        def is_ready(factory: Callable[[], EngineClient]) -> None:
            self._client_factory = factory
            ready.set()

        report("starting the engine in this program")
        self._task = self._start(is_ready, report)
        waiter = asyncio.ensure_future(ready.wait())
        await asyncio.wait({self._task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if self._task.done():
            self._task.result()

    async def watch(self) -> str:
        """Wait until the engine's task ends."""
        assert self._task is not None
        code = await asyncio.shield(self._task)
        return "the engine has stopped" if code == 0 else f"the engine ended with code {code}"

    async def stop(self) -> None:
        """End the engine in order and wait for it."""
        if self._task is None or self._task.done():
            return
        self._stop()
        await asyncio.wait({self._task}, timeout=STOP_TIMEOUT_S)


class _NoEngine:
    """A client for the time before the engine in this program is up."""

    @property
    def source(self) -> str:
        """Nobody: there is nothing to ask."""
        return ""

    async def connect(self) -> RunMeta:
        """Say that it is not there yet."""
        raise EngineUnavailable("the engine is starting")

    async def messages(self) -> AsyncIterator[Message]:
        """Yield nothing."""
        nothing: tuple[Message, ...] = ()
        for message in nothing:
            yield message

    async def send(self, command: Command) -> CommandResult:
        """Refuse."""
        return CommandResult(command.request_id, accepted=False, text="the engine is starting")

    async def status(self) -> dict[str, Any]:
        """There is none."""
        return {}

    async def ask(self, topic: Topic, args: dict[str, str] | None = None) -> Answer:  # noqa: ARG002  as the protocol names it
        """Refuse."""
        raise EngineUnavailable(f"no {topic} yet: the engine is starting")

    async def set_pace(self, snapshots_per_second: float) -> None:
        """Nothing is sent."""

    async def close(self) -> None:
        """Nothing is open."""
