"""Pages on disk: the whole new one or the whole old one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.domain.errors import ConfigurationError


def write_page(path: Path, text: str) -> None:
    """
    Write a page beside its place and move it there, so that a full disk costs no old page.

    What is there and no file, such as a pipe or /dev/stdout, is written to as it is.

    Args:
        path: Where it goes; a link is followed.
        text: Of the page.

    Raises:
        ConfigurationError: If it cannot be written: nothing is left beside then.
    """
    place = path.resolve()
    if place.exists() and not place.is_file() and not place.is_dir():
        _write(path, place, text)
        return
    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        _write(path, unfinished, text)
        unfinished.replace(place)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _write(path: Path, place: Path, text: str) -> None:
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{path}: cannot be written: {error.strerror}")
