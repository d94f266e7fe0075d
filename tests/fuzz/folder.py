"""A subject that reads its cases from a file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.target import Plain


class FileSubject(Plain):
    """
    Writes each case into a file, and has it read.

    Args:
        name: Of the file.
        read: Given the file; whatever it returns was accepted.
        recall: Given the file too. Writes a good one, and asserts that it is read as it was meant.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[Path], object],
        recall: Callable[[Path], None] = lambda _path: None,
    ) -> None:
        # In memory where there is such a folder: a million files would wear a disk out.
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._path = Path(self._folder.name) / name
        self._read = read
        self._recall = recall

    def take(self, data: bytes) -> bool:
        self._path.write_bytes(data)
        self._read(self._path)
        return True

    def check(self) -> None:
        self._recall(self._path)

    def close(self) -> None:
        self._folder.cleanup()
