"""A peer library in a process of its own: it prepares once, then runs when it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Self

from tests.perf.row import Unmeasurable

Figures = dict[str, float]


class Peer:
    """
    The near end.

    Args:
        name: Of the library; its module here is `peer_<name>`.
        arguments: Passed on.
    """

    def __init__(self, name: str, *arguments: str) -> None:
        self._name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.perf.peer_{name}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self) -> Figures:
        """
        Run once more.

        Raises:
            Unmeasurable: If the library is not installed, or does not manage.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write("run\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Unmeasurable(self._last_words()) from None
        for line in self._process.stdout:
            if line.startswith("{"):
                figures: Figures = json.loads(line)
                return figures
        raise Unmeasurable(self._last_words())

    def _last_words(self) -> str:
        assert self._process.stderr is not None
        lines = self._process.stderr.read().strip().splitlines()
        last = lines[-1] if lines else f"{self._name} ended without a word"
        if last.startswith("ModuleNotFoundError"):
            return f"{self._name} is not installed: it is in the dependency group `bench`"
        return last


def serve(run: Callable[[], Figures]) -> None:
    """Be the far end: one run for every line that comes in."""
    for _ in sys.stdin:
        sys.stdout.write(json.dumps(run()) + "\n")
        sys.stdout.flush()
