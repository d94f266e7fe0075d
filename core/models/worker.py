"""
Fits in a process of their own: slow, hungry for memory, and free to die.

The request and the bars go in at standard input, the models come out at standard output.
Nothing is shared, so a worker that is killed leaves nothing behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping

import msgspec
import numpy as np

from core.domain.records import BAR, QUOTE
from core.models.bars import Observations
from core.models.fit_request import FitRequest
from core.models.model_set import ModelSet
from core.models.refusal import Refusal

_NICENESS = 10
"""A fit can wait; the engine beside it cannot."""
_TAIL = 300
"""Characters of a broken worker's last words that are passed on."""


class Job(msgspec.Struct, frozen=True):
    """What goes in."""

    request: FitRequest
    seen: dict[str, tuple[bytes, bytes]]
    """Symbol -> BAR rows and QUOTE rows."""


class FitWorker:
    """One fit at a time, from any thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_stopped = False

    def run(
        self, request: FitRequest, seen: Mapping[str, Observations], timeout_s: float
    ) -> ModelSet | Refusal:
        """
        Fit in a new process and wait for it.

        Returns:
            The models; or why there are none, where the worker broke, was stopped or took
            longer than `timeout_s` and was killed.
        """
        job = Job(
            request,
            {symbol: (rows.bars.tobytes(), rows.quotes.tobytes()) for symbol, rows in seen.items()},
        )
        with self._lock:
            if self._is_stopped:
                return Refusal("the engine is ending")
            try:
                self._process = process = subprocess.Popen(
                    [sys.executable, "-m", "core.models.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            except OSError as error:
                return Refusal(f"no process could be started for the fit: {error.strerror}")
        # Whatever happens, its pipes are closed and it is waited for.
        with process:
            try:
                out, errors = process.communicate(msgspec.msgpack.encode(job), timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
                return Refusal(f"the fit took longer than {timeout_s:g} s and was killed")
        if process.returncode != 0:
            words = errors.decode(errors="replace").strip().splitlines()
            last = words[-1][-_TAIL:] if words else "it said nothing"
            return Refusal(f"the fit ended with code {process.returncode}: {last}")
        try:
            return msgspec.msgpack.decode(out, type=ModelSet)
        except (ValueError, RecursionError) as error:
            return Refusal(f"the fit's answer cannot be read: {error}")

    def stop(self) -> None:
        """Kill a fit that is under way; later ones are refused."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def main() -> int:
    """Do one job."""
    # Only here: the libraries of the fits would double the memory of an engine.
    from core.models.fit import fit_models

    os.nice(_NICENESS)
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    seen = {
        symbol: Observations(np.frombuffer(bars, BAR), np.frombuffer(quotes, QUOTE))
        for symbol, (bars, quotes) in job.seen.items()
    }
    sys.stdout.buffer.write(msgspec.msgpack.encode(fit_models(job.request, seen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
