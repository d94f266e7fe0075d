"""A run on a venue: what is built, in which order, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from core.assembly.city import beside_city, make_city, no_city
from core.assembly.describe import about
from core.assembly.places import Places
from core.assembly.process import log_notice, run_as_process
from core.assembly.run_folder import RunFolder
from core.assembly.trading import Trading, build
from core.assembly.venue import recording_words
from core.domain import events
from core.domain.enums import CommandKind, StateReason
from core.domain.errors import CoreError, VenueError
from core.domain.instrument import Instrument
from core.journal.manifest import Ending, write_manifest
from core.journal.writer import JournalWriter
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.models.worker import FitWorker
from core.runtime.engine import Engine
from core.runtime.host import LiveHost
from core.runtime.killed import read_word, remove_word
from core.runtime.lease_guard import LeaseGuard
from core.runtime.life import EngineLife, save, tell_trouble, tick
from core.runtime.logs import Logs
from core.runtime.own_strategy import OwnStrategyDesk, OwnStrategyOptions
from core.runtime.pages import Pages
from core.runtime.recovery import LastRun
from core.runtime.refit import Refitter
from core.runtime.reporter import Reporter
from core.runtime.warm import warm_beside
from core.serve.claim import RunDirClaim
from core.serve.server import EngineServer
from core.settings.markets import engine_instruments, markets_of
from core.settings.model import Settings
from core.strategies.plugins import LoadedSignal
from core.venues.port import Venue

if TYPE_CHECKING:
    from core.runtime.city import City

_SUMMARY_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one engine is to be run."""

    settings: Settings
    run_dir: Path
    signal: LoadedSignal | None = None
    """The user's own, as `settings.signals.mine` names it."""
    own_folders: Sequence[Path] = ()
    """Searched for the module of a strategy of the user's own."""
    limit_s: float | None = None
    """End in order after so long; None: run until stopped."""
    is_verbose: bool = False
    """Log lines for people on standard error."""
    report: Callable[[str], None] = print
    """Told what takes long while starting, and what went wrong."""


class LiveRun:
    """
    One run on a venue, from claim to farewell.

    `run` does everything in order; after `ready` is set, `host` and `life` exist.
    """

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.ready = asyncio.Event()
        self.host: LiveHost
        self.life: EngineLife
        self._settings = options.settings
        self._markets = markets_of(self._settings)
        self._instruments = engine_instruments(self._markets)
        self._folder = RunFolder(
            self._settings, options.run_dir, self._markets, self._instruments, options.signal
        )
        self._has_paper = any(each.settings.venue.kind == "paper" for each in self._markets)
        self._spread_rows = SpreadRows()
        self._models = starting_models(self._settings, self._instruments, self._spread_rows)

    async def run(self) -> int:
        """
        Live one engine life.

        Returns:
            0 for an orderly end; 70 if a part broke.

        Raises:
            FatalError: If it could not start; nothing that it started is left running.
        """
        claim = RunDirClaim(self.options.run_dir)
        places = Places(self._markets, self.options.run_dir)
        try:
            places.begin()
            logs = self._folder.start_logs(sys.stderr if self.options.is_verbose else None)
            self._redacted = logs.redacted
            try:
                return await self._run_claimed(claim, places, logs)
            finally:
                logs.close()
        except BaseException:
            if not self.ready.is_set():
                await places.abandon()
            raise
        finally:
            claim.release()

    async def _run_claimed(self, claim: RunDirClaim, places: Places, logs: Logs) -> int:
        await warm_beside(self.options.report, with_venue=self._has_paper)
        last = self._folder.read_last_run(self.options.report)
        await places.take(self._folder.run_id)
        code = 70
        try:
            code = await self._run_leased(claim, places, logs, last)
        finally:
            await places.leave(in_order=code == 0)
        return code

    async def _run_leased(
        self,
        claim: RunDirClaim,
        places: Places,
        logs: Logs,
        last: LastRun | None,
    ) -> int:
        manifest = self._folder.manifest(places)
        journal = self._folder.open_journal(places)
        write_manifest(self._folder.path, manifest)
        ending, reason = Ending.FAILED, ""
        try:
            code, reason = await self._trade(claim, places, journal, logs, last)
            ending = Ending.STOPPED if code == 0 else Ending.FAILED
        finally:
            journal.close()
            write_manifest(self._folder.path, manifest.ended(time.time_ns(), ending, reason))
        return code

    async def _trade(
        self,
        claim: RunDirClaim,
        places: Places,
        journal: JournalWriter,
        logs: Logs,
        last: LastRun | None,
    ) -> tuple[int, str]:
        """Build the engine around its journal and let it live."""
        is_same_account = (
            last is not None
            and last.state is not None
            and last.exchange_session == places.session != ""
        )
        venue = places.venue(self._folder.run_id, last if is_same_account else None)
        guard = LeaseGuard(places, venue.submit)
        trading = build(
            self._settings,
            self._instruments,
            self._folder.fresh_state(bars_kept=self._settings.models.refit_bars),
            journal,
            guard.submit,
            stop=self._end,
            log=log_notice,
            abilities=venue.abilities,
        )
        guard.attach(trading.engine)
        city = make_city(
            self._settings.city, self._instruments, trading, exchange_session=places.session
        )
        self.life = EngineLife(
            trading.engine,
            venue,
            [
                partial(tick, trading.engine, venue, guard.check),
                partial(tell_trouble, venue, trading.reporter),
                *self._beside(trading),
                *beside_city(city, trading.reporter),
            ],
        )
        self.host = self._host(trading, venue, city, logs, places.url)
        trading.tell(self._models)
        if last is not None:
            trading.carry_over(last, keep_books=is_same_account)
        self._say_what_is_odd(trading.reporter, is_same_account=is_same_account)
        self._begin(trading)
        return await self._serve(claim, trading.reporter)

    def _host(
        self, trading: Trading, venue: Venue, city: City | None, logs: Logs, url: str
    ) -> LiveHost:
        """Make what viewers see of the engine."""
        engine = trading.engine
        return LiveHost(
            self._folder.meta(venue),
            engine,
            trading.desk,
            trading.notices,
            venue,
            Pages(
                statistics=trading.ledger.statistics,
                done_orders=trading.ledger.done_orders,
                notes=lambda: engine.notes,
                log=logs.recent,
                about=partial(about, self._settings, self._folder.path, url),
                settlement=city.settlement if city is not None else no_city,
            ),
            dropped_logs=lambda: logs.dropped,
            stale_after_s=lambda: float(engine.state.params["stale_book_ms"][0]) / 1e3,
            city_feeds=city.feeds if city is not None else tuple,
        )

    def _say_what_is_odd(self, reporter: Reporter, *, is_same_account: bool) -> None:
        """Tell what a person might take for something else."""
        if self._has_paper and not is_same_account:
            reporter.say("engine", "info", "a new paper account begins: flat, with all its capital")
        for market in self._markets:
            if words := recording_words(market.settings.venue):
                reporter.say("venue", "warning", words)

    async def _serve(self, claim: RunDirClaim, reporter: Reporter) -> tuple[int, str]:
        """Let viewers in and live."""
        server = EngineServer(self.host, claim)
        await server.start()
        # What has been made up to here stays: looking through it again and again for
        # garbage would stop the loop for tens of milliseconds.
        gc.collect()
        gc.freeze()
        self.ready.set()
        try:
            return await self._live(reporter)
        finally:
            self.host.farewell = self.life.reason or "the engine has ended"
            await server.close()

    def _begin(self, trading: Trading) -> None:
        """Come up halted after a kill, which the engine that was killed may not have noted."""
        word = read_word(self.options.run_dir)
        if word is not None:
            trading.tell([events.command(CommandKind.HALT, key=StateReason.LEASE_LOST)])
            trading.engine.note({"killed": asdict(word)})
        trading.begin()
        # Only now would the run after this one find the halt in our journal.
        if word is not None and not trading.engine.journal_failure:
            remove_word(self.options.run_dir)

    def _beside(self, trading: Trading) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What goes on beside the venue for the whole life."""
        engine = trading.engine
        beside: list[Callable[[], Coroutine[Any, Any, None]]] = [
            partial(save, engine, self._settings.journal.state_every_s),
            partial(self._summarize, engine),
            trading.desk.trials.run,
        ]
        own = own_strategy(self._settings, self._instruments, trading, self.options.own_folders)
        if own is not None:
            beside.append(own.run)
        if self._settings.models.refit:
            refitter = Refitter(
                engine,
                trading.reporter,
                self._settings,
                self._instruments,
                self._spread_rows,
                FitWorker(),
            )
            beside.append(refitter.run)
        return beside

    def _end(self, reason: str) -> None:
        """What the desk does on a stop: the life it ends is made after it."""
        self.life.request_stop(reason)

    async def _live(self, reporter: Reporter) -> tuple[int, str]:
        reporter.say("engine", "info", f"run {self._folder.run_id} began")
        try:
            left = await self.life.run(self.options.limit_s)
        except VenueError as error:
            self.life.reason = str(error)
            logger.error("{}", error)
            self.options.report(str(error))
            return 2, str(error)
        except CoreError as error:
            self.life.reason = str(error)
            logger.error("{}", error)
            self.options.report(str(error))
            return 70, str(error)
        except Exception as error:  # noqa: BLE001  the last line of defence says what broke
            logger.opt(exception=error).critical("a part of the engine broke")
            reason = f"internal error: {type(error).__name__}: {error}"
            # It goes into the manifest, to the viewers and onto a terminal.
            self.life.reason = self._redacted(reason)
            self.options.report(self.life.reason)
            return 70, self.life.reason
        if left:
            reporter.say("engine", "alarm", f"{left} orders were not confirmed as canceled")
        reporter.say("engine", "info", f"run {self._folder.run_id} ended: {self.life.reason}")
        return 0, self.life.reason

    async def _summarize(self, engine: Engine) -> None:
        """For those who read lines instead of a screen."""
        while True:
            await asyncio.sleep(_SUMMARY_EVERY_S)
            account = engine.state.account[0]
            telemetry = self.host.telemetry()
            logger.info(
                "equity {:,.2f} drawdown {:.2f} % orders {} fills {} rejects {} open {} | "
                "{:.0f} events/s, wire to order p99 {:.0f} us",
                int(account["equity_nanos"]) / 1e9,
                float(account["drawdown_pct"]),
                int(account["orders"]),
                int(account["fills"]),
                int(account["rejects"]),
                int(account["open_orders"]),
                telemetry.events_per_second,
                telemetry.wire_to_order_us.p99,
            )


def own_strategy(
    settings: Settings,
    instruments: Sequence[Instrument],
    trading: Trading,
    folders: Sequence[Path],
) -> OwnStrategyDesk | None:
    """Put the user's strategy beside the engine; None where the settings name none."""
    wanted = settings.strategy
    if not wanted.python:
        return None
    options = OwnStrategyOptions(
        wanted.python, [str(folder) for folder in folders], wanted.timeout_s, wanted.memory_mb
    )
    desk = OwnStrategyDesk(options, trading.engine, trading.reporter, instruments)
    trading.observers.add(desk)
    return desk


def run_live(options: RunOptions) -> int:
    """
    Run an engine as this process until it is stopped.

    Raises:
        FatalError: If it could not start.
    """
    return run_as_process(LiveRun, options)
