"""Paths and bytes: patterns to files, files to lines, even where a file is cut short."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import DataError

CUT_SHORT = "compressed file cut short"

HEAD_BYTES = 16_384

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31
_PATTERN_CHARACTERS = "*?["


@dataclass(frozen=True, slots=True)
class Content:
    """The whole lines of a file."""

    path: Path
    sha256: str
    text: bytes
    is_cut: bool
    """True where the file ends in the middle; `text` then holds its whole lines."""

    @property
    def lost(self) -> dict[str, int]:
        """What is already known to be missing, as a count by reason."""
        return {CUT_SHORT: 1} if self.is_cut else {}


def find_files(patterns: Sequence[str | Path]) -> list[Path]:
    """
    Expand paths and glob patterns, each file once, in order of name.

    Raises:
        DataError: If a path does not exist, is a folder or a pattern matches nothing.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        text = str(Path(pattern).expanduser())
        if any(character in text for character in _PATTERN_CHARACTERS) and not Path(text).exists():
            anchor = Path(Path(text).anchor)
            matches = sorted(anchor.glob(str(Path(text).relative_to(anchor))))
            if not matches:
                raise DataError(text, "no file matches this pattern")
            found.update(dict.fromkeys(path for path in matches if path.is_file()))
        else:
            path = Path(text)
            if not path.exists():
                raise DataError(path, "there is no such file")
            if path.is_dir():
                raise DataError(path, f'is a folder; name its files, for example "{path}/*.csv.gz"')
            if not path.is_file():
                raise DataError(path, "is no regular file")
            found[path] = None
    if not found:
        raise DataError(", ".join(map(str, patterns)) or "DATA", "no files")
    return list(found)


def read_content(path: Path) -> Content:
    """
    Read a file, plain or gzip by its first bytes, and keep its whole lines.

    Raises:
        DataError: If it cannot be read, or nothing whole is in it.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error
    text, is_cut = (raw, False) if not raw.startswith(_GZIP_MAGIC) else _decompress(raw)
    if is_cut:
        text = text[: text.rfind(b"\n") + 1]
    if not text.strip():
        reason = "is a gzip file cut short before its first whole line" if is_cut else "is empty"
        raise DataError(path, reason)
    return Content(path, hashlib.sha256(raw).hexdigest(), text, is_cut)


def read_beginning(path: Path) -> str:
    """
    Read as much of a file as tells its format: at most HEAD_BYTES after leading blanks.

    Raises:
        DataError: As for `read_content`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(HEAD_BYTES)
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error
    if text.startswith(_GZIP_MAGIC):
        with contextlib.suppress(zlib.error):
            text = zlib.decompressobj(_GZIP_WINDOW).decompress(text, HEAD_BYTES)
    text = text.lstrip()
    if b"\n" not in text and len(text) < HEAD_BYTES:
        # One short line, or a file that is cut before its first end: let all of it tell.
        text = read_content(path).text.lstrip()
    return text[:HEAD_BYTES].decode("utf-8-sig", errors="replace")


def _decompress(raw: bytes) -> tuple[bytes, bool]:
    """Decompress all members of a gzip file, as far as they are whole."""
    parts = []
    while raw:
        decoder = zlib.decompressobj(_GZIP_WINDOW)
        try:
            parts.append(decoder.decompress(raw))
        except zlib.error:
            parts.append(_salvage(raw))
            return b"".join(parts), True
        if not decoder.eof:
            return b"".join(parts), True
        raw = decoder.unused_data.lstrip(b"\0")
    return b"".join(parts), False


def _salvage(raw: bytes, piece: int = 1024) -> bytes:
    """Decompress up to the first broken byte; one call for all would lose what came before."""
    decoder = zlib.decompressobj(_GZIP_WINDOW)
    whole = bytearray()
    with contextlib.suppress(zlib.error):
        for start in range(0, len(raw), piece):
            whole += decoder.decompress(raw[start : start + piece])
    return bytes(whole)
