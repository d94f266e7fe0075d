"""A sweep from the command line: data, space, crew, report."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.assembly.recorded import Recording
from core.data.event_file import write_events
from core.domain.errors import ConfigurationError, DataError
from core.domain.instrument import NANOS
from core.reports.bars import length_for
from core.reports.files import write_page
from core.research.sweep.cluster import ClusterCrew
from core.research.sweep.crew import Crew, local_crew
from core.research.sweep.evaluation import Laboratory
from core.research.sweep.page import sweep_page
from core.research.sweep.report import sweep_json
from core.research.sweep.results import Results
from core.research.sweep.score import Objective
from core.research.sweep.search import Plan, Sampler
from core.research.sweep.space import Values, load_space, overrides
from core.research.sweep.splits import Scheme, cut
from core.research.sweep.sweep import SweepResult, Told, run_sweep
from core.research.sweep.text import sweep_text
from core.runtime.warm import warm
from core.settings.model import Settings

_LEAST_FOLDS, _MOST_FOLDS = 2, 50

_LEAST_FOLD_S = 60
"""A shorter fold is over before the windows of a strategy are filled."""


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What is swept, and how."""

    space: Path
    sampler: str
    trials: int
    objectives: tuple[str, ...]
    folds: int
    scheme: str
    embargo_s: float
    seed: int
    prunes: bool
    jobs: int
    cluster: str
    """Address of a Dask scheduler; empty for processes of this machine."""
    study: Path | None
    """Where outcomes are kept; None for nowhere."""
    page: Path | None


def sweep(
    recording: Recording,
    settings_for: Callable[[Sequence[str]], Settings],
    options: SweepOptions,
    told: Told,
    report: Callable[[str], None],
    signal_folders: Sequence[Path],
) -> tuple[dict[str, Any], str]:
    """
    Run a sweep.

    Args:
        recording: The data, and the settings that the space varies.
        settings_for: Settings with some more overrides.
        options: How.
        told: Told how far it is.
        report: Told what takes long.
        signal_folders: Where the user's own signal is looked for.

    Returns:
        The JSON document, and the same as text.

    Raises:
        FatalError: If data, space, study or cluster cannot be used.
    """
    space = load_space(options.space)
    plan = Plan(
        Sampler(options.sampler),
        options.trials,
        tuple(Objective(name) for name in options.objectives),
        round(options.embargo_s * NANOS),
        options.seed,
        options.prunes,
    )
    # The kernel is compiled here once, not by each process of the crew.
    warm(report)
    with tempfile.TemporaryDirectory(prefix="imc-cockpit-sweep-") as folder:
        laboratory = _laboratory(recording, options, Path(folder), signal_folders)
        results = Results(options.study, laboratory)
        crew = _crew(laboratory, options)
        try:
            result = run_sweep(
                laboratory, crew, results, space, plan, Scheme(options.scheme),
                lambda values: _as_json(settings_for, values), told,
            )  # fmt: skip
        finally:
            crew.close()
            results.close()
    return _answer(result, recording, options.page)


def _answer(
    result: SweepResult, recording: Recording, page: Path | None
) -> tuple[dict[str, Any], str]:
    document = sweep_json(result)
    if page is not None:
        write_page(page, sweep_page(result, document))
    return document | recording.origin, recording.origin_text + sweep_text(document)


def _as_json(settings_for: Callable[[Sequence[str]], Settings], values: Values) -> str:
    return settings_for(overrides(values)).model_dump_json()


def _laboratory(
    recording: Recording, options: SweepOptions, folder: Path, signal_folders: Sequence[Path]
) -> Laboratory:
    data = recording.data
    if recording.settings.strategy.python:
        raise ConfigurationError(
            f'strategy.python = "{recording.settings.strategy.python}" runs event by event, too '
            "slow for a sweep; write it as strategy.target, or try values with `backtest --set`"
        )
    if data.is_session:
        raise DataError(
            data.sources[0].path, "is a run of the engine, which cannot be cut into folds"
        )
    if not _LEAST_FOLDS <= options.folds <= _MOST_FOLDS:
        raise ConfigurationError(
            f"--folds {options.folds} is outside {_LEAST_FOLDS} to {_MOST_FOLDS}"
        )
    span_s = (data.last_ts_ns - data.first_ts_ns) / NANOS
    if span_s < options.folds * _LEAST_FOLD_S:
        raise ConfigurationError(
            f"--folds {options.folds} cuts {span_s:,.0f} s of data into folds of less than "
            f"{_LEAST_FOLD_S} s, too short to trade in; take fewer folds or more data"
        )
    market = write_events(data, folder / "events.bin")
    return Laboratory(
        market,
        cut(data.first_ts_ns, data.last_ts_ns, options.folds),
        length_for(span_s) * NANOS,
        tuple(str(place.resolve()) for place in signal_folders),
        _fingerprints(recording),
    )


def _fingerprints(recording: Recording) -> tuple[str, ...]:
    found = [recording.signal.fingerprint] if recording.signal is not None else []
    if recording.settings.models.file:
        content = Path(recording.settings.models.file).read_bytes()
        found.append(hashlib.blake2b(content, digest_size=8).hexdigest())
    return tuple(found)


def _crew(laboratory: Laboratory, options: SweepOptions) -> Crew:
    if options.cluster:
        return ClusterCrew(laboratory, options.cluster)
    return local_crew(laboratory, options.jobs)
