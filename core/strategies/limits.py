"""
How long a call into a strategy may take, and how much memory it may have.

A repeating alarm looks whether the same call is still under way: that costs a call
nothing. Code that never comes back to the interpreter hears no alarm; a watchdog that
needs none ends the whole process then, with a traceback, and exit code 1.
"""

from __future__ import annotations

import faulthandler
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from core.domain.errors import ConfigurationError
from core.strategies.fault import TooSlow

_LOOKS = 4
"""Looks of the alarm within the time that a call may take."""

_GRACE = 3
"""Times that time, until the watchdog ends what does not hear the alarm."""

START_S = 60.0
"""Longest that importing and making a strategy may take."""

_MB = 1 << 20
_UNLIMITED = resource.RLIM_INFINITY


class CallLimit:
    """Counts calls, so that the alarm can tell a long one from many."""

    __slots__ = ("_looks", "_seen", "_timeout_s", "calls", "is_inside")

    def __init__(self, timeout_s: float) -> None:
        self.calls = 0
        """Grows with each call into the strategy."""
        self.is_inside = False
        """True while one is under way."""
        self._timeout_s = timeout_s
        self._seen = 0
        self._looks = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Raise TooSlow out of a call that takes too long. Needs the main thread."""
        if self._timeout_s <= 0 or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._look)
        pause_s = self._timeout_s / _LOOKS
        signal.setitimer(signal.ITIMER_REAL, pause_s, pause_s)
        self._arm()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            faulthandler.cancel_dump_traceback_later()

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        self._arm()
        if not self.is_inside or self._seen != self.calls:
            self._seen = self.calls
            self._looks = 0
            return
        self._looks += 1
        if self._looks >= _LOOKS:
            raise TooSlow(self._timeout_s)

    def _arm(self) -> None:
        """Put the watchdog off: an alarm was heard."""
        stderr = sys.__stderr__
        if stderr is not None:
            faulthandler.dump_traceback_later(_GRACE * self._timeout_s, exit=True, file=stderr)


@contextmanager
def ready_within(name: str, limit_s: float = START_S) -> Iterator[None]:
    """
    Let a strategy be imported and made, but not for ever. Needs the main thread.

    Args:
        name: Of the strategy, as the user wrote it.
        limit_s: Longest that it may take.

    Raises:
        ConfigurationError: If it takes longer.
    """
    limit = CallLimit(limit_s)
    limit.is_inside = True
    try:
        with limit.watching():
            yield
    except TooSlow as error:
        raise ConfigurationError(
            f'strategy "{name}" is not ready after {limit_s:g} s: its module or its constructor '
            "does not come to an end"
        ) from error


@contextmanager
def limited_memory(limit_mb: int) -> Iterator[None]:
    """Let this process allocate so much more than it has; beyond it there is MemoryError."""
    used = _data_bytes()
    if limit_mb <= 0 or used is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = used + limit_mb * _MB
    if hard != _UNLIMITED:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int | None:
    """What counts against the limit; None where the system does not say."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return None
