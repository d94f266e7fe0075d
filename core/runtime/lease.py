"""
One writer: who may trade an account now, whatever run directory it runs in.

A lock says who is alive, because the system drops it with the process however that ends.
A token says who came last: whoever takes the account over writes a greater one, and the
venue takes orders from the greatest only. The two are files of their own, so that the
second can be replaced at once by somebody who does not hold the first.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO
from urllib.parse import urlsplit

import msgspec

from core.domain.errors import AddressInUse, ConfigurationError
from core.tables import paths

ENGINE = "engine"
KILL = "kill"
"""Who wrote a lease: an engine that trades, or `imc-cockpit kill`, which only cancels."""

_Int64 = Annotated[int, msgspec.Meta(ge=0, lt=(1 << 63) - 1)]
"""With room for the token after it: the venue takes 64 bits."""

_LOCAL = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
_DEFAULT_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose account it is, or was last."""

    token: _Int64
    """Greater than that of anybody before."""
    pid: int
    run_id: str
    run_dir: str
    host: str
    since_ns: _Int64
    """When its engine took it, UTC."""
    by: str = ENGINE
    """KILL: taken from the engine that the other fields name."""

    @property
    def since(self) -> str:
        """The same time for people."""
        return (
            f"{datetime.fromtimestamp(self.since_ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


class AccountLease:
    """
    The lease of one account, held or not.

    Args:
        kind: Of the venue, as `venue.kind`.
        url: Where the venue is.
        api_key: Names the account there. Only a fingerprint of it is ever written.
        folder: Where leases are kept; None for the user's state directory.
        now_ns: Wall clock.
    """

    def __init__(
        self,
        kind: str,
        url: str,
        api_key: str,
        *,
        folder: Path | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.label = f"the account at {url}"
        folder = folder or paths.state_dir() / "leases"
        name = f"{kind}-{_fingerprint(kind, _same_address(url), api_key)}"
        self._path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._now_ns = now_ns

    @property
    def path(self) -> Path:
        """File of the token."""
        return self._path

    def holder(self) -> Holder | None:
        """Read who holds it, or held it last; None if nobody did or that cannot be read."""
        try:
            return _read(self._path)
        except (OSError, ValueError):
            return None

    def is_locked(self) -> bool:
        """Whether the engine that holds it is alive, if only just: a stopped one is."""
        import fcntl  # not on Windows

        try:
            with self._lock_path.open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError:
                    return True
        except OSError:
            pass
        return False

    def acquire(self, run_id: str, run_dir: Path) -> Lease:
        """
        Take the account for an engine of this process.

        Raises:
            AddressInUse: If another engine has it; says which, and what to do.
            ConfigurationError: If the lease cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self._take_lock()
        except OSError as error:
            raise self._unwritable(error) from error
        if lock is None:
            raise AddressInUse(self._refusal())
        holder = Holder(
            token=self._next_token(),
            pid=os.getpid(),
            run_id=run_id,
            run_dir=str(run_dir.expanduser().resolve()),
            host=socket.gethostname(),
            since_ns=self._now_ns(),
        )
        try:
            self._write(holder)
            return Lease(self._path, self._lock_path, lock, holder.token)
        except OSError as error:
            lock.close()
            raise self._unwritable(error) from error

    def take_over(self) -> int:
        """
        Take the account from whoever has it, alive or not, without holding it afterwards.

        Returns:
            The new token: the venue refuses new orders to whoever has an older one.

        Raises:
            ConfigurationError: If the lease cannot be written.
        """
        token = self._next_token()
        last = self.holder() or Holder(
            token=0,
            pid=0,
            run_id="",
            run_dir="",
            host=socket.gethostname(),
            since_ns=self._now_ns(),
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(replace(last, token=token, by=KILL))
        except OSError as error:
            raise self._unwritable(error) from error
        return token

    def _next_token(self) -> int:
        # The clock alone may have been set back since.
        last = self.holder()
        return max(self._now_ns(), last.token + 1 if last else 0)

    def _take_lock(self) -> TextIO | None:
        """Lock the file of this name; None if somebody has it."""
        import fcntl  # not on Windows

        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            lock = os.fdopen(os.open(self._lock_path, flags, 0o600), "r+")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return None
            # Its holder may have removed the file between our opening and our locking it.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock.fileno()), self._lock_path.stat()):
                    return lock
            lock.close()

    def _write(self, holder: Holder) -> None:
        # Replaced at once, so that nobody ever reads half of it.
        unfinished = self._path.with_suffix(f".{os.getpid()}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with os.fdopen(os.open(unfinished, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(holder)) + "\n")
        unfinished.replace(self._path)

    def _refusal(self) -> str:
        holder = self.holder()
        if holder is None or not holder.run_id:
            return (
                f"{self.label} is traded by another engine already; end that one first, or "
                "cancel its orders with `imc-cockpit kill`"
            )
        there = f"`imc-cockpit --run-dir {holder.run_dir}"
        who = (
            f"{self.label} is traded by run {holder.run_id} already, process {holder.pid}, "
            f"run directory {holder.run_dir}, since {holder.since}"
        )
        if holder.by == KILL:
            return (
                f"{who}; `imc-cockpit kill` has taken it from that engine, which is still "
                f"there: end it with {there} stop` or by its process id"
            )
        return (
            f"{who}; watch it with {there} attach`, end it with {there} stop`, or cancel its "
            f"orders with {there} kill`"
        )

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"{self._path}: cannot be written: {error.strerror}; without it two engines could "
            "trade one account: make the folder writable, or name another in XDG_STATE_HOME"
        )


class Lease:
    """An account held by this process, until `release`, its death or somebody's `take_over`."""

    def __init__(self, path: Path, lock_path: Path, lock: TextIO, token: int) -> None:
        """Hold what `AccountLease.acquire` has locked and written."""
        self.token = token
        self._path = path
        self._lock_path = lock_path
        self._lock = lock
        self._seen = _identity(path)
        self._is_lost = False

    def is_held(self) -> bool:
        """
        Look whether the account is still ours: about a microsecond.

        What has been lost stays lost. A file that is gone took nothing from us: whoever
        comes next writes a new one.
        """
        if self._is_lost:
            return False
        try:
            found = _identity(self._path)
            if found == self._seen:
                return True
            self._is_lost = _read(self._path).token > self.token
            self._seen = found
        except FileNotFoundError:
            return True
        except (OSError, ValueError):
            # Not known to be ours is not ours.
            self._is_lost = True
        return not self._is_lost

    def release(self, *, forget: bool = False) -> None:
        """
        Give the account up.

        Args:
            forget: Leave no trace, as of a venue that has ended for good.
        """
        if self._lock.closed:
            return
        if forget and self.is_held():
            self._path.unlink(missing_ok=True)
            self._lock_path.unlink(missing_ok=True)
        self._lock.close()


def _read(path: Path) -> Holder:
    """
    Read a lease.

    Raises:
        ValueError: If it is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _identity(path: Path) -> tuple[int, int, int]:
    found = os.stat(path)  # noqa: PTH116  half the time of Path.stat
    return found.st_ino, found.st_mtime_ns, found.st_size


def _same_address(url: str) -> str:
    """One spelling for addresses that are the same place."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    return f"{parts.scheme}://{_LOCAL.get(host, host)}:{port}{parts.path.rstrip('/')}"


def _fingerprint(*parts: str) -> str:
    text = "\0".join(parts).encode()
    return hashlib.blake2b(text, digest_size=16, person=b"imc-cockpit").hexdigest()
