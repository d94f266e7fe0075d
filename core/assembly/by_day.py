"""The days of a recording, each a backtest of its own, several at a time."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.assembly.backtest import BacktestTerms, run
from core.assembly.recorded import Answer, Recording
from core.backtest.run import Progress
from core.data.days import Day, days_between, files_of
from core.data.event_file import EventFile, write_events
from core.domain.errors import ConfigurationError, DataError, FatalError
from core.domain.instrument import NANOS
from core.reports.by_day import DayRun, by_day_json, by_day_text
from core.reports.by_day_page import by_day_page
from core.reports.files import write_page
from core.runtime.warm import warm_everything
from core.settings.model import Settings
from core.strategies.plugins import LoadedSignal


@dataclass(frozen=True, slots=True)
class _Days:
    """What all days share. Small: the events are in a file."""

    market: EventFile
    settings: str
    """All of them, as JSON."""
    signal_for: Callable[[Settings], LoadedSignal | None]
    """Loads the user's own signal: its code is of one process."""
    terms: BacktestTerms


@dataclass(frozen=True, slots=True)
class _Failure:
    """A day that could not be run. Errors do not travel between processes, words do."""

    reason: str
    exit_code: int


def backtest_by_day(
    recording: Recording,
    terms: BacktestTerms,
    signal_for: Callable[[Settings], LoadedSignal | None],
    jobs: int,
    page: Path | None,
    progress: Progress | None,
    report: Callable[[str], None],
) -> tuple[int, Answer]:
    """
    Run each day of a recording by itself, from a flat account, in processes.

    Args:
        recording: The data, and who decides.
        terms: How.
        signal_for: Loads the user's own signal, in each process anew.
        jobs: Processes, > 0; of one, this one does all.
        page: Where to write an HTML report; None for none.
        progress: Told how far it is, by the days that are done.
        report: Told what takes long.

    Returns:
        As `core.assembly.backtest.backtest`; the exit code is the highest of the days.

    Raises:
        FatalError: If models, strategy or data cannot be used, or a file not be written.
    """
    _refuse_what_has_no_days(recording, terms)
    # Compiled here once, not by each process.
    warm_everything(report)
    runs: list[DayRun] = []
    with tempfile.TemporaryDirectory(prefix="imc-cockpit-days-") as folder:
        days = _Days(
            write_events(recording.data, Path(folder) / "events.bin"),
            recording.settings.model_dump_json(),
            signal_for,
            terms,
        )
        wanted = [
            day
            for day in days_between(recording.data)
            if days.market.between(day.start_ns, day.stop_ns).length
        ]
        for day, done in zip(wanted, _run_all(days, wanted, jobs), strict=True):
            if isinstance(done, _Failure):
                raise _as_error(day, done)
            runs.append(done)
            if progress is not None:
                progress(sum(each.document["events"] for each in runs), recording.data.length)
    document = by_day_json(runs)
    if page is not None:
        write_page(page, by_day_page(document, runs))
    answer = document | recording.origin, recording.origin_text + by_day_text(document)
    return max(each.exit_code for each in runs), answer


def _refuse_what_has_no_days(recording: Recording, terms: BacktestTerms) -> None:
    if recording.data.is_session:
        raise ConfigurationError(
            f"{recording.data.sources[0].path} is a run of the engine, which is one piece; "
            "--by-day goes with recorded markets"
        )
    if terms.own.log is not None:
        raise ConfigurationError("--log is of one day: name its file without --by-day")
    if recording.data.length == 0:
        names = ", ".join(str(file.path) for file in recording.data.sources)
        raise DataError(names, "holds no events")


def _run_all(days: _Days, wanted: Sequence[Day], jobs: int) -> Iterator[DayRun | _Failure]:
    """Run days, several at a time; in their order."""
    run_one = partial(_run_day, days)
    if min(jobs, len(wanted)) == 1:
        yield from map(run_one, wanted)
        return
    # A forked process would inherit locks of threads that are not there.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(wanted)), mp_context=context) as pool:
        try:
            yield from pool.map(run_one, wanted)
        except BrokenProcessPool as error:
            raise FatalError(
                "backtest: a process died on a day (out of memory?); try --jobs 1"
            ) from error


def _run_day(days: _Days, day: Day) -> DayRun | _Failure:
    market = days.market.between(day.start_ns, day.stop_ns)
    data = replace(market, sources=files_of(day, market.sources))
    settings = Settings.model_validate_json(days.settings)
    try:
        recording = Recording(data, settings, days.signal_for(settings), None)
        ran = run(recording, days.terms, None)
    except FatalError as error:
        return _Failure(str(error), error.exit_code)
    return DayRun(
        day.name,
        ran.document,
        ran.result.ts_ns,
        ran.result.pnl_nanos.sum(axis=1) / NANOS,
        "" if ran.fault is None else str(ran.fault),
        0 if ran.fault is None else ran.fault.exit_code,
    )


def _as_error(day: Day, failure: _Failure) -> FatalError:
    error = FatalError(f"{day.name}: {failure.reason}")
    error.exit_code = failure.exit_code
    return error
