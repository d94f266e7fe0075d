"""What has been evaluated already, on disk: a sweep that is started again goes on."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import msgspec

from core.domain.errors import ConfigurationError
from core.jit import kernel_hash
from core.research.sweep.evaluation import Laboratory, Outcome, Task

_APPLICATION_ID = 0x494D4353
_VERSION = 1


class Results:
    """
    Outcomes by what led to them: settings, data, fold, kernel.

    Args:
        path: Of the file; None to keep them in memory only.
        laboratory: Where they come from.

    Raises:
        ConfigurationError: If the file cannot be used, or is something else.
    """

    def __init__(self, path: Path | None, laboratory: Laboratory) -> None:
        self._path = path
        self._origin = _origin(laboratory)
        self.reused = 0
        """Outcomes that were there already."""
        try:
            self._connection = sqlite3.connect(path or ":memory:")
            self._prepare()
        except sqlite3.Error as error:
            raise self._refusal(f"cannot be used as a study: {error}") from error

    def find(self, task: Task) -> Outcome | None:
        """Outcome of a task that has been evaluated; None of one that has not."""
        row = self._connection.execute(
            "SELECT outcome FROM outcomes WHERE task = ?", (self._name(task),)
        ).fetchone()
        if row is None:
            return None
        self.reused += 1
        return msgspec.msgpack.decode(row[0], type=Outcome)

    def keep(self, task: Task, outcome: Outcome) -> None:
        """
        Store an outcome.

        Raises:
            ConfigurationError: If it cannot be written.
        """
        payload = msgspec.msgpack.encode(outcome)
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (self._name(task), payload)
                )
        except sqlite3.Error as error:
            raise self._refusal(f"cannot be written: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _prepare(self) -> None:
        (application_id,) = self._connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if tables and (application_id != _APPLICATION_ID or version != _VERSION):
            raise self._refusal("is no study of this program; name another file")
        with self._connection:
            self._connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS outcomes (task BLOB PRIMARY KEY, outcome BLOB NOT NULL)"
            )

    def _name(self, task: Task) -> bytes:
        digest = hashlib.blake2b(self._origin, digest_size=16)
        digest.update(task.settings.encode())
        digest.update(task.fold.to_bytes(4, "little"))
        return digest.digest()

    def _refusal(self, reason: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path or 'study'}: {reason}")


def _origin(laboratory: Laboratory) -> bytes:
    """Everything but settings and fold that an outcome depends on."""
    digest = hashlib.blake2b(kernel_hash().encode(), digest_size=16)
    for source in laboratory.market.sources:
        digest.update(source.sha256.encode())
    parts = [
        [[fold.start_ns, fold.stop_ns] for fold in laboratory.folds],
        laboratory.bar_ns,
        laboratory.market.length,
        list(laboratory.fingerprints),
        [str(instrument) for instrument in laboratory.market.instruments],
    ]
    digest.update(msgspec.msgpack.encode(parts))
    return digest.digest()
