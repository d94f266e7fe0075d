"""What reading and writing Parquet may raise, and how it is said in a few words."""

from __future__ import annotations

import re

import polars as pl

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)
"""A damaged file may break its reader in ways that its authors did not foresee."""

_SYSTEM = re.compile(r"([^:]+) \(os error \d+\)")


def reason_of(error: BaseException) -> str:
    """One line: the system's own words where it was the system that refused."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    first = (str(error).splitlines() or [type(error).__name__])[0]
    said = _SYSTEM.search(first)
    return said[1].strip() if said else first.removeprefix("parquet: ")
