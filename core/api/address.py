"""Where an engine's socket is: one answer for the side that listens and those that call."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

SOCKET_NAME = "engine.sock"
LOCK_NAME = "engine.lock"

_MAX_PATH_BYTES = 100
"""The shortest limit is macOS' 104 bytes, its closing zero included."""

# Not gettempdir(): engine and viewer may run with different TMPDIRs and have to meet.
_SHORT_ROOT = Path("/tmp")  # noqa: S108  the folder below it is 0700 and its owner is checked


def socket_path(run_dir: Path) -> Path:
    """
    Path of the socket of the engine of a run directory, whether or not one runs.

    A run directory too deep for the platform's limit has its socket in a short folder
    of the user's own, named by the directory's hash.
    """
    run_dir = run_dir.expanduser().resolve()
    path = run_dir / SOCKET_NAME
    if len(os.fsencode(path)) <= _MAX_PATH_BYTES:
        return path
    digest = hashlib.blake2b(os.fsencode(run_dir), digest_size=8).hexdigest()
    return _SHORT_ROOT / f"imc-cockpit-{os.getuid()}" / f"{digest}.sock"


def claimant(run_dir: Path) -> int:
    """Process id of the engine that holds a run directory, listening or not; 0 for none."""
    import fcntl  # not on Windows

    try:
        with lock_path(run_dir).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(lock.read() or 0)
    except (OSError, ValueError):
        pass
    return 0


def lock_path(run_dir: Path) -> Path:
    """File that a running engine holds a lock on; its text is the engine's process id."""
    return run_dir.expanduser().resolve() / LOCK_NAME
