"""
What the cockpit costs: processor, bytes to the terminal, memory, and time to first paint.

The app runs in a process of its own under a pseudo-terminal, on prepared snapshots that
all differ, so that neither the engine nor the making of snapshots is measured.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TypedDict

import psutil

from cockpit.line.driver import ASK_POSITION
from tests.perf.family import end_family

FRAME_MARK = "╭".encode()
"""The first frame of a panel means that the first picture stands."""

DEMO = "tests.perf.cockpit_demo"
FULL = ("--low-bandwidth", "never")
SPARED = ("--low-bandwidth", "always")
WARM_UP_S = 7.0
"""Long enough for the demo to have prepared all its snapshots."""


class Load(TypedDict):
    """What was measured. Bytes and processor are averages over the time."""

    cpu_pct: float
    """Of one core."""
    bytes_per_s: float
    first_paint_s: float
    """From the start of the process."""
    rss_mb: float


class Terminal:
    """
    A child process under a pseudo-terminal, and a count of what it writes.

    Args:
        columns: Width.
        rows: Height.
        command: What runs in it.
        environment: Its variables; None for those of this process.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.written = 0
        self.first_paint_s = float("nan")
        self.recording: list[tuple[float, bytes]] | None = None
        """What was written, and when (`time.perf_counter`); a list put here is filled."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **(os.environ if environment is None else environment),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        environment.pop("NO_COLOR", None)
        self._master = master
        self._started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            # So that the child is hung up on if we die before we can end it.
            preexec_fn=_take_terminal,  # noqa: PLW1509  one system call, no locks
        )
        os.close(slave)
        self._painted = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for_paint(self, timeout_s: float = 20.0) -> None:
        """
        Wait until the first picture stands.

        Raises:
            TimeoutError: If it never does.
        """
        if not self._painted.wait(timeout_s):
            raise TimeoutError(f"the cockpit painted nothing in {timeout_s:g} s")

    def press(self, keys: str) -> float:
        """Type. Returns when (`time.perf_counter`)."""
        pressed_s = time.perf_counter()
        os.write(self._master, keys.encode())
        return pressed_s

    def close(self) -> None:
        """End the child, and whatever engine it may have started."""
        end_family(self.process)
        self._reader.join(2)
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            if FRAME_MARK in data and not self._painted.is_set():
                self.first_paint_s = time.perf_counter() - self._started
                self._painted.set()
            self.written += len(data)
            if self.recording is not None:
                self.recording.append((time.perf_counter(), data))
            if ASK_POSITION.encode() in data:
                os.write(self._master, b"\x1b[1;1R")


def _take_terminal() -> None:
    """Make standard input the terminal that the new session belongs to."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def measure(
    seconds: float = 10.0,
    columns: int = 160,
    rows: int = 48,
    fps: float = 10.0,
    options: Sequence[str] = FULL,
) -> Load:
    """
    Run the cockpit for a while and weigh it.

    Args:
        seconds: Length of the measurement, after a warm-up.
        columns: Width of the terminal.
        rows: Height of the terminal.
        fps: Snapshots a second, each different from the last; 0 sends one and no more.
        options: Further ones of the demo.
    """
    terminal = Terminal(columns, rows, [sys.executable, "-m", DEMO, "--fps", str(fps), *options])
    try:
        terminal.wait_for_paint()
        time.sleep(WARM_UP_S)
        process = psutil.Process(terminal.process.pid)
        before, written, started = process.cpu_times(), terminal.written, time.perf_counter()
        time.sleep(seconds)
        after, elapsed = process.cpu_times(), time.perf_counter() - started
        used = after.user + after.system - before.user - before.system
        return Load(
            cpu_pct=100 * used / elapsed,
            bytes_per_s=(terminal.written - written) / elapsed,
            first_paint_s=terminal.first_paint_s,
            rss_mb=process.memory_info().rss / 1e6,
        )
    finally:
        terminal.close()


if __name__ == "__main__":
    for size in ((160, 48), (120, 36), (80, 24)):
        print(size, {name: round(value, 2) for name, value in measure(8, *size).items()})  # noqa: T201  a measuring tool prints
    slow = measure(20, 80, 24, options=SPARED)
    print("slow", {n: round(v, 2) for n, v in slow.items()})  # noqa: T201  same
    print("idle", {n: round(v, 2) for n, v in measure(5, 160, 48, fps=0).items()})  # noqa: T201  same
