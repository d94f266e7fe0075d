"""The faults that are on now, and the file that turns them on and off while all runs."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from core.domain.errors import ConfigurationError
from core.exchange.faults import NO_FAULTS, Faults, read_faults
from core.tables.paths import display_path

LOOK_EVERY_S = 0.5


class FaultPanel:
    """
    Takes a file of faults over whenever it changes.

    A file that cannot be used is said to be so, once, and changes nothing.

    Args:
        path: The file; None for an exchange without faults.

    Raises:
        ConfigurationError: If the file cannot be used at the start.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self.now = NO_FAULTS
        self.random = Random(NO_FAULTS.seed)  # noqa: S311  reproducible on purpose
        if path is not None:
            self._seen = _stamp(path)
            self._take(read_faults(path))

    @property
    def is_on(self) -> bool:
        """Whether anything goes wrong at all."""
        return self.now is not NO_FAULTS

    def look(self) -> bool:
        """Take the file over if it has changed. True if other faults are on now."""
        if self._path is None:
            return False
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            faults = read_faults(self._path) if stamp is not None else NO_FAULTS
        except ConfigurationError as error:
            sys.stderr.write(f"imc-cockpit: {error}; the faults stay as they are\n")
            return False
        self._take(faults)
        what = "are on" if self.is_on else "are over"
        sys.stderr.write(f"imc-cockpit: faults of {display_path(self._path)} {what}\n")
        return True

    def _take(self, faults: Faults) -> None:
        self.now = NO_FAULTS if faults == NO_FAULTS else faults
        self.random.seed(faults.seed)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
