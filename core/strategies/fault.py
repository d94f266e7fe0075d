"""What a strategy of the user's own did wrong, told with its place in the user's file."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

from core.domain.errors import FatalError
from core.strategies.modules import one_line
from core.tables.paths import display_path


class StrategyFault(FatalError):
    """A strategy of the user's own cannot go on."""

    exit_code = 2

    def __init__(self, name: str, reason: str, at: str = "") -> None:
        self.name = name
        self.reason = reason
        self.at = at
        """Time of the event it was told of; empty before the first."""
        super().__init__(f"{name} {reason}{f' at {at}' if at else ''}")


class TooSlow(BaseException):
    """
    A call into a strategy took longer than it may.

    No Exception, so that the strategy's own `except Exception` does not swallow it.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        super().__init__(f"no answer within {limit_s:g} s")


def fault_of(name: str, file: str, error: BaseException, at: str, memory_mb: int) -> StrategyFault:
    """
    Make the sentence for what a strategy raised.

    Args:
        name: Of the strategy, as the user wrote it.
        file: Of its module: the last line there is the one that is named.
        error: What came out of it.
        at: Time of the event.
        memory_mb: What it may allocate.
    """
    place = _place(error.__traceback__, file)
    if isinstance(error, TooSlow):
        reason = f"gave no answer within {error.limit_s:g} s{place}"
    elif isinstance(error, MemoryError):
        reason = f"wanted more than {memory_mb:,} MB of memory{place}"
    else:
        reason = f"raised {one_line(error)}{place}"
    fault = StrategyFault(name, reason, at)
    fault.__cause__ = error
    return fault


def _place(trace: TracebackType | None, file: str) -> str:
    """Line of the user's file that was being run, or else the innermost one."""
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if frame.filename == file] or frames
    if not own:
        return ""
    frame = own[-1]
    return f" ({display_path(Path(frame.filename))}, line {frame.lineno}, in {frame.name})"
