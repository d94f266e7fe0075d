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
    """

    def __init__(self, name: str, read: Callable[[Path], object]) -> None:
        # In memory where there is such a folder: a million files would wear a disk out.
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._path = Path(self._folder.name) / name
        self._read = read

    def take(self, data: bytes) -> bool:
        self._path.write_bytes(data)
        self._read(self._path)
        return True

    def close(self) -> None:
        self._folder.cleanup()
