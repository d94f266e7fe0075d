"""Model files: what `imc-cockpit fit` writes and an engine starts with."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core.domain.errors import ConfigurationError, DataError
from core.models.model_set import ModelSet
from core.tables.paths import display_path

FORMAT = 1


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fit with where it came from."""

    format: int
    version: str
    """Fingerprint of the models, in hex: a file that was edited by hand does not match it."""
    data: tuple[str, ...]
    """Name and SHA-256 of each file that was fitted on."""
    fit: ModelSet


class _Format(msgspec.Struct):
    format: int


def write_models(path: Path, fit: ModelSet, data: tuple[str, ...]) -> None:
    """
    Write a fit, whole or not at all.

    Raises:
        DataError: If the file cannot be written.
    """
    content = ModelFile(FORMAT, f"{fit.version:012x}", data, fit)
    text = msgspec.json.format(msgspec.json.encode(content), indent=1)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.write_bytes(text + b"\n")
        unfinished.replace(path)
    except OSError as error:
        raise DataError(path, f"cannot be written: {error.strerror}") from error


def read_models(path: Path, bar_ms: int, symbols: set[str]) -> ModelFile:
    """
    Read a model file for a run.

    Args:
        path: Of the file.
        bar_ms: Length of the run's bars.
        symbols: What the run trades.

    Raises:
        ConfigurationError: If there is no such file, it is damaged or of another format,
            it was fitted on other bars, or it knows none of the instruments.
    """
    label = f"models.file: {display_path(path)}"
    try:
        text = path.read_bytes()
        form = msgspec.json.decode(text, type=_Format).format
        if form != FORMAT:
            raise ConfigurationError(
                f"{label} is of format {form}, this program reads {FORMAT}; fit again"
            )
        content = msgspec.json.decode(text, type=ModelFile)
    except OSError as error:
        raise ConfigurationError(f"{label}: {error.strerror}") from error
    # Text that is not UTF-8 is a ValueError, and so are msgspec's own errors.
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{label} is no model file: {error}") from error
    if content.version != f"{content.fit.version:012x}":
        raise ConfigurationError(f"{label} does not match its own fingerprint; fit again")
    if content.fit.bar_ms != bar_ms:
        raise ConfigurationError(
            f"{label} was fitted on bars of {content.fit.bar_ms} ms, "
            f"but strategy.bar_ms = {bar_ms}; fit again or set strategy.bar_ms"
        )
    known = content.fit.symbols()
    if not known & symbols:
        raise ConfigurationError(
            f"{label} knows {', '.join(sorted(known)) or 'nothing'}, "
            f"and none of {', '.join(sorted(symbols))}"
        )
    return content
