"""A replay: recorded books as a venue, watched and steered like a live one."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from core.api.topics import no_settlement
from core.assembly.describe import about, run_meta
from core.assembly.process import log_notice, run_as_process
from core.assembly.replay_engine import recorded_engine
from core.data.dataset import DataSet, in_memory
from core.data.market import open_market
from core.data.part import Part
from core.domain.enums import Mode
from core.journal.manifest import new_run_id
from core.runtime.engine import Engine
from core.runtime.life import EngineLife
from core.runtime.logs import Logs, start_logs
from core.runtime.pages import Pages
from core.runtime.playback import Playback
from core.runtime.replay_desk import RecordedDesk
from core.runtime.replay_host import RecordedHost
from core.runtime.replay_journal import NoJournal
from core.runtime.replay_pages import NOT_RECORDED
from core.runtime.warm import warm_beside
from core.serve.claim import RunDirClaim
from core.serve.server import EngineServer
from core.settings.data import DataSettings
from core.settings.loader import settings_hash
from core.settings.model import Settings
from core.strategies.own import refuse_python
from core.strategies.plugins import LoadedSignal

_ORPHAN_CHECK_S = 0.5


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What is to be replayed, and how."""

    settings_for: Callable[[str], Settings]
    """Settings over the profile of this name, which is the data's own."""
    data: tuple[str, ...]
    """Paths or patterns."""
    run_dir: Path
    """Where viewers find it: a world of its own, apart from a live engine's."""
    speed: float
    ends_itself: bool
    """End with the recording; otherwise its last picture stays until somebody leaves."""
    signal_for: Callable[[Settings], LoadedSignal | None]
    """The user's own signal, as the settings name it."""
    columns: DataSettings | None = None
    """Which column is what, of tables that do not say."""
    store: Path | None = None
    """Where stored data sets are looked for by name."""
    limit_s: float | None = None
    """End after so long; None for no limit."""
    part: Part | None = None
    """Of the recording's time; None for all of it."""
    is_verbose: bool = False
    report: Callable[[str], None] = print


class ReplayRun:
    """One replay from the first event to the last."""

    def __init__(self, options: ReplayOptions) -> None:
        self.options = options
        self.ready = asyncio.Event()
        self.life: EngineLife
        self.host: RecordedHost
        self.result: dict[str, Any] = {}
        """Figures of the whole replay, once it has ended."""

    async def run(self) -> int:
        """
        Play until the end, or until somebody stops it.

        Raises:
            FatalError: If the data cannot be used or another replay runs here.
        """
        options = self.options
        options.report("reading the recording")
        market = open_market(options.data, options.columns, options.store)
        if options.part is not None:
            market = market.part(*options.part)
        data = in_memory(market)
        settings = options.settings_for(data.profile)
        await warm_beside(options.report)
        logs = start_logs(settings.log, stream=sys.stderr if options.is_verbose else None)
        try:
            claim = RunDirClaim(options.run_dir)
            try:
                return await self._play(data, settings, claim, logs)
            finally:
                claim.release()
        finally:
            logs.close()

    async def _play(self, data: DataSet, settings: Settings, claim: RunDirClaim, logs: Logs) -> int:
        options = self.options
        own = options.signal_for(settings)
        refuse_python(own, "a replay of recorded data")
        played = recorded_engine(
            data,
            settings,
            own,
            NoJournal(),
            stop=lambda reason: self.life.request_stop(reason),  # noqa: PLW0108  made after it
            log=log_notice,
        )
        engine, venue, ledger = played.engine, played.venue, played.ledger
        playback = Playback(played.past, options.speed, partial(self._on_end, engine))
        beside = [playback.run]
        if not options.ends_itself:
            beside.append(self._end_with_the_cockpit)
        self.life = EngineLife(engine, venue, beside)
        run_id = new_run_id(settings.profile, datetime.now(UTC), secrets.token_hex(2))
        self.host = RecordedHost(
            run_meta(
                settings, run_id, venue.name, settings_hash(settings), data.instruments, Mode.REPLAY
            ),
            engine,
            played.desk,
            played.notices,
            venue,
            Pages(
                statistics=ledger.statistics,
                done_orders=ledger.done_orders,
                notes=lambda: engine.notes,
                log=logs.recent,
                about=partial(about, settings, options.run_dir, ""),
                settlement=lambda: no_settlement(NOT_RECORDED),
            ),
            dropped_logs=lambda: logs.dropped,
            stale_after_s=lambda: float("inf"),
        )
        self.host.play(playback, played.past, RecordedDesk(playback, self.life.request_stop))
        server = EngineServer(self.host, claim)
        await server.start()
        self.ready.set()
        try:
            await self.life.run(options.limit_s)
            if not self.result:
                self._sum_up(engine)
            return 0
        finally:
            self.host.farewell = self.life.reason or "the replay has ended"
            await server.close()

    async def _end_with_the_cockpit(self) -> None:
        """Stop when the process that started this one is gone: nobody else would."""
        starter = os.getppid()
        while os.getppid() == starter:
            await asyncio.sleep(_ORPHAN_CHECK_S)
        self.life.request_stop("the cockpit is gone")
        await asyncio.Event().wait()

    def _on_end(self, engine: Engine, is_done: bool) -> None:
        self.result = {}
        if is_done:
            # Before the orderly stop, whose cancels are no decisions of the strategy.
            self._sum_up(engine)
        if is_done and self.options.ends_itself:
            self.life.request_stop("the recording has ended")

    def _sum_up(self, engine: Engine) -> None:
        account = engine.state.account[0]
        self.result = {
            "events": engine.seq,
            "orders": int(account["orders"]),
            "fills": int(account["fills"]),
            "pnl": (int(account["equity_nanos"]) - int(account["capital_nanos"])) / 1e9,
            "decision_hash": f"{int(account['decision_hash']):016x}",
        }


def run_replay(options: ReplayOptions) -> tuple[int, dict[str, Any]]:
    """
    Run a replay as this process.

    Returns:
        Exit code and figures.

    Raises:
        FatalError: If it could not start.
    """
    made: list[ReplayRun] = []

    def make(chosen: ReplayOptions) -> ReplayRun:
        made.append(ReplayRun(chosen))
        return made[0]

    code = run_as_process(make, options)
    return code, made[0].result
