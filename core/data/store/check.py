"""Whether the files of a stored data set are what was written."""

from __future__ import annotations

import polars as pl

from core.data.store.broken import BROKEN, reason_of
from core.data.store.manifest import Part, file_sha256
from core.data.store.reader import StoredMarket


def find_damage(market: StoredMarket) -> list[str]:
    """Go through all files; a sentence for each that is not as it was, or too many."""
    return [
        sentence
        for part in market.manifest.parts
        if part.sha256 and (sentence := _damage_of(market, part))
    ]


def _damage_of(market: StoredMarket, part: Part) -> str:
    path = market.folder / part.path
    try:
        found = file_sha256(path)
        rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except BROKEN as error:
        return f"{part.path} cannot be read: {reason_of(error)}"
    if found != part.sha256:
        return f"{part.path} is not as written: checksum differs"
    if rows != part.rows:
        return f"{part.path} has {rows:,} events, not {part.rows:,}"
    return ""
