"""Opens recorded text, packed or not."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from core.domain.errors import DataError


def read_lines(path: Path) -> list[str]:
    """
    Read a file's lines, without a mark at its beginning.

    Raises:
        DataError: If it cannot be read, or is no UTF-8.
    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig").splitlines()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(path, f"cannot be read: {error}") from None
    except UnicodeDecodeError as error:
        raise DataError(path, f"is no UTF-8: {error}") from None
