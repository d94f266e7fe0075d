"""A replay of a run: its journal as the only source, watched and steered, with no venue."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.api.notice_log import NoticeLog
from core.api.topics import About
from core.assembly.describe import about, run_meta
from core.assembly.process import log_notice, run_as_process
from core.assembly.verify import exit_code, find, own_signal, verification_json, verification_text
from core.domain.enums import Mode
from core.domain.errors import ConfigurationError, CoreError
from core.domain.snapshot import NO_VENUE, Notice, RunMeta
from core.journal.beginning import Beginning
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.kernel.state import KernelState
from core.runtime.logs import Logs, start_logs
from core.runtime.replay_host import ReplayHost
from core.runtime.replay_pages import replay_pages
from core.runtime.run_index import Indexer, RunIndex
from core.runtime.run_playback import RunPlayback
from core.runtime.verify import first_state, read_beginning
from core.runtime.warm import prepare_comparisons, warm_beside
from core.runtime.whatif_runner import WhatIfRunner
from core.serve.claim import RunDirClaim
from core.serve.server import EngineServer
from core.settings.loader import load_settings
from core.settings.model import Settings

_ORPHAN_CHECK_S = 0.5


@dataclass(frozen=True, slots=True)
class RunReplayOptions:
    """Which run is to be replayed, and how."""

    run: str
    """Its folder, its name in `runs`, or `latest`."""
    profile: str | None
    """Whose latest run; None for that of any."""
    runs: Path
    """Where runs are."""
    run_dir: Path | None
    """Where viewers find the replay; None for a replay that nobody watches."""
    signal_folders: Sequence[Path]
    """Where the user's own signal is looked for."""
    speed: float
    ends_itself: bool
    """End with the recording; otherwise its last picture stays until somebody leaves."""
    limit_s: float | None = None
    """End after so long; None for no limit."""
    is_verbose: bool = False
    report: Callable[[str], None] = print


class ReplayEnd:
    """The request to end, which may come from a signal, a command or the replay itself."""

    def __init__(self) -> None:
        self.reason = ""
        self._asked = asyncio.Event()

    def request_stop(self, reason: str) -> None:
        """End the replay."""
        self.reason = self.reason or reason
        self._asked.set()

    async def wait(self) -> None:
        """Until somebody asks for it."""
        await self._asked.wait()


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A run as its folder has it."""

    folder: Path
    journal: JournalReader
    beginning: Beginning
    settings: Settings
    make_state: Callable[[], KernelState]
    """A new state of the kernel, as it was before the first event."""

    def meta(self) -> RunMeta:
        """What a viewer is told of it."""
        return run_meta(
            self.settings,
            self.beginning.run_id,
            NO_VENUE,
            self.journal.meta.get("settings_hash", ""),
            self.beginning.instruments,
            Mode.REPLAY,
        )

    def about(self) -> About:
        """Versions, places and settings."""
        return about(self.settings, self.folder, "")


class RunReplay:
    """One replay of a run, from reading its journal to the farewell."""

    def __init__(self, options: RunReplayOptions) -> None:
        self.options = options
        self.ready = asyncio.Event()
        self.life = ReplayEnd()
        self.host: ReplayHost
        self.index: RunIndex | None = None
        """What the run holds; None until it has been gone through."""
        self.position = 0
        """How far it was played."""

    async def run(self) -> int:
        """
        Play until the end, or until somebody stops it.

        Returns:
            0 if every decision was the recorded one; 4 or 5 as `--verify` has it.

        Raises:
            FatalError: If there is no such run, it cannot be played, or another engine or
                replay runs in the run directory.
        """
        options = self.options
        folder = find(options.run, options.profile, options.runs)
        beginning = read_beginning(folder)
        signal = own_signal(beginning.signal, options.signal_folders)
        await warm_beside(options.report)
        with JournalReader(folder / JOURNAL) as journal:
            settings = settings_of(journal, options.report)
            make_state = partial(first_state, folder, beginning, signal)
            with (
                _own_logs(settings, is_verbose=options.is_verbose) as logs,
                _own_dir(options.run_dir) as claim,
            ):
                return await self._replay(
                    _Recorded(folder, journal, beginning, settings, make_state), claim, logs
                )

    async def _replay(self, run: _Recorded, claim: RunDirClaim | None, logs: Logs) -> int:
        """Serve from the first moment on: going through a long run takes its time."""
        shown, notices = run.make_state(), NoticeLog(run.settings.publish.notices_kept)
        self.host = ReplayHost(run.meta(), shown, notices)
        self.host.note = "reading the run"
        server = EngineServer(self.host, claim) if claim is not None else None
        if server is not None:
            await server.start()
        self.ready.set()
        try:
            index = await self._go_through(Indexer(run.journal, run.beginning, run.make_state()))
            if index is None:
                return 0
            log = log_notice if self.options.is_verbose else _keep_quiet
            playback = RunPlayback(
                run.journal, index, shown, run.make_state(), notices, self.options.speed, log
            )
            whatif = WhatIfRunner(
                run.journal, index, run.make_state, run.settings, prepare_comparisons
            )
            pages = replay_pages(index, lambda: playback.position, logs.recent, run.about)
            self.host.open(playback, whatif, pages, self.life.request_stop)
            await self._play(playback, whatif)
            self.position = playback.position
            return exit_code(index.verification)
        except CoreError as error:
            self.life.request_stop(str(error))
            raise
        finally:
            self.host.farewell = self.life.reason or "the replay has ended"
            if server is not None:
                await server.close()

    async def _go_through(self, indexer: Indexer) -> RunIndex | None:
        """Index the run with time for viewers in between; None if that was stopped."""
        waiting = asyncio.ensure_future(self.life.wait())
        try:
            for done, total in indexer.run():
                self.host.note = f"reading the run, {done * 100 // max(total, 1)} %"
                await asyncio.sleep(0)
                if waiting.done():
                    return None
        finally:
            waiting.cancel()
        self.index = indexer.index
        return self.index

    async def _play(self, playback: RunPlayback, whatif: WhatIfRunner) -> None:
        """Until the end that applies."""
        options = self.options
        tasks = [
            asyncio.create_task(playback.run()),
            asyncio.create_task(whatif.run()),
            asyncio.create_task(self.life.wait()),
        ]
        if options.ends_itself:
            tasks.append(asyncio.create_task(playback.wait_for_end()))
        else:
            tasks.append(asyncio.create_task(_until_orphaned()))
        try:
            done, _ = await asyncio.wait(
                tasks, timeout=options.limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def document(self) -> dict[str, Any]:
        """What was compared and counted, as `--json` prints it."""
        if self.index is None:
            return {}
        index = self.index
        return verification_json(index.verification) | {
            "notices": len(index.notices),
            **index.counts(),
            "played": self.position,
        }

    def text(self) -> str:
        """The same for people."""
        if self.index is None:
            return "stopped while the run was being read"
        index = self.index
        counts = ", ".join(f"{count:,} {name}" for name, count in index.counts().items())
        played = f"played: {self.position:,} of {index.length:,} events; in all of it {counts}"
        return f"{verification_text(index.verification)}\n{played}"


def run_replay_of_run(options: RunReplayOptions) -> tuple[int, dict[str, Any], str]:
    """
    Replay a run as this process.

    Returns:
        Exit code as `--verify` has it, the JSON contract, and the same as text.

    Raises:
        FatalError: If it could not be played.
    """
    made: list[RunReplay] = []

    def make(chosen: RunReplayOptions) -> RunReplay:
        made.append(RunReplay(chosen))
        return made[0]

    code = run_as_process(make, options)
    return code, made[0].document(), made[0].text()


def settings_of(journal: JournalReader, report: Callable[[str], None]) -> Settings:
    """Read the settings of a run; where this version reads them otherwise, those of today."""
    try:
        return Settings.model_validate_json(journal.meta.get("settings", ""))
    except ValueError:
        report(
            "the run's settings cannot be read by this version; its decisions do not depend on "
            "that, but bounds and descriptions of parameters are those of today"
        )
    with suppress(ConfigurationError):
        return load_settings(journal.meta.get("profile")).settings
    return load_settings().settings


@contextmanager
def _own_logs(settings: Settings, *, is_verbose: bool) -> Iterator[Logs]:
    logs = start_logs(settings.log, stream=sys.stderr if is_verbose else None)
    try:
        yield logs
    finally:
        logs.close()


@contextmanager
def _own_dir(run_dir: Path | None) -> Iterator[RunDirClaim | None]:
    """Keep other engines and replays out of the run directory, where one is needed."""
    claim = RunDirClaim(run_dir) if run_dir is not None else None
    try:
        yield claim
    finally:
        if claim is not None:
            claim.release()


async def _until_orphaned() -> None:
    """Until the process that started this one is gone: nobody else would end it."""
    starter = os.getppid()
    while os.getppid() == starter:
        await asyncio.sleep(_ORPHAN_CHECK_S)


def _keep_quiet(_: Notice) -> None:
    """Nobody reads lines."""
