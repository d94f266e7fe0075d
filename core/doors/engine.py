"""Engines in the foreground, and what stands beside them: kill, the exchange, the compiler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.doors.choice import Choice, check_city, check_strategy, tell

if TYPE_CHECKING:
    from core.api.client import EngineClient
    from core.assembly.live import LiveRun, RunOptions


def _options(
    choice: Choice,
    report: Callable[[str], None],
    *,
    limit_s: float | None = None,
    is_verbose: bool = False,
) -> RunOptions:
    from core.settings.live_guard import check_live

    settings = choice.settings()
    check_live(settings)
    check_city(settings.city)
    check_strategy(choice, settings)
    signal = choice.own_signal(settings, report)
    from core.assembly.live import RunOptions

    return RunOptions(
        settings=settings,
        run_dir=choice.run_dir,
        signal=signal,
        own_folders=choice.own_folders,
        limit_s=limit_s,
        is_verbose=is_verbose,
        report=report,
    )


def run_engine(
    choice: Choice,
    *,
    limit_s: float | None = None,
    is_verbose: bool = False,
    report: Callable[[str], None] = tell,
) -> int:
    """
    Run an engine in the foreground until it is stopped.

    Returns:
        The exit code of the command line's contract.

    Raises:
        FatalError: If it could not start; carries its exit code.
    """
    options = _options(choice, report, limit_s=limit_s, is_verbose=is_verbose)
    from core.assembly.live import run_live

    return run_live(options)


class InProcessEngine:
    """The same engine as a task of the caller's loop, over a client without a socket."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._run: LiveRun | None = None

    def start(
        self,
        is_ready: Callable[[Callable[[], EngineClient]], None],
        report: Callable[[str], None],
    ) -> asyncio.Task[int]:
        """
        Begin a run.

        Args:
            is_ready: Called with a maker of clients once viewers can attach.
            report: Told what takes long.

        Raises:
            FatalError: If the settings cannot be used.
        """
        return asyncio.create_task(self._live(is_ready, report), name="engine")

    def stop(self) -> None:
        """Ask for an orderly end."""
        if self._run is not None and self._run.ready.is_set():
            self._run.life.request_stop("asked by the cockpit")

    async def _live(
        self,
        is_ready: Callable[[Callable[[], EngineClient]], None],
        report: Callable[[str], None],
    ) -> int:
        options = await asyncio.to_thread(_options, self._choice, report)
        from core.assembly.live import LiveRun
        from core.serve.memory_client import MemoryClient

        run = self._run = LiveRun(options)

        async def announce() -> None:
            await run.ready.wait()
            is_ready(lambda: MemoryClient(run.host, "cockpit"))

        announcing = asyncio.create_task(announce())
        try:
            return await run.run()
        finally:
            announcing.cancel()


def run_kill(choice: Choice) -> tuple[int, dict[str, Any], str]:
    """
    Cancel everything at the venue without the engine, which can place no order from then on.

    Returns:
        Exit code (0: the venue shows no order; 4: something is left), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If no venue answers, or the settings or the key cannot be used.
    """
    from core.assembly.kill.kill import kill

    report = kill(choice.settings(), choice.run_dir)
    return report.exit_code, report.as_json(), report.as_text()


def warm_up(report: Callable[[str], None]) -> float:
    """Compile or load the kernel. Returns the seconds it took."""
    started_s = time.perf_counter()
    from core.runtime.warm import warm_everything

    warm_everything(report)
    return time.perf_counter() - started_s


def run_exchange(
    port: int | None,
    seed: int,
    speed: float,
    faults: Path | None = None,
    *,
    cmi_port: int | None = None,
    cmi_requests_per_s: float = 0.0,
) -> int:
    """
    Run the practice exchange in the foreground.

    Args:
        port: None for the usual one, 0 for any that is free.
        seed: Of the market.
        speed: Exchange seconds per second.
        faults: File of what is to go wrong.
        cmi_port: Of the same market as a CMI exchange; 0 for any that is free, None for none.
        cmi_requests_per_s: Of one CMI user; further ones are refused with 429. 0: no limit.

    Raises:
        AddressInUse: If a port is taken.
    """
    from core.exchange.__main__ import run

    arguments = ["--seed", str(seed), "--speed", str(speed), "--idle-exit-s", "0"]
    if port is not None:
        arguments += ["--port", str(port)]
    if faults is not None:
        arguments += ["--faults", str(faults)]
    if cmi_port is not None:
        arguments += ["--cmi-port", str(cmi_port)]
    arguments += ["--cmi-requests-per-s", str(cmi_requests_per_s)]
    return run(arguments)
