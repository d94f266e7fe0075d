"""An A/B test from the command line: two settings on the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.assembly.recorded import Recording, run_recording
from core.backtest.run import Progress
from core.reports.files import write_page
from core.reports.summary import summarize
from core.research.ab import ab_json, compare
from core.research.ab_page import ab_page
from core.research.ab_text import ab_text

_FEW = ("pnl", "fees", "orders", "fills", "turnover", "max_drawdown", "decision_hash")


def compare_settings(
    recordings: Sequence[Recording],
    names: tuple[str, str],
    page: Path | None,
    progress: Progress | None,
    seed: int,
) -> tuple[dict[str, Any], str]:
    """
    Run two settings on the same data, and say whether one is better.

    Args:
        recordings: The data with the settings of A, and with those of B.
        names: What the two are called.
        page: Where to write a page; None for none.
        progress: Told how far the runs are.
        seed: Of the bootstrap.

    Raises:
        FatalError: If the models cannot be used or the page cannot be written.
    """
    a, b = (run_recording(recording, progress) for recording in recordings)
    report = compare(a, b, names, seed)
    if page is not None:
        write_page(page, ab_page(report))
    document = ab_json(report) | {
        "runs": {
            name: {key: value for key, value in summarize(result).items() if key in _FEW}
            for name, result in zip(names, (a, b), strict=True)
        }
    }
    first = replace(recordings[0], signal=None)
    return document | first.origin, first.origin_text + ab_text(report)
