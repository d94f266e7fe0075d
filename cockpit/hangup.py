"""
Leaving when the terminal is gone.

Textual 8.2 neither notices nor survives it: its output thread dies, its queue fills, the
loop blocks for good and the input thread spins. Usually SIGHUP ends the program first,
but not behind every `setsid`, container or multiplexer.
"""

from __future__ import annotations

import os
import queue
import select
import threading
import time
from collections.abc import Callable

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

EXIT_HANGUP = 129
"""As the shell counts a death by SIGHUP."""

GRACE_S = 10.0
"""How long an orderly exit may take before the process is ended."""

_POLL_S = 0.5
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def is_gone(terminal: int) -> bool:
    """Tell whether the other end of a terminal has been closed."""
    poller = select.poll()
    poller.register(terminal, 0)
    return any(event & _GONE for _, event in poller.poll(0))


def watch_terminal(
    app: App[None], terminal: int = 0, end: Callable[[int], None] = os._exit
) -> threading.Thread:
    """
    Leave the app when its terminal hangs up; end the process if that takes too long.

    Args:
        app: Runs, or will soon.
        terminal: File descriptor of its input.
        end: Ends the process with an exit code.
    """

    def watch() -> None:
        while not is_gone(terminal):
            time.sleep(_POLL_S)
        deadline_s = time.monotonic() + GRACE_S
        app.call_later(app.exit)
        while time.monotonic() < deadline_s:
            # The loop may be waiting for room that nobody will ever make.
            _drain(app)
            time.sleep(0.01)
        end(EXIT_HANGUP)

    thread = threading.Thread(target=watch, name="hangup", daemon=True)
    thread.start()
    return thread


def _drain(app: App[None]) -> None:
    driver = app._driver  # noqa: SLF001  there is no public way to the driver
    writer = driver._writer_thread if isinstance(driver, LinuxDriver) else None  # noqa: SLF001
    if writer is None or writer.is_alive():
        return
    try:
        while True:
            writer._queue.get_nowait()  # noqa: SLF001
    except queue.Empty:
        return
