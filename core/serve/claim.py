"""One engine per run directory: the lock, and the socket that only its holder may open."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from typing import TextIO

from core.api.address import lock_path, socket_path
from core.domain.errors import AddressInUse, ConfigurationError

_BACKLOG = 16
_MAX_PID_DIGITS = 10


class RunDirClaim:
    """
    Holds a run directory for this process, until `release` or its death.

    The lock decides who is alive, because the system drops it with the process however
    that ends. A socket file without a lock holder is what a crash left behind.
    """

    def __init__(self, run_dir: Path) -> None:
        """
        Claim the directory, creating it if need be.

        Raises:
            AddressInUse: If another engine runs here.
            ConfigurationError: If the directory cannot be made private to this user, or the
                platform has no Unix sockets.
        """
        if not hasattr(socket, "AF_UNIX"):
            raise ConfigurationError("this platform has no Unix sockets: use --in-process")
        self._run_dir = run_dir
        self._path = socket_path(run_dir)
        for folder in {lock_path(run_dir).parent, self._path.parent}:
            _make_private(folder)
        self._has_socket = False
        self._lock = self._take_lock()

    @property
    def path(self) -> Path:
        """Where the socket is, or will be."""
        return self._path

    def listen(self) -> socket.socket:
        """
        Open the socket, in place of one that a dead engine left.

        Raises:
            AddressInUse: If something answers there, or a file that is no socket is in the way.
            ConfigurationError: If the file system does not take a socket.
        """
        self._remove_stale_socket()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(self._path))
            self._path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise ConfigurationError(
                f"{self._path}: cannot open a socket here: {error.strerror}"
            ) from error
        self._has_socket = True
        listener.setblocking(False)
        return listener

    def withdraw(self) -> None:
        """Remove the socket, if this claim opened it: nobody can attach any more."""
        if self._has_socket:
            self._has_socket = False
            self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the directory up, socket and all."""
        if self._lock.closed:
            return
        self.withdraw()
        # The file stays: removing it would let two engines lock two files of one name.
        self._lock.truncate(0)
        self._lock.close()

    def _take_lock(self) -> TextIO:
        import fcntl  # not on Windows

        path = lock_path(self._run_dir)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lock = os.fdopen(descriptor, "r+", errors="replace")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = _pid(lock.read(_MAX_PID_DIGITS + 2).strip())
            lock.close()
            raise AddressInUse(
                f"{self._run_dir}: an engine already runs here, process {pid}; "
                "watch it with `imc-cockpit attach`, end it with `imc-cockpit stop`"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        return lock

    def _remove_stale_socket(self) -> None:
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise AddressInUse(f"{self._path}: a file that is no socket is in the way; remove it")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(str(self._path))
            except ConnectionRefusedError:
                self._path.unlink()
                return
            except OSError:
                # Whoever it is, it listens: a full backlog ends up here.
                pass
        raise AddressInUse(f"{self._path}: something that is not an engine of ours answers here")


def _pid(written: str) -> str:
    """What the lock says, if it is a process id: it will stand on a terminal."""
    is_one = written.isascii() and written.isdigit() and len(written) <= _MAX_PID_DIGITS
    return written if is_one else "unknown"


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(stat.S_IRWXU)
    except OSError as error:
        raise ConfigurationError(
            f"run directory {folder}: cannot be made private to this user: {error.strerror}"
        ) from error
