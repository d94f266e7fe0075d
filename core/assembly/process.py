"""A run as a process: the fastest loop there is, and signals that end it in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol

from loguru import logger

from core.domain.snapshot import Notice

_SEVERITIES = {"info": "INFO", "warning": "WARNING", "alarm": "ERROR"}


class Ending(Protocol):
    """How a run is ended in order."""

    def request_stop(self, reason: str) -> None:
        """End; may be called from a signal handler."""
        ...


class Run(Protocol):
    """Something that lives, can be attached to, and ends when asked."""

    ready: asyncio.Event

    @property
    def life(self) -> Ending:
        """Takes the request to end; there once `ready` is set."""
        ...

    async def run(self) -> int:
        """Live; return the exit code."""
        ...


def run_as_process(make: type[Run] | Any, *arguments: Any) -> int:
    """
    Run until the end, or until SIGINT or SIGTERM asks for it.

    Args:
        make: Class of the run; called within the loop, where it belongs.
        arguments: What it is made with.

    Raises:
        FatalError: If it could not start.
    """

    async def main() -> int:
        run = make(*arguments)
        task = asyncio.current_task()
        assert task is not None

        def interrupted(name: str) -> None:
            if run.ready.is_set():
                run.life.request_stop(name)
            else:
                task.cancel()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, interrupted, signal.Signals(number).name)
        try:
            return int(await run.run())
        except asyncio.CancelledError:
            # Interrupted while starting: nothing has been traded yet.
            return 0

    return _run(main())


def _run(main: Coroutine[Any, Any, int]) -> int:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def log_notice(notice: Notice) -> None:
    """Write a notice into the log as well."""
    what = notice.text
    if notice.side:
        side = "BUY" if notice.side > 0 else "SELL"
        what = f"{side} {notice.quantity:g} {notice.instrument} {notice.price:g} {what}"
    elif notice.instrument:
        what = f"{notice.instrument} {what}"
    reason = f" | {notice.reason}" if notice.reason else ""
    logger.log(_SEVERITIES.get(notice.severity, "INFO"), "{}{}", what, reason)
