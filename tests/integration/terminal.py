"""A terminal for the cockpit: a pseudo-terminal, and a screen that reads what is drawn."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Sequence

import pyte

from cockpit.line.driver import ASK_POSITION
from cockpit.screens.base import DEAF_S
from tests.integration.program import PATIENCE_S, wait_for

SETTLED_S = 1.5
"""How long a picture must have stayed the same to be called settled."""


class Terminal:
    """
    Runs a command in a terminal of its own.

    Args:
        command: The command line.
        columns: Width.
        rows: Height.
    """

    def __init__(self, command: Sequence[str], columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        # What another terminal was like says nothing of this one.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self._enough, self._say_enough = os.pipe()
        self._is_open = True
        self.answers_after_s: float | None = None
        """How long it takes to say where the cursor is; None for one that never does."""
        self._takes = threading.Event()
        self._takes.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What stands on the screen."""
        with self._lock:
            return "\n".join(self._screen.display)

    @property
    def lines(self) -> list[str]:
        """The screen's lines without the blanks at their ends."""
        return [line.rstrip() for line in self.text.splitlines()]

    def wait_for(self, *words: str) -> str:
        """Wait until all words stand on the screen at once, and return all of it."""

        def look() -> str:
            text = self.text
            return text if all(word in text for word in words) else ""

        try:
            return wait_for(look, f"{words} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text}") from None

    def settled(self, *words: str) -> str:
        """Wait for the words and then for a picture that stays; all of it."""
        self.wait_for(*words)

        def look() -> str:
            text = self.text
            time.sleep(SETTLED_S)
            return text if text == self.text else ""

        return wait_for(look, "a picture that stays")

    def wait_until_gone(self, word: str) -> None:
        """Wait until a word no longer stands on the screen."""
        wait_for(lambda: word not in self.text, f"a screen without {word!r}")

    @contextlib.contextmanager
    def taking_nothing(self) -> Iterator[None]:
        """Leave unread what the command writes, as a line does that hangs."""
        self._takes.clear()
        try:
            yield
        finally:
            self._takes.set()

    def resize(self, columns: int, rows: int, *, tells: bool = True) -> None:
        """Take another size, and tell the program unless that gets lost."""
        with self._lock:
            self._screen.resize(rows, columns)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        # The system tells only who has this as the terminal of its session.
        if tells:
            self.process.send_signal(signal.SIGWINCH)

    def clear(self) -> None:
        """Forget what was drawn, as a shell that has used the screen since."""
        with self._lock:
            self._screen.reset()

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def answer(self, key: str) -> None:
        """Answer a dialog, which hears nothing in its first moment."""
        time.sleep(DEAF_S + 0.1)
        self.press(key)

    def wait(self) -> int:
        """Wait for the command's end; its exit code."""
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"did not end\n{self.text}") from None

    def hang_up(self) -> None:
        """Close the terminal under the command, as a lost connection does."""
        if self._is_open:
            self._is_open = False
            self._takes.set()
            os.write(self._say_enough, b".")
            self._reader.join(PATIENCE_S)
            for end in (self._master, self._enough, self._say_enough):
                os.close(end)

    def close(self) -> None:
        """End the command if it still runs."""
        self.process.kill()
        self.process.wait()
        self.hang_up()

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._enough], [], [])
            if self._enough in ready:
                return
            self._takes.wait()
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                # Linux says so when the last one at the other end has gone.
                return
            if not data:
                return
            with self._lock:
                self._stream.feed(data)
            if ASK_POSITION.encode() in data and self.answers_after_s is not None:
                threading.Timer(self.answers_after_s, self._answer).start()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._master, b"\x1b[12;34R")
