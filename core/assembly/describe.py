"""What a run tells its viewers of itself."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from core import jit
from core.api.client import PROTOCOL
from core.api.topics import About
from core.domain.enums import Mode
from core.domain.instrument import NANOS, Instrument
from core.domain.layout import layout_hash
from core.domain.records import PARAMS
from core.domain.snapshot import InstrumentMeta, RunMeta
from core.journal.beginning import Beginning, records_hash
from core.journal.manifest import installed_versions
from core.kernel.state import KernelState
from core.runtime.recovery import LAYOUT, SYMBOLS
from core.settings.listing import setting_values
from core.settings.model import Settings
from core.settings.parameters import parameter_specs
from core.strategies.plugins import LoadedSignal
from core.tables.paths import display_path


def run_meta(
    settings: Settings,
    run_id: str,
    venue: str,
    settings_hash: str,
    instruments: Sequence[Instrument],
    mode: Mode | None = None,
    *,
    has_market_orders: bool = False,
) -> RunMeta:
    """Describe a run to its viewers."""
    return RunMeta(
        protocol=PROTOCOL,
        version=metadata.version("imc-cockpit"),
        run_id=run_id,
        profile=settings.profile,
        mode=mode or settings.mode,
        venue=venue,
        pid=os.getpid(),
        started_ts_ns=time.time_ns(),
        capital=float(settings.account.capital),
        currency=settings.account.currency,
        settings_hash=settings_hash,
        instruments=tuple(_instrument_meta(instrument) for instrument in instruments),
        parameters=parameter_specs(settings),
        has_market_orders=has_market_orders,
    )


def journal_meta(
    settings: Settings,
    run_id: str,
    settings_hash: str,
    instruments: Sequence[Instrument],
    state: KernelState,
    signal: LoadedSignal | None,
) -> dict[str, str]:
    """
    Describe a run to the readers of its journal: recovery, and a replay that compares.

    Args:
        settings: Of the run.
        run_id: Its name.
        settings_hash: Name of exactly these settings.
        instruments: What is traded; their order is the index.
        state: As it is before the first event; what a replay begins with is taken from it.
        signal: The user's own; None for none.
    """
    account = state.account[0]
    beginning = Beginning(
        run_id=run_id,
        kernel_hash=jit.kernel_hash(),
        layout=layout_hash(),
        records=records_hash(),
        instruments=tuple(instruments),
        parameters={name: float(state.params[name][0]) for name in PARAMS.names or ()},
        capital_nanos=int(account["capital_nanos"]),
        adopts_orphans=bool(account["adopts_orphans"]),
        bars_kept=len(state.bars) // len(instruments),
        quotes_kept=len(state.quotes) // len(instruments),
        signal=signal.name if signal is not None else "",
        signal_hash=signal.fingerprint if signal is not None else "",
    )
    return beginning.to_meta() | {
        LAYOUT: beginning.layout,
        SYMBOLS: ",".join(instrument.symbol for instrument in instruments),
        "settings_hash": settings_hash,
        "settings": settings.model_dump_json(),
    }


def _instrument_meta(instrument: Instrument) -> InstrumentMeta:
    return InstrumentMeta(
        symbol=instrument.symbol,
        tick_size=float(instrument.tick_size),
        lot_size=float(instrument.lot_size),
        price_decimals=instrument.price_decimals,
        size_decimals=instrument.size_decimals,
        tick_value=instrument.tick_value_nanos / NANOS,
        position_limit=float(instrument.to_quantity(instrument.position_limit_lots)),
    )


def about(settings: Settings, folder: Path, venue: str) -> About:
    """
    Say what this engine is, where it keeps things, and with which settings it began.

    Args:
        settings: Of the run.
        folder: Of the run, or where it would be.
        venue: Address of the venue; empty where there is none.
    """
    facts = {
        "version": metadata.version("imc-cockpit"),
        "profile": settings.profile,
        "venue": " ".join(filter(None, (settings.venue.kind, venue))),
        "folder": display_path(folder),
        "process": str(os.getpid()),
        "kernel": jit.kernel_hash(),
        **{name: version for name, version in installed_versions().items() if version},
    }
    return About(tuple(facts.items()), setting_values(settings))
