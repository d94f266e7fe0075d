"""
The engine's front door: everything the command line may ask of it.

`python -m core` is one engine as a process, as the cockpit starts it. Imports are made
inside the functions: a wrong setting must not cost the time of loading the kernel.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.errors import FatalError

if TYPE_CHECKING:
    from core.api.client import EngineClient
    from core.assembly.live import LiveRun, RunOptions
    from core.assembly.recorded import Recording
    from core.settings.city import CitySettings
    from core.settings.model import Settings
    from core.strategies.plugins import LoadedSignal


def _tell(text: str) -> None:
    sys.stderr.write(f"imc-cockpit: {text}\n")
    sys.stderr.flush()


def default_run_dir() -> Path:
    """`logs/` in a checkout, else the user's state directory."""
    from core.tables import paths

    return paths.default_run_dir()


def _options(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path | None,
    report: Callable[[str], None],
    *,
    limit_s: float | None = None,
    is_verbose: bool = False,
) -> RunOptions:
    from core.settings.live_guard import check_live
    from core.settings.loader import load_settings

    settings = load_settings(profile, files, overrides).settings
    check_live(settings)
    _check_city(settings.city)
    signal = _own_signal(settings, files, report)
    from core.assembly.live import RunOptions

    return RunOptions(
        settings=settings,
        run_dir=run_dir or default_run_dir(),
        signal=signal,
        own_folders=own_folders(files),
        limit_s=limit_s,
        is_verbose=is_verbose,
        report=report,
    )


def _check_city(wanted: CitySettings) -> None:
    """Refuse a place, an event or a source that cannot be; most runs want none of them."""
    if wanted.feeds == "off" and not wanted.event:
        return
    from core.assembly.event import check_city

    check_city(wanted)


def _own_signal(
    settings: Settings, files: Sequence[Path], report: Callable[[str], None]
) -> LoadedSignal | None:
    """Load the user's own signal and target, if the settings name them."""
    wanted, strategy = settings.signals, settings.strategy
    if not (wanted.mine or strategy.target or strategy.python):
        return None
    from core.strategies.own import OwnNames, load_own

    names = OwnNames(wanted.mine, strategy.target, strategy.python)
    own = load_own(names, own_folders(files))
    if own is not None and own.complaint:
        key = "signals.mine = " if wanted.mine and not strategy.target else ""
        report(
            f'{key}"{own.name}" {own.complaint} on every sample row; '
            "where it does so in trading, it is quarantined"
        )
    return own


def own_folders(files: Sequence[Path]) -> list[Path]:
    """Where modules of the user's own are looked for."""
    return [Path.cwd(), *(file.parent for file in files)]


def run_engine(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path | None,
    *,
    limit_s: float | None = None,
    is_verbose: bool = False,
    report: Callable[[str], None] = _tell,
) -> int:
    """
    Run an engine in the foreground until it is stopped.

    Returns:
        The exit code of the command line's contract.

    Raises:
        FatalError: If it could not start; carries its exit code.
    """
    options = _options(
        profile, files, overrides, run_dir, report, limit_s=limit_s, is_verbose=is_verbose
    )
    from core.assembly.live import run_live

    return run_live(options)


class InProcessEngine:
    """The same engine as a task of the caller's loop, over a client without a socket."""

    def __init__(
        self,
        profile: str | None,
        files: Sequence[Path],
        overrides: Sequence[str],
        run_dir: Path | None,
    ) -> None:
        self._choice = (profile, files, overrides, run_dir)
        self._run: LiveRun | None = None

    def start(
        self,
        is_ready: Callable[[Callable[[], EngineClient]], None],
        report: Callable[[str], None],
    ) -> asyncio.Task[int]:
        """
        Begin a run.

        Args:
            is_ready: Called with a maker of clients once viewers can attach.
            report: Told what takes long.

        Raises:
            FatalError: If the settings cannot be used.
        """
        return asyncio.create_task(self._live(is_ready, report), name="engine")

    def stop(self) -> None:
        """Ask for an orderly end."""
        if self._run is not None and self._run.ready.is_set():
            self._run.life.request_stop("asked by the cockpit")

    async def _live(
        self,
        is_ready: Callable[[Callable[[], EngineClient]], None],
        report: Callable[[str], None],
    ) -> int:
        options = await asyncio.to_thread(_options, *self._choice, report)
        from core.assembly.live import LiveRun
        from core.serve.memory_client import MemoryClient

        run = self._run = LiveRun(options)

        async def announce() -> None:
            await run.ready.wait()
            is_ready(lambda: MemoryClient(run.host, "cockpit"))

        announcing = asyncio.create_task(announce())
        try:
            return await run.run()
        finally:
            announcing.cancel()


def run_kill(
    profile: str | None, files: Sequence[Path], overrides: Sequence[str], run_dir: Path
) -> tuple[int, dict[str, Any], str]:
    """
    Cancel everything at the venue without the engine, which can place no order from then on.

    Returns:
        Exit code (0: the venue shows no order; 4: something is left), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If no venue answers, or the settings or the key cannot be used.
    """
    from core.assembly.kill.kill import kill
    from core.settings.loader import load_settings

    report = kill(load_settings(profile, files, overrides).settings, run_dir)
    return report.exit_code, report.as_json(), report.as_text()


def check_settings(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    report: Callable[[str], None] = _tell,
) -> dict[str, Any]:
    """
    Read settings, instruments and the user's own signal without starting anything.

    Raises:
        ConfigurationError: With one line that says what is wrong where.
    """
    from core.settings.loader import load_settings, settings_hash
    from core.settings.markets import markets_of

    settings = load_settings(profile, files, overrides).settings
    entries = [entry for market in markets_of(settings) for entry in market.entries]
    _check_city(settings.city)
    signal = _own_signal(settings, files, report)
    return {
        "ok": True,
        "profile": settings.profile,
        "mode": settings.mode.value,
        "instruments": [entry.symbol for entry in entries],
        "settings_hash": settings_hash(settings, entries),
        "signal": asdict(signal) if signal else None,
    }


def live_question(
    profile: str | None, files: Sequence[Path], overrides: Sequence[str]
) -> tuple[str, str]:
    """
    Say what is at stake with real money, and which word has to be typed for it.

    Returns:
        The sentence and the word; both empty where no real money is at stake.
    """
    from core.settings.live_guard import live_word, warning
    from core.settings.loader import load_settings

    settings = load_settings(profile, files, overrides).settings
    word = live_word(settings)
    return (warning(settings), word) if word else ("", "")


def settings_table(
    profile: str | None, files: Sequence[Path], overrides: Sequence[str]
) -> list[dict[str, str]]:
    """Every setting with its value, where it came from and what it means."""
    from core.settings.listing import list_settings
    from core.settings.loader import load_settings

    return [asdict(line) for line in list_settings(load_settings(profile, files, overrides))]


def profile_names() -> tuple[str, ...]:
    """Names of the profiles that ship with the program."""
    from core.settings.loader import profile_names as names

    return names()


def diagnose(run_dir: Path, profile: str | None = None) -> list[dict[str, str]]:
    """Check machine and installation: name, state (ok, warning, problem) and text of each."""
    from core.settings import doctor

    return [asdict(check) for check in doctor.diagnose(run_dir, profile)]


def warm_up(report: Callable[[str], None]) -> float:
    """Compile or load the kernel. Returns the seconds it took."""
    started_s = time.perf_counter()
    from core.runtime.warm import warm_everything

    warm_everything(report)
    return time.perf_counter() - started_s


def run_exchange(
    port: int | None,
    seed: int,
    speed: float,
    faults: Path | None = None,
    *,
    cmi_port: int | None = None,
    cmi_requests_per_s: float = 0.0,
) -> int:
    """
    Run the practice exchange in the foreground.

    Args:
        port: None for the usual one, 0 for any that is free.
        seed: Of the market.
        speed: Exchange seconds per second.
        faults: File of what is to go wrong.
        cmi_port: Of the same market as a CMI exchange; 0 for any that is free, None for none.
        cmi_requests_per_s: Of one CMI user; further ones are refused with 429. 0: no limit.

    Raises:
        AddressInUse: If a port is taken.
    """
    from core.exchange.__main__ import run

    arguments = ["--seed", str(seed), "--speed", str(speed), "--idle-exit-s", "0"]
    if port is not None:
        arguments += ["--port", str(port)]
    if faults is not None:
        arguments += ["--faults", str(faults)]
    if cmi_port is not None:
        arguments += ["--cmi-port", str(cmi_port)]
    arguments += ["--cmi-requests-per-s", str(cmi_requests_per_s)]
    return run(arguments)


def run_backtest(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    data: Sequence[str],
    *,
    page: Path | None = None,
    part: str | None = None,
    run_dir: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    match_trades: str = "all",
    shows_prints: bool = False,
    log: Path | None = None,
) -> tuple[int, dict[str, Any], str]:
    """
    Backtest recorded markets with the profile that fits them, unless one is named.

    Args:
        profile: None for the one of the data's kind.
        files: Settings over the profile.
        overrides: Single settings over those.
        data: Paths or patterns; or one stored data set, export or run.
        page: Where to write an HTML report; None for none.
        part: Of the recording's time, as `A:B` in per cent.
        run_dir: Where runs are, and the store of data sets; None for the usual place.
        progress: Told (events done, events in all).
        match_trades: Which market trades an IMC Trader's orders meet: all, worse, none.
        shows_prints: Whether what a strategy of the user's own prints is shown.
        log: Where an IMC Trader's log is written, as IMC's site writes it.

    Returns:
        Exit code (0 done, 2 a strategy of the user's own could not go on), the JSON
        contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    from core.assembly import recorded

    recording = open_data(profile, files, overrides, data, part, run_dir, trades_again=True)
    if not recording.settings.strategy.python:
        return 0, *recorded.backtest(recording, page, progress)
    from core.assembly.own_backtest import OwnRun, backtest_own

    run = OwnRun(own_folders(files), match_trades, shows_prints, log)
    answer, fault = backtest_own(
        recording, settings_for(profile, files, overrides), run, page, progress
    )
    return 0 if fault is None else fault.exit_code, *answer


def run_fit(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    data: Sequence[str],
    *,
    path: Path | None = None,
    part: str | None = None,
    run_dir: Path | None = None,
) -> tuple[dict[str, Any], str]:
    """
    Fit every model on recorded markets and write the model file.

    Args:
        profile: None for the one of the data's kind.
        files: Settings over the profile.
        overrides: Single settings over those.
        data: Paths or patterns; or one stored data set, export or run.
        path: Where to write; None for `<profile>-model.json` here.
        part: Of the recording's time, as `A:B` in per cent.
        run_dir: Where runs are, and the store of data sets; None for the usual place.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or nothing could be fitted.
    """
    from core.assembly import recorded

    recording = open_data(profile, files, overrides, data, part, run_dir)
    return recorded.fit(recording, path or Path(f"{recording.settings.profile}-model.json"))


def run_research(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    data: Sequence[str],
    *,
    page: Path | None = None,
    part: str | None = None,
    run_dir: Path | None = None,
) -> tuple[dict[str, Any], str]:
    """
    Report what recorded markets hold for a strategy.

    Args:
        profile: None for the one of the data's kind.
        files: Settings over the profile.
        overrides: Single settings over those.
        data: Paths or patterns; or one stored data set, export or run.
        page: Where to write an HTML report; None for none.
        part: Of the recording's time, as `A:B` in per cent.
        run_dir: Where runs are, and the store of data sets; None for the usual place.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    from core.assembly import recorded

    return recorded.research(open_data(profile, files, overrides, data, part, run_dir), page)


def open_data(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    data: Sequence[str],
    part: str | None,
    run_dir: Path | None,
    *,
    trades_again: bool = False,
) -> Recording:
    """Open a recording with the settings and the signal that are asked for."""
    from core.data.part import parse_part

    stretch = None if part is None else parse_part(part)
    from core.settings.loader import load_data_settings, with_overrides

    columns = load_data_settings(profile, files, overrides)
    from core.assembly.opening import Opening, open_recording

    is_another = profile is not None or bool(files)
    return open_recording(
        Opening(
            data=data,
            part=stretch,
            columns=columns,
            settings_for=settings_for(profile, files, overrides),
            signal_for=lambda settings: _own_signal(settings, files, _tell),
            run_dir=run_dir or default_run_dir(),
            profile=profile,
            settings_of_run=None if is_another else lambda own: with_overrides(own, overrides),
            report=_tell,
            trades_again=trades_again,
        )
    )


def settings_for(
    profile: str | None, files: Sequence[Path], overrides: Sequence[str]
) -> Callable[[str], Settings]:
    """Settings over the named profile, or else over the one the data asks for."""
    from core.settings.loader import load_settings

    return lambda fitting: load_settings(profile or fitting or None, files, overrides).settings


def run_replay(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path,
    data: Sequence[str],
    speed: float,
    *,
    ends_itself: bool,
    limit_s: float | None = None,
    part: str | None = None,
    report: Callable[[str], None] = _tell,
    is_verbose: bool = False,
) -> tuple[int, dict[str, Any]]:
    """
    Replay recorded markets in the foreground, for viewers of `run_dir`.

    Returns:
        Exit code, and the figures of the whole replay.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    from core.data.part import parse_part

    stretch = None if part is None else parse_part(part)
    from core.assembly.replay import ReplayOptions
    from core.assembly.replay import run_replay as run
    from core.data.store.manifest import data_store
    from core.settings.loader import load_data_settings

    return run(
        ReplayOptions(
            settings_for=settings_for(profile, files, overrides),
            data=tuple(data),
            columns=load_data_settings(profile, files, overrides),
            store=data_store(run_dir),
            run_dir=run_dir,
            speed=speed,
            ends_itself=ends_itself,
            limit_s=limit_s,
            signal_for=lambda settings: _own_signal(settings, files, report),
            part=stretch,
            is_verbose=is_verbose,
            report=report,
        )
    )


def run_replay_of_run(
    run: str,
    profile: str | None,
    files: Sequence[Path],
    runs: Path,
    run_dir: Path | None,
    speed: float,
    *,
    ends_itself: bool,
    limit_s: float | None = None,
    report: Callable[[str], None] = _tell,
    is_verbose: bool = False,
) -> tuple[int, dict[str, Any], str]:
    """
    Replay a run of the engine in the foreground, comparing its decisions.

    Args:
        run: Folder of the run, its name in `runs`, or `latest`.
        profile: Whose latest run; None for that of any.
        files: The user's own signal is looked for beside these, too.
        runs: Where runs are.
        run_dir: Where viewers find the replay; None for one that nobody watches.
        speed: Recorded seconds per second; infinite for as fast as possible, 0 to wait.
        ends_itself: End with the recording.
        limit_s: End after so long.
        report: Told what takes long.
        is_verbose: Log lines for people on standard error.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If there is no such run, or it cannot be played.
    """
    from core.assembly.replay_run import RunReplayOptions
    from core.assembly.replay_run import run_replay_of_run as run_it

    return run_it(
        RunReplayOptions(
            run=run,
            profile=profile,
            runs=runs,
            run_dir=run_dir,
            signal_folders=[Path.cwd(), *(file.parent for file in files)],
            speed=speed,
            ends_itself=ends_itself,
            limit_s=limit_s,
            is_verbose=is_verbose,
            report=report,
        )
    )


def run_whatif(
    run: str,
    profile: str | None,
    files: Sequence[Path],
    runs: Path,
    key: str,
    value: str,
    where: str,
    *,
    report: Callable[[str], None] = _tell,
) -> tuple[dict[str, Any], str]:
    """
    Compare the rest of a run with the same run with another parameter, both simulated.

    Args:
        run: Folder of the run, its name in `runs`, or `latest`.
        profile: Whose latest run; None for that of any.
        files: The user's own signal is looked for beside these, too.
        runs: Where runs are.
        key: Of a live parameter.
        value: What it would have been.
        where: From where on, as `seek` takes it.
        report: Told what takes long.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If there is no such run, place or parameter.
    """
    from core.assembly.whatif import WhatIfOptions, whatif, whatif_json, whatif_text

    folders = [Path.cwd(), *(file.parent for file in files)]
    view = whatif(WhatIfOptions(run, profile, runs, folders, key, value, where, report))
    return whatif_json(view), whatif_text(view)


def run_report(
    run: str,
    profile: str | None,
    files: Sequence[Path],
    runs: Path,
    path: Path | None,
    *,
    force: bool = False,
    report: Callable[[str], None] = _tell,
) -> tuple[int, Path, str]:
    """
    Write a run as one HTML page.

    Args:
        run: Folder of the run, its name in `runs`, or `latest`.
        profile: Whose latest run; None for that of any.
        files: The user's own signal is looked for beside these, too.
        runs: Where runs are.
        path: Of the page; None for the run's name with `.html`, here.
        force: Replace a page that is there.
        report: Told what takes long.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the page's path, and
        what was compared, in a line.

    Raises:
        FatalError: If there is no such run, it cannot be read, or the page not be written.
    """
    from core.assembly.run_report import RunReportOptions, report_run

    folders = [Path.cwd(), *(file.parent for file in files)]
    return report_run(RunReportOptions(run, profile, runs, folders, path, force, report))


def data_path(name: str, run_dir: Path) -> str:
    """Where DATA is, for a process with another run directory: patterns stay what they are."""
    from core.data.store.manifest import MANIFEST, data_store

    stored = data_store(run_dir) / name
    for path in (Path(name), stored if (stored / MANIFEST).is_file() else None):
        if path is not None and path.exists():
            return str(path.resolve())
    return name


def run_data_import(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path,
    name: str,
    data: Sequence[str],
    *,
    store: Path | None = None,
    force: bool = False,
) -> tuple[dict[str, Any], str]:
    """
    Write recorded markets into the store, file by file.

    Args:
        profile: Of the settings that say which column is what; None for the usual one.
        files: Settings over the profile.
        overrides: Single settings over those.
        run_dir: Whose store it is.
        name: Of the data set.
        data: Paths or patterns; or one data set, export or run.
        store: Another store's folder.
        force: Replace a data set of this name.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or the store not be written.
    """
    from core.settings.loader import load_data_settings

    columns = load_data_settings(profile, files, overrides)
    from core.assembly.data_store import DataPlace, import_data

    place = DataPlace(columns, run_dir, store, profile)
    return import_data(place, name, data, force=force)


def run_data_list(run_dir: Path, store: Path | None = None) -> tuple[dict[str, Any], str]:
    """List what is in a store: the JSON contract, and the same as text."""
    from core.assembly.data_store import list_data
    from core.data.store.manifest import data_store

    return list_data(store or data_store(run_dir))


def run_data_check(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path,
    data: Sequence[str],
    *,
    store: Path | None = None,
    gap_steps: float | None = None,
) -> tuple[int, dict[str, Any], str]:
    """
    Go through recorded markets, and say what they are like.

    Arguments are those of `run_data_import`; `gap_steps` is the length of a gap in usual steps.

    Returns:
        Exit code (0 fine, 5 damaged), the JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used at all.
    """
    from core.settings.loader import load_data_settings

    columns = load_data_settings(profile, files, overrides)
    from core.assembly.data_store import DataPlace, check_data

    return check_data(DataPlace(columns, run_dir, store, profile), data, gap_steps)


def run_export(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path,
    data: Sequence[str],
    path: Path,
) -> tuple[dict[str, Any], str]:
    """
    Write all events of a run, or recorded markets, into one Parquet file.

    Arguments are those of `run_data_import`; `path` is the file's.

    Returns:
        The JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used, or the file not be written.
    """
    from core.settings.loader import load_data_settings

    columns = load_data_settings(profile, files, overrides)
    from core.assembly.data_store import DataPlace, export_data

    return export_data(DataPlace(columns, run_dir, None, profile), data, path)


def find_run(name: str, profile: str | None, run_dir: Path) -> Path | None:
    """Folder of the run that is meant; None where the name means a recording."""
    from core.journal.manifest import LATEST
    from core.journal.manifest import find_run as find

    if name != LATEST:
        return find(name, profile, run_dir)
    from core.assembly.verify import find as find_or_refuse

    return find_or_refuse(name, profile, run_dir)


def run_verify(
    run: str,
    profile: str | None,
    files: Sequence[Path],
    run_dir: Path,
    report: Callable[[str], None] = _tell,
) -> tuple[int, dict[str, Any], str]:
    """
    Step through a run again and compare every decision byte for byte.

    Args:
        run: Folder of the run, its name in `run_dir`, or `latest`.
        profile: Whose latest run; None for that of any.
        files: The user's own signal is looked for beside these, too.
        run_dir: Where runs are.
        report: Told what takes long.

    Returns:
        Exit code (0 identical, 4 different, 5 the journal is damaged), the JSON contract,
        and the same as text.

    Raises:
        FatalError: If there is no such run, or it cannot be compared.
    """
    from core.assembly.verify import verify_run

    return verify_run(run, profile, run_dir, [Path.cwd(), *(file.parent for file in files)], report)


def run_verify_data(
    profile: str | None,
    files: Sequence[Path],
    overrides: Sequence[str],
    run_dir: Path,
    data: Sequence[str],
    *,
    part: str | None = None,
    report: Callable[[str], None] = _tell,
) -> tuple[int, dict[str, Any], str]:
    """
    Trade recorded markets by the compiled loop and by the live engine's, and compare.

    Returns:
        Exit code (0 identical, 4 different), the JSON contract, and the same as text.

    Raises:
        FatalError: If settings or data cannot be used.
    """
    from core.data.part import parse_part

    stretch = None if part is None else parse_part(part)
    from core.assembly.replay_verify import DataVerifyOptions, verify_data
    from core.data.store.manifest import data_store
    from core.settings.loader import load_data_settings

    return verify_data(
        DataVerifyOptions(
            settings_for=settings_for(profile, files, overrides),
            data=tuple(data),
            signal_for=lambda settings: _own_signal(settings, files, report),
            columns=load_data_settings(profile, files, overrides),
            store=data_store(run_dir),
            part=stretch,
            report=report,
        )
    )


def main(arguments: list[str] | None = None) -> int:
    """Parse what the cockpit passes on, and run one engine."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    parser.add_argument("--profile")
    parser.add_argument("--config", type=Path, action="append", default=[])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--run-dir", type=Path)
    parser.add_argument("--for", dest="limit_s", type=float)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--replay", nargs="+", metavar="DATA", help="recorded data, not a venue")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--replay-run", type=Path, metavar="FOLDER", help="a recorded run")
    parser.add_argument("--part", metavar="A:B", help="per cent of the recording's time")
    options = parser.parse_args(arguments)
    with suppress(KeyboardInterrupt):
        try:
            if options.replay_run:
                return run_replay_of_run(
                    str(options.replay_run),
                    options.profile,
                    options.config,
                    options.replay_run.parent,
                    options.run_dir,
                    options.speed,
                    ends_itself=False,
                    limit_s=options.limit_s,
                )[0]
            if options.replay:
                return run_replay(
                    options.profile,
                    options.config,
                    options.overrides,
                    options.run_dir,
                    options.replay,
                    options.speed,
                    ends_itself=False,
                    limit_s=options.limit_s,
                    part=options.part,
                )[0]
            return run_engine(
                options.profile,
                options.config,
                options.overrides,
                options.run_dir,
                limit_s=options.limit_s,
                is_verbose=options.verbose,
            )
        except FatalError as error:
            _tell(str(error))
            return error.exit_code
    return 130


if __name__ == "__main__":
    sys.exit(main())
