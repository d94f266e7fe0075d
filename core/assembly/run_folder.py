"""What one run leaves behind: its folder, journal, manifest and log; and what the last one left."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pydantic import SecretStr

from core import jit
from core.assembly.describe import journal_meta, run_meta
from core.assembly.places import Places
from core.assembly.trading import fresh_state
from core.domain.instrument import Instrument
from core.domain.layout import layout_hash
from core.domain.snapshot import RunMeta
from core.journal.manifest import JOURNAL as JOURNAL_FILE
from core.journal.manifest import Manifest, new_run_id
from core.journal.writer import JournalWriter
from core.kernel.state import KernelState
from core.runtime.logs import Logs, start_logs
from core.runtime.recovery import EXCHANGE_SESSION, LastRun, find_last_run, read_last_run
from core.settings.credentials import load_city_keys, load_secrets
from core.settings.loader import settings_hash
from core.settings.markets import Market
from core.settings.model import Settings
from core.strategies.plugins import LoadedSignal
from core.venues.port import Venue


class RunFolder:
    """
    Folder of one run, from its name on.

    Args:
        settings: Of the run.
        run_dir: Where all runs are.
        markets: What is traded where; part of the settings' name.
        instruments: In the order of the kernel's indexes.
        signal: The user's own; None for none.
    """

    def __init__(
        self,
        settings: Settings,
        run_dir: Path,
        markets: Sequence[Market],
        instruments: Sequence[Instrument],
        signal: LoadedSignal | None,
    ) -> None:
        self._settings = settings
        self._run_dir = run_dir
        self._markets = markets
        self._instruments = instruments
        self._signal = signal
        entries = [entry for market in markets for entry in market.entries]
        self._settings_hash = settings_hash(settings, entries)
        self._started_ts_ns = time.time_ns()
        self.run_id = new_run_id(settings.profile, datetime.now(UTC), secrets.token_hex(2))
        self.path = run_dir / self.run_id

    def start_logs(self, stream: TextIO | None) -> Logs:
        """
        Make the folder and log into it; no secret that the settings name gets there.

        Args:
            stream: As for `core.runtime.logs.start_logs`.

        Raises:
            FatalError: If there can be no such file, or the file of secrets cannot be read.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        return start_logs(
            self._settings.log,
            folder=self.path,
            stream=stream,
            secrets=hidden_secrets(self._settings, self._markets),
        )

    def open_journal(self, places: Places) -> JournalWriter:
        """Open the journal, with what a reader has to know first."""
        wanted = self._settings.journal
        bars_kept = self._settings.models.refit_bars
        journal = JournalWriter.open(
            self.path / JOURNAL_FILE,
            journal_meta(
                self._settings,
                self.run_id,
                self._settings_hash,
                self._instruments,
                self.fresh_state(bars_kept=bars_kept),
                self._signal,
            ),
            checkpoint_ms=wanted.checkpoint_ms,
            max_wal_mb=wanted.max_wal_mb,
            keep_states=wanted.keep_states,
        )
        journal.note(
            0,
            time.time_ns(),
            {EXCHANGE_SESSION: places.session, "url": places.url, "lease": places.tokens},
        )
        return journal

    def manifest(self, places: Places) -> Manifest:
        """Say what runs here, for those who look into the folder."""
        return Manifest(
            run_id=self.run_id,
            profile=self._settings.profile,
            mode=self._settings.mode,
            settings_hash=self._settings_hash,
            kernel_hash=jit.kernel_hash(),
            started_ts_ns=self._started_ts_ns,
            signal_hash=self._signal.fingerprint if self._signal is not None else "",
            venue_url=places.url,
        )

    def meta(self, venue: Venue) -> RunMeta:
        """Describe the run to its viewers."""
        return run_meta(
            self._settings,
            self.run_id,
            venue.name,
            self._settings_hash,
            self._instruments,
            has_market_orders=venue.abilities.has_market_orders,
        )

    def fresh_state(self, *, bars_kept: int = 0) -> KernelState:
        """Make the state as it is before the first event."""
        return fresh_state(self._settings, self._instruments, self._signal, bars_kept=bars_kept)

    def read_last_run(self, report: Callable[[str], None]) -> LastRun | None:
        """
        Read what the last run of this profile left; None where there was none.

        Args:
            report: Told what of it cannot be carried over.
        """
        folder = find_last_run(self._run_dir, self._settings.profile)
        if folder is None:
            return None
        symbols = ",".join(instrument.symbol for instrument in self._instruments)
        last = read_last_run(folder, self.fresh_state(), layout_hash(), symbols)
        if last.damage:
            report(f"run {last.run_id} is not continued whole: {last.damage}")
        return last


def hidden_secrets(settings: Settings, markets: Sequence[Market]) -> list[SecretStr]:
    """
    List every secret that the settings name and the environment has.

    Raises:
        ConfigurationError: If the file of secrets cannot be read.
    """
    found = [secret for each in markets for secret in load_secrets(each.settings.venue).hidden]
    return [*found, *load_city_keys(settings.city).known.values()]
