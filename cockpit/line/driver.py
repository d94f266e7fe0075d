"""Textual's driver, with a meter in it."""

from __future__ import annotations

from typing import Protocol, cast

from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

CLOGGED_WRITES = 9
"""Three pictures. Textual's queue takes thirty writes; the next stops the whole program."""
ASK_POSITION = "\x1b[6n"
"""
Every terminal answers it (ECMA-48, DSR), Textual reads the answer, and nothing else means it.
"""


class Metered(Protocol):
    """An app that wants to know how much is written."""

    def wrote(self, n_bytes: int) -> None:
        """Count bytes on their way to the terminal."""
        ...


class MeteredDriver(LinuxDriver):
    """Counts what goes to the terminal, and asks it for a sign of life."""

    @property
    def is_clogged(self) -> bool:
        """Whether the terminal does not take what is written."""
        writer = self._writer_thread
        return writer is not None and writer._queue.qsize() > CLOGGED_WRITES  # noqa: SLF001  there is no public way to the queue

    @property
    def terminal_size(self) -> Size:
        """What the terminal says now."""
        return Size(*self._get_terminal_size())

    def write(self, data: str) -> None:
        """Pass it on, counted."""
        cast("Metered", self._app).wrote(len(data.encode()))
        super().write(data)

    def ask_position(self) -> None:
        """Make the terminal answer with a `CursorPosition`, which says when all came through."""
        self.write(ASK_POSITION)
        self.flush()
