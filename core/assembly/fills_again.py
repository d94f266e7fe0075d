"""What became of a run's fills when it is traded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.domain.enums import EventKind
from core.domain.events import EVENT
from core.domain.memory import Rows
from core.journal.reader import JournalReader
from core.reports.result import BacktestResult


def compare_fills(journal_path: Path, result: BacktestResult) -> dict[str, int]:
    """
    Set the fills of a run against those of the same run traded again.

    Parts of one order at one price count together: a book does not tell how many others an
    order met.

    Returns:
        `run_fills` (orders x prices that the run was filled at), `same_fills` (of them, those
        that came out the same to the lot) and `other_fills` (what is filled now and was not).

    Raises:
        DataError: If the journal cannot be read.
    """
    with JournalReader(journal_path) as journal:
        chunks = [chunk[chunk["kind"] == EventKind.FILL] for chunk in journal.events()]
    before = _by_order(np.concatenate([np.zeros(0, EVENT), *chunks]))
    now = _by_order(result.fills)
    same = sum(1 for key, lots in before.items() if now.get(key) == lots)
    return {
        "run_fills": len(before),
        "same_fills": same,
        "other_fills": sum(1 for key, lots in now.items() if before.get(key) != lots),
    }


def _by_order(fills: Rows) -> dict[tuple[int, int], int]:
    """Lots by order and price."""
    found: dict[tuple[int, int], int] = {}
    for fill in fills:
        key = int(fill["order_id"]), int(fill["price_ticks"])
        found[key] = found.get(key, 0) + int(fill["lots"])
    return found
