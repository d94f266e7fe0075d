"""Ending processes together with those that they have started, whatever session those are in."""

from __future__ import annotations

import contextlib
import signal
import subprocess

import psutil


def end_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and all its descendants. They are stopped first: none may get away."""
    stopped: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        found = [parent]
        while fresh := [each for each in found if each.pid not in stopped]:
            for each in fresh:
                stopped[each.pid] = each
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGSTOP)
            found = parent.children(recursive=True)
    for each in stopped.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    process.wait()
    psutil.wait_procs(stopped.values(), timeout=5)
