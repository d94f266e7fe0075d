"""What a run tells its viewers of itself."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from importlib import metadata

from core.api.client import PROTOCOL
from core.domain.enums import Mode
from core.domain.instrument import NANOS, Instrument
from core.domain.snapshot import InstrumentMeta, RunMeta
from core.settings.model import Settings
from core.settings.parameters import parameter_specs


def run_meta(
    settings: Settings,
    run_id: str,
    venue: str,
    settings_hash: str,
    instruments: Sequence[Instrument],
    mode: Mode | None = None,
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
    )


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
