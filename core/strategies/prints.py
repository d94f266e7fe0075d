"""What a strategy prints: kept, or let go."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Nowhere(io.TextIOBase):
    """Takes text and forgets it."""

    def write(self, text: str, /) -> int:
        """Forget."""
        return len(text)


@contextmanager
def printing_to(stream: TextIO | None) -> Iterator[None]:
    """Let `print` write to a stream; None for nowhere."""
    before = sys.stdout
    sys.stdout = Nowhere() if stream is None else stream
    try:
        yield
    finally:
        sys.stdout = before
