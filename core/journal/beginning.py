"""What a run began with: all that a replay needs besides the events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from core.domain.events import EVENT
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.records import INTENT

_TEXTS = ("run_id", "kernel_hash", "layout", "records", "signal", "signal_hash")
_NUMBERS = ("capital_nanos", "bars_kept", "quotes_kept")


@lru_cache(maxsize=1)
def records_hash() -> str:
    """Fingerprint of the events and intents of this program: 16 hex digits."""
    text = f"{EVENT.descr} {INTENT.descr}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Beginning:
    """The state before the first event, in words that outlive a change of its layout."""

    run_id: str
    kernel_hash: str
    """Fingerprint of the kernel's sources."""
    layout: str
    """Fingerprint of the state's layout: what saved states can be compared with."""
    records: str
    """Fingerprint of events and intents: see `records_hash`."""
    instruments: tuple[Instrument, ...]
    parameters: Mapping[str, float]
    """The live parameters, by their names in the PARAMS record."""
    capital_nanos: int
    adopts_orphans: bool
    bars_kept: int
    """Closed bars of each instrument that were left to the fits."""
    quotes_kept: int
    """The same for books."""
    signal: str
    """The user's own, as `package.module:function`; empty for none."""
    signal_hash: str
    """Its fingerprint; empty for none."""

    def to_meta(self) -> dict[str, str]:
        """Write it as the journal keeps it."""
        return {
            **{name: getattr(self, name) for name in _TEXTS},
            **{name: str(getattr(self, name)) for name in _NUMBERS},
            "adopts_orphans": str(int(self.adopts_orphans)),
            # JSON writes the shortest text that gives the same float again.
            "parameters": json.dumps(dict(self.parameters)),
            "instruments": json.dumps([_to_json(item) for item in self.instruments]),
        }

    @classmethod
    def from_meta(cls, meta: Mapping[str, str]) -> Self:
        """
        Read it from a journal.

        Raises:
            ValueError: If something is missing or is not what it should be; names it.
        """
        missing = [name for name in (*_TEXTS, *_NUMBERS, "adopts_orphans") if name not in meta]
        missing += [name for name in ("parameters", "instruments") if name not in meta]
        if missing:
            raise ValueError(f"it does not say {', '.join(missing)}")
        texts: dict[str, Any] = {name: meta[name] for name in _TEXTS}
        numbers: dict[str, Any] = {name: int(meta[name]) for name in _NUMBERS}
        try:
            instruments = tuple(_from_json(item) for item in json.loads(meta["instruments"]))
            parameters = {
                str(name): float(value) for name, value in json.loads(meta["parameters"]).items()
            }
        except (TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ValueError(f"its instruments or parameters are damaged: {error!r}") from error
        return cls(
            **texts,
            **numbers,
            adopts_orphans=meta["adopts_orphans"] == "1",
            instruments=instruments,
            parameters=parameters,
        )


def _to_json(instrument: Instrument) -> dict[str, Any]:
    return {
        "symbol": str(instrument.symbol),
        "tick_size": str(instrument.tick_size),
        "lot_size": str(instrument.lot_size),
        "multiplier": str(instrument.multiplier),
        "position_limit_lots": instrument.position_limit_lots,
        "maker_fee_bps": instrument.maker_fee_bps,
        "taker_fee_bps": instrument.taker_fee_bps,
        "drivers": list(instrument.drivers),
        "venue": instrument.venue,
    }


def _from_json(stored: dict[str, Any]) -> Instrument:
    return Instrument(
        symbol=Symbol(stored["symbol"]),
        tick_size=Decimal(stored["tick_size"]),
        lot_size=Decimal(stored["lot_size"]),
        multiplier=Decimal(stored["multiplier"]),
        position_limit_lots=int(stored["position_limit_lots"]),
        maker_fee_bps=float(stored["maker_fee_bps"]),
        taker_fee_bps=float(stored["taker_fee_bps"]),
        drivers=tuple(map(float, stored["drivers"])),
        # Runs of older versions knew one venue only.
        venue=int(stored.get("venue", 0)),
    )
