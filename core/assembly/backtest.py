"""One backtest, whoever decides in it: run, and then told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.assembly.fills_again import compare_fills
from core.assembly.own_backtest import OwnRun, run_own
from core.assembly.recorded import Answer, Ran, Recording, run_recording
from core.backtest.run import Progress
from core.backtest.terms import assumptions
from core.reports import page as backtest_page
from core.reports.files import write_page
from core.reports.summary import summarize
from core.reports.text import text_report
from core.settings.model import Settings


@dataclass(frozen=True, slots=True)
class BacktestTerms:
    """What a backtest is run with, beside recording and settings."""

    settings_for: Callable[[str], Settings]
    """Called with the name of a profile: an IMC Trader has one of its own."""
    own: OwnRun
    """How a strategy of the user's own is run, where the settings name one."""


def backtest(
    recording: Recording, terms: BacktestTerms, page: Path | None, progress: Progress | None
) -> tuple[int, Answer]:
    """
    Run a backtest and report.

    Args:
        recording: The data, and who decides.
        terms: How.
        page: Where to write an HTML report; None for none.
        progress: Told how far the run is.

    Returns:
        Exit code (0 done, else that of the user's strategy's fault), the document, and the
        same as text.

    Raises:
        FatalError: If models, strategy or data cannot be used, or a file not be written.
    """
    ran = run(recording, terms, progress)
    if page is not None:
        write_page(page, backtest_page.html_report(ran.document, ran.result))
    answer = ran.document | recording.origin, recording.origin_text + ran.text
    return 0 if ran.fault is None else ran.fault.exit_code, answer


def run(recording: Recording, terms: BacktestTerms, progress: Progress | None) -> Ran:
    """Run a backtest; see `backtest`."""
    if recording.settings.strategy.python:
        return run_own(recording, terms.settings_for, terms.own, progress)
    return _run_built_in(recording, progress)


def _run_built_in(recording: Recording, progress: Progress | None) -> Ran:
    result = run_recording(recording, progress)
    data, simulation = recording.data, recording.settings.simulation
    summary = summarize(result)
    taken: dict[str, Any] = {"simulation": simulation.model_dump(mode="json")}
    text = f"{text_report(summary)}\nassumes: {assumptions(simulation, data.is_session)}"
    if data.is_session:
        found = compare_fills(data.sources[0].path, result)
        taken["of_run"] = found
        text += (
            f"\nof the run's {found['run_fills']:,} fills (by order and price) "
            f"{found['same_fills']:,} came out the same, {found['other_fills']:,} are others"
        )
    return Ran(result, summary | taken, text)
