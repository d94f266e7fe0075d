"""Recorded markets: backtest, fit, research, replay, and the comparison of both loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.doors.choice import Choice, stretch_of, tell
from core.doors.jobs import default_jobs

if TYPE_CHECKING:
    from core.assembly.recorded import Recording
    from core.settings.model import Settings


def run_backtest(
    choice: Choice,
    data: Sequence[str],
    *,
    page: Path | None = None,
    part: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    match_trades: str = "all",
    shows_prints: bool = False,
    log: Path | None = None,
    by_day: bool = False,
    jobs: int | None = None,
) -> tuple[int, dict[str, Any], str]:
    """
    Backtest recorded markets with the profile that fits them, unless one is named.

    Args:
        choice: Settings, and where runs and data are.
        data: Paths or patterns; or one stored data set, export or run.
        page: Where to write an HTML report; None for none.
        part: Of the recording's time, as `A:B` in per cent.
        progress: Told (events done, events in all).
        match_trades: Which market trades an IMC Trader's orders meet: all, worse, none.
        shows_prints: Whether what a strategy of the user's own prints is shown.
        log: Where an IMC Trader's log is written, as IMC's site writes it.
        by_day: Run each day by itself, from a flat account.
        jobs: Processes that days are run in; None for one for each processor.

    Returns:
        Exit code (0 done, 2 a strategy of the user's own could not go on), the JSON
        contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    recording = open_data(choice, data, part, trades_again=True)
    from core.assembly.backtest import BacktestTerms, backtest
    from core.assembly.own_backtest import OwnRun

    own = OwnRun(choice.own_folders, match_trades, shows_prints, log)
    terms = BacktestTerms(choice.settings, own)
    if not by_day:
        code, answer = backtest(recording, terms, page, progress)
        return code, *answer
    from core.assembly.by_day import backtest_by_day

    code, answer = backtest_by_day(
        recording, terms, choice.own_signal, jobs or default_jobs(), page, progress, tell
    )
    return code, *answer


def run_fit(
    choice: Choice,
    data: Sequence[str],
    *,
    path: Path | None = None,
    part: str | None = None,
) -> tuple[dict[str, Any], str]:
    """
    Fit every model on recorded markets and write the model file.

    Args:
        choice: Settings, and where runs and data are.
        data: Paths or patterns; or one stored data set, export or run.
        path: Where to write; None for `<profile>-model.json` here.
        part: Of the recording's time, as `A:B` in per cent.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or nothing could be fitted.
    """
    from core.assembly import recorded

    recording = open_data(choice, data, part)
    return recorded.fit(recording, path or Path(f"{recording.settings.profile}-model.json"))


def run_research(
    choice: Choice,
    data: Sequence[str],
    *,
    page: Path | None = None,
    part: str | None = None,
) -> tuple[dict[str, Any], str]:
    """
    Report what recorded markets hold for a strategy.

    Args:
        choice: Settings, and where runs and data are.
        data: Paths or patterns; or one stored data set, export or run.
        page: Where to write an HTML report; None for none.
        part: Of the recording's time, as `A:B` in per cent.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    from core.assembly import recorded

    return recorded.research(open_data(choice, data, part), page)


def open_data(
    choice: Choice,
    data: Sequence[str],
    part: str | None,
    *,
    trades_again: bool = False,
) -> Recording:
    """Open a recording with the settings and the signal that are asked for."""
    stretch = stretch_of(part)
    columns = choice.columns()
    from core.assembly.opening import Opening, open_recording
    from core.settings.loader import with_overrides

    def settings_of_run(own: Settings) -> Settings:
        return with_overrides(own, choice.overrides)

    is_another = choice.profile is not None or bool(choice.files)
    return open_recording(
        Opening(
            data=data,
            part=stretch,
            columns=columns,
            settings_for=choice.settings,
            signal_for=choice.own_signal,
            run_dir=choice.run_dir,
            profile=choice.profile,
            settings_of_run=None if is_another else settings_of_run,
            report=tell,
            trades_again=trades_again,
        )
    )


def run_replay(
    choice: Choice,
    data: Sequence[str],
    speed: float,
    *,
    ends_itself: bool,
    limit_s: float | None = None,
    part: str | None = None,
    report: Callable[[str], None] = tell,
    is_verbose: bool = False,
) -> tuple[int, dict[str, Any]]:
    """
    Replay recorded markets in the foreground, for viewers of the run directory.

    Returns:
        Exit code, and the figures of the whole replay.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    stretch = stretch_of(part)
    from core.assembly.replay import ReplayOptions
    from core.assembly.replay import run_replay as run
    from core.data.store.manifest import data_store

    return run(
        ReplayOptions(
            settings_for=choice.settings,
            data=tuple(data),
            columns=choice.columns(),
            store=data_store(choice.run_dir),
            run_dir=choice.run_dir,
            speed=speed,
            ends_itself=ends_itself,
            limit_s=limit_s,
            signal_for=lambda settings: choice.own_signal(settings, report),
            part=stretch,
            is_verbose=is_verbose,
            report=report,
        )
    )


def run_verify_data(
    choice: Choice,
    data: Sequence[str],
    *,
    part: str | None = None,
    report: Callable[[str], None] = tell,
) -> tuple[int, dict[str, Any], str]:
    """
    Trade recorded markets by the compiled loop and by the live engine's, and compare.

    Returns:
        Exit code (0 identical, 4 different), the JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    stretch = stretch_of(part)
    from core.assembly.replay_verify import DataVerifyOptions, verify_data
    from core.data.store.manifest import data_store

    return verify_data(
        DataVerifyOptions(
            settings_for=choice.settings,
            data=tuple(data),
            signal_for=lambda settings: choice.own_signal(settings, report),
            columns=choice.columns(),
            store=data_store(choice.run_dir),
            part=stretch,
            report=report,
        )
    )
