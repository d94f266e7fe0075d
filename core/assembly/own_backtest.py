"""Backtests in which a strategy of the user's own decides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.assembly.recorded import Ran, Recording
from core.backtest.beside import read_beside
from core.backtest.driven import DrivenTerms, run_driven
from core.backtest.run import Progress
from core.backtest.site_log import SiteLog
from core.backtest.terms import assumptions
from core.backtest.trader import TraderRun, TraderTerms, run_trader
from core.data.dataset import in_memory
from core.data.days import prosperity_day
from core.domain.errors import ConfigurationError
from core.kernel.prosperity import MATCH_ALL, MATCH_NONE, MATCH_WORSE
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.reports.summary import summarize
from core.reports.text import text_report
from core.settings.loader import settings_hash
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.limits import ready_within
from core.strategies.prints import printing_to
from core.strategies.python_class import LoadedClass, StrategyKind, load_class

TRADER_PROFILE = "prosperity-trader"
"""Whose limits leave a Trader to the exchange's."""

MATCHINGS = {"all": MATCH_ALL, "worse": MATCH_WORSE, "none": MATCH_NONE}
"""By the words of `--match-trades`."""


@dataclass(frozen=True, slots=True)
class OwnRun:
    """How a strategy of the user's own is run in a backtest."""

    folders: Sequence[Path]
    """Searched for its module."""
    match_trades: str = "all"
    """One of MATCHINGS; for a Trader."""
    is_verbose: bool = False
    """Show what it prints, on standard error."""
    log: Path | None = None
    """Where a log in the form of IMC's site is written, of a Trader."""


def run_own(
    recording: Recording,
    settings_for: Callable[[str], Settings],
    run: OwnRun,
    progress: Progress | None,
) -> Ran:
    """
    Run the user's strategy, as the settings name it, on a recording.

    A Trader on Prosperity's data has a profile of its own, unless another one is named.

    Args:
        recording: Opened with the settings that fit its kind.
        settings_for: Called with the name of a profile.
        run: How it is run.
        progress: Told how far the run is.

    Raises:
        FatalError: If strategy or data cannot be used, or a file cannot be written.
    """
    name = recording.settings.strategy.python
    with printing_to(sys.stderr if run.is_verbose else None), ready_within(name):
        loaded = load_class(name, run.folders)
    if loaded.kind is StrategyKind.HANDLERS:
        return _drive(recording, loaded, run, progress)
    if recording.settings.profile == recording.data.profile:
        recording = replace(recording, settings=settings_for(TRADER_PROFILE))
    return _trade(recording, loaded, run, progress)


def _trade(
    recording: Recording,
    loaded: LoadedClass,
    run: OwnRun,
    progress: Progress | None,
) -> Ran:
    """Run an IMC Trader."""
    settings, data = recording.settings, in_memory(recording.data)
    shown = sys.stderr if run.is_verbose else None
    log = None
    if run.log is not None:
        symbols = [str(instrument.symbol) for instrument in data.instruments]
        log = SiteLog(prosperity_day(data.first_ts_ns), symbols, shown)
    done = run_trader(
        data,
        loaded,
        params_row(settings),
        settings.account.capital_nanos,
        TraderTerms(
            matching=MATCHINGS[run.match_trades],
            timeout_s=settings.strategy.timeout_s,
            memory_mb=settings.strategy.memory_mb,
            prints_to=shown if log is None else log.prints,
        ),
        beside=read_beside(data),
        settings_hash=settings_hash(settings),
        progress=progress,
        log=log,
    )
    if log is not None and run.log is not None:
        log.write(run.log)
    summary = summarize(done.result)
    document = summary | {"strategy": trader_json(loaded, done, run.match_trades)}
    text = f"{text_report(summary)}\n\n{trader_text(loaded, done, run.match_trades)}"
    return Ran(done.result, document, text, done.fault)


def _drive(
    recording: Recording,
    loaded: LoadedClass,
    run: OwnRun,
    progress: Progress | None,
) -> Ran:
    """Run a class with handlers."""
    if run.log is not None:
        raise ConfigurationError(f"--log is of an IMC Trader's run, and {loaded.name} is none")
    settings, data = recording.settings, recording.data
    done = run_driven(
        data,
        loaded,
        params_row(settings),
        settings.account.capital_nanos,
        DrivenTerms(
            timeout_s=settings.strategy.timeout_s,
            memory_mb=settings.strategy.memory_mb,
            prints_to=sys.stderr if run.is_verbose else None,
        ),
        simulation=settings.simulation,
        models=starting_models(settings, data.instruments, SpreadRows()),
        signal=recording.signal,
        settings_hash=settings_hash(settings),
        progress=progress,
    )
    summary = summarize(done.result)
    document = summary | {
        "simulation": settings.simulation.model_dump(mode="json"),
        "strategy": {
            "name": loaded.name,
            "fingerprint": loaded.fingerprint,
            "calls": done.calls,
            "seconds_inside": done.strategy_s,
            "unfinished": str(done.fault) if done.fault is not None else "",
        },
    }
    lines = [
        text_report(summary),
        f"assumes: {assumptions(settings.simulation)}",
        "",
        f"{loaded.name} {loaded.fingerprint}",
        (
            f"called {done.calls:,} times, {done.strategy_s:.2f} s of "
            f"{done.result.seconds:.2f} s inside it"
        ),
    ]
    if done.fault is not None:
        lines.append(f"UNFINISHED: {done.fault}")
    return Ran(done.result, document, "\n".join(lines), done.fault)


def trader_json(loaded: LoadedClass, done: TraderRun, match_trades: str) -> dict[str, Any]:
    """Say what a Trader did beyond the account's figures."""
    return {
        "name": loaded.name,
        "fingerprint": loaded.fingerprint,
        "match_trades": match_trades,
        "ticks": done.ticks,
        "seconds_inside": done.trader_s,
        "sent": done.sent,
        "over_limit": done.over_limit,
        "blocked": dict(done.blocked),
        "refused": dict(done.refused),
        "conversions": done.conversions,
        "unfinished": str(done.fault) if done.fault is not None else "",
    }


def trader_text(loaded: LoadedClass, done: TraderRun, match_trades: str) -> str:
    """Write the same for a person."""
    total = done.result.seconds
    lines = [
        f"{loaded.name} {loaded.fingerprint}, market trades matched: {match_trades}",
        (
            f"asked in {done.ticks:,} ticks, {done.trader_s:.2f} s of {total:.2f} s inside it; "
            f"{done.sent:,} orders sent"
        ),
        f"canceled by the exchange's position limits: {done.over_limit:,} orders",
        "held back by our risk gate: " + (_counts(done.blocked) or "none"),
    ]
    for reason, count in done.refused.items():
        lines.append(f"not sent, {reason}: {count:,}, such as {done.examples[reason]}")
    if done.conversions:
        lines.append(f"conversions asked for and not carried out: {done.conversions:,}")
    if done.fault is not None:
        lines.append(f"UNFINISHED: {done.fault}")
    return "\n".join(lines)


def _counts(counts: Any) -> str:
    return "  ".join(f"{code} {count:,}" for code, count in counts.items())
