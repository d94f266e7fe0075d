"""A recording with its settings, and what is done with it in one go: run, fit, research."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from core.backtest.run import Progress, run_backtest
from core.data.dataset import RecordedMarket, in_memory
from core.data.part import Part
from core.domain.errors import DataError
from core.models.listing import list_models
from core.models.model_file import write_models
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.reports.files import write_page
from core.reports.result import BacktestResult
from core.research import page as research_page
from core.research import text as research_text
from core.research.fitted import find_pairs, find_regimes
from core.research.report import to_dict
from core.research.study import study
from core.runtime.fitting import fit_data, read_market, start_kernel
from core.settings.loader import settings_hash
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.fault import StrategyFault
from core.strategies.plugins import LoadedSignal

_MS_PER_S = 1e3

Answer = tuple[dict[str, Any], str]
"""A JSON document, and the same as text."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A backtest that has come to its end, or to that of the user's strategy."""

    result: BacktestResult
    document: dict[str, Any]
    text: str
    """The document for a person."""
    fault: StrategyFault | None = None
    """Why the user's strategy could not go on."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Recorded markets, with what they are read with."""

    data: RecordedMarket
    settings: Settings
    signal: LoadedSignal | None
    """The user's own, as the settings name it."""
    part: Part | None
    """What `data` is of its files' time; None for all of it."""

    @property
    def origin(self) -> dict[str, Any]:
        """What a document says of the part and the user's signal, where there are such."""
        said: dict[str, Any] = {}
        if self.part is not None:
            said["part"] = list(self.part)
        if self.signal is not None:
            said["signal"] = {"name": self.signal.name, "fingerprint": self.signal.fingerprint}
        return said

    @property
    def origin_text(self) -> str:
        """The same as lines, each with its end."""
        said = ""
        if self.part is not None:
            said += f"part {self.part.start_pct:g} to {self.part.stop_pct:g} % of the time\n"
        if self.signal is not None:
            name, fingerprint = self.signal.name, self.signal.fingerprint
            key = "strategy." if "=" in name else "signals.mine "
            said += f"{key}{name} {fingerprint}".rstrip() + "\n"
        return said


def run_recording(recording: Recording, progress: Progress | None) -> BacktestResult:
    """
    Run the strategy on it.

    Raises:
        FatalError: If the models cannot be used.
    """
    data, settings = recording.data, recording.settings
    return run_backtest(
        data,
        params_row(settings),
        settings.account.capital_nanos,
        simulation=settings.simulation,
        models=starting_models(settings, data.instruments, SpreadRows()),
        signal=recording.signal,
        settings_hash=settings_hash(settings),
        progress=progress,
    )


def fit(recording: Recording, path: Path) -> Answer:
    """
    Fit every model on it and write the model file.

    Raises:
        DataError: If nothing could be fitted, or the file cannot be written.
    """
    data = in_memory(recording.data)
    models = fit_data(data, recording.settings, recording.signal)
    if not models.models:
        reason = models.refused[0].reason if models.refused else "there is nothing to fit"
        raise DataError(", ".join(str(file.path) for file in data.sources), reason)
    stretch = f" {recording.part.start_pct:g}:{recording.part.stop_pct:g}" if recording.part else ""
    write_models(
        path, models, tuple(f"{file.path.name} {file.sha256}{stretch}" for file in data.sources)
    )
    document = {
        "path": str(path),
        "version": f"{models.version:012x}",
        **msgspec.to_builtins(models),
        **recording.origin,
    }
    use = f"written to {path}; use it with: --set models.file={path}"
    return document, f"{recording.origin_text}{list_models(models)}\n\n{use}"


def research(recording: Recording, page: Path | None) -> Answer:
    """
    Find out what it holds for a strategy.

    Raises:
        FatalError: If the models cannot be used or the page cannot be written.
    """
    data, settings, signal = in_memory(recording.data), recording.settings, recording.signal
    seen = read_market(data, settings, signal, keeps_quotes=False)
    bars = {symbol: rows.bars for symbol, rows in seen.items()}
    bar_s = settings.strategy.bar_ms / _MS_PER_S
    report = study(
        data,
        params_row(settings),
        pairs=find_pairs(data.instruments, bars, bar_s),
        regimes={symbol: find_regimes(rows, bar_s) for symbol, rows in bars.items()},
        state=start_kernel(data, settings, signal),
        first_quote_ns=data.first_quote_ts_ns,
    )
    if page is not None:
        write_page(page, research_page.html_report(report))
    text = recording.origin_text + research_text.text_report(report)
    return to_dict(report) | recording.origin, text
