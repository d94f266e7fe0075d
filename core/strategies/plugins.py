"""The user's own signal or target: found, compiled, tried, handed over by its address."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.domain.enums import OwnStrategy, Regime
from core.domain.errors import ConfigurationError
from core.domain.instrument import NANOS
from core.domain.memory import Rows, allocate
from core.domain.records import INSTRUMENT_STATE, WINDOW
from core.jit import is_jit_disabled, place_of
from core.kernel.plugin import register_uncompiled
from core.kernel.state import SIGNAL, TARGET, KernelState
from core.strategies.modules import (
    LONGEST_REASON,
    file_of,
    fingerprint,
    hint,
    import_module,
    missing,
    one_line,
)

_COMPILED: dict[int, Any] = {}
"""Compiled functions by address: their code must outlive every state that calls it."""


@dataclass(frozen=True, slots=True)
class LoadedSignal:
    """What of the user's own the kernel can call."""

    name: str
    """As in the settings: `package.module:function`."""
    fingerprint: str
    """Of the name and the file of its module: 16 hex digits."""
    address: int
    """Of the signal; 0 for none."""
    complaint: str
    """What is wrong with its values on every sample row; empty if nothing is."""
    target_address: int = 0
    """Of the target that comes with it, or alone."""
    strategy: OwnStrategy = OwnStrategy.NONE
    """Who decides by commands, in place of the built-in evaluation."""


def load_signal(name: str, folders: Sequence[Path]) -> LoadedSignal:
    """
    Load the user's own signal: `def mine(row) -> float` of one INSTRUMENT_STATE record.

    The function is compiled and tried on two sample rows. Faults of its values are no
    reason to refuse it, because the kernel quarantines it when they happen in trading.

    Args:
        name: `package.module:function`.
        folders: Searched for the module before the usual places.

    Raises:
        ConfigurationError: If there is no such function, it does not take one row, does
            not compile, writes to the row, or answers the same row differently.
    """
    return _load(f'signals.mine = "{name}"', name, folders)


def load_target(name: str, folders: Sequence[Path]) -> LoadedSignal:
    """
    Load the user's own target: `def target(row) -> float`, the share of the cap wanted.

    See `load_signal`: all that is said there holds for it.
    """
    return _load(f'strategy.target = "{name}"', name, folders)


def _load(label: str, name: str, folders: Sequence[Path]) -> LoadedSignal:
    module_name, _, function_name = name.partition(":")
    module = import_module(label, module_name, folders)
    function = _find(label, module, function_name)
    call, address = _uncompiled(function) if is_jit_disabled() else _compile(label, function)
    return LoadedSignal(name, fingerprint(name, module), address, _try(label, call))


def install(state: KernelState, own: LoadedSignal | None) -> None:
    """Let a state call the user's functions from its next event on; None for none."""
    state.addresses[SIGNAL] = 0 if own is None else own.address
    state.addresses[TARGET] = 0 if own is None else own.target_address
    if own is not None and own.strategy is not OwnStrategy.NONE:
        state.account[0]["own_strategy"] = own.strategy.value


def _find(label: str, module: ModuleType, name: str) -> Callable[..., Any]:
    """Look the function up, and through a decorator of numba's to what was written."""
    if not hasattr(module, name):
        raise missing(label, module, "function", name, callable)
    found = getattr(module, name)
    function = getattr(found, "py_func", found)
    if not inspect.isfunction(function):
        raise ConfigurationError(
            f"{label}: {name} in {file_of(module)} is no plain function "
            f"but of type {type(found).__name__}"
        )
    signature = inspect.signature(function)
    try:
        signature.bind(None)
    except TypeError as error:
        raise ConfigurationError(
            f"{label}: {name}{signature} must take one argument, the row of its instrument"
        ) from error
    return function


def _uncompiled(function: Callable[..., Any]) -> tuple[Callable[..., Any], int]:
    def call(row: Rows) -> Any:
        # Compiled code divides by zero in silence; so does this.
        with np.errstate(all="ignore"):
            return function(row)

    return call, register_uncompiled(call)


def _compile(label: str, function: Callable[..., Any]) -> tuple[Callable[..., Any], int]:
    import numba

    record = numba.from_dtype(INSTRUMENT_STATE)
    try:
        compiled: Any = numba.njit(numba.float64(record), error_model="numpy")(function)
    except Exception as error:
        reason = _compiler_reason(error, str(record))
        raise ConfigurationError(f"{label} does not compile: {reason}") from error
    result = compiled.overloads[compiled.signatures[0]]
    address = place_of(result)
    _COMPILED[address] = compiled
    return compiled, address


def _compiler_reason(error: Exception, record: str) -> str:
    """Say in one line what numba says in many; its name of the record alone fills a page."""
    names = INSTRUMENT_STATE.names or ()
    if isinstance(error, KeyError):
        field = str(error.args[0])
        return f"a row has no field {field}{hint(field, names)}"
    place = getattr(getattr(error, "loc", None), "line", None)
    line = f" (line {place})" if place else ""
    said = [text.strip() for text in str(error).replace(record, "row").splitlines()]
    reasons = [text for text in said if text and not text.startswith("Failed in nopython mode")]
    reason = reasons[0] if reasons else type(error).__name__
    returned = re.match(r"No conversion from (.+) to float64", reason)
    if returned:
        reason = f"it returns {returned[1]}, not a number"
    return reason[:LONGEST_REASON] + line


def _try(label: str, call: Callable[..., Any]) -> str:
    """Call the function twice on each sample row. Returns what is wrong with every answer."""
    rows = sample_rows()
    before = rows.tobytes()
    first, second = ([_answer(call, row) for row in rows] for _ in range(2))
    if rows.tobytes() != before:
        raise ConfigurationError(f"{label} writes to the row; it may only read it")
    if list(map(repr, first)) != list(map(repr, second)):
        raise ConfigurationError(
            f"{label} gives two answers for one row; a replay could not repeat what it did"
        )
    complaints = [complaint for _, complaint in first]
    return complaints[-1] if all(complaints) else ""


def _answer(call: Callable[..., Any], row: Rows) -> tuple[float, str]:
    """Value, and what is wrong with it."""
    try:
        value = float(call(row))
    except Exception as error:  # noqa: BLE001  whatever a user's function raises is its fault
        return 0.0, f"raises {one_line(error)}"
    if not math.isfinite(value):
        return value, f"returns {value}"
    return value, f"returns {value:g}, outside [-1, 1]" if abs(value) > 1.0 else ""


def sample_rows() -> Rows:
    """Make two INSTRUMENT_STATE rows: one that has seen nothing, one in a lively market."""
    rows = allocate(INSTRUMENT_STATE, 2)
    row = rows[1]
    levels = np.arange(row["bid_ticks"].shape[0])
    values: dict[str, Any] = {
        "tick_value_nanos": NANOS, "position_limit_lots": 200, "taker_fee_bps": 2.0,
        "book_state": 1, "book_ts_ns": 1_763_800_000 * NANOS, "book_events": 500,
        "bid_ticks": 3_400 - levels, "bid_lots": 10 + levels,
        "ask_ticks": 3_403 + levels, "ask_lots": 7 + 2 * levels,
        "mid2_ticks": 6_803, "half_spread_ticks": 1.5, "microprice_ticks": 3_401.76,
        "depth_price_ticks": 3_401.9, "last_price_ticks": 3_403, "last_trade_side": 1,
        "obi": 0.2, "ofi": 3.0, "ofi_scale": 8.0, "bought_lots": 12.0, "sold_lots": 5.0,
        "bar_start_ns": 1_763_799_999 * NANOS, "bars": 2 * WINDOW, "returns": 2 * WINDOW - 1,
        "close_mid2_ticks": 6_800, "closes": 6_790 + np.arange(WINDOW) % 7,
        "last_return_ticks": 0.5, "return_variance": 2.25, "fast_variance": 3.0,
        "volatility_ticks": 1.7, "autocorrelation": -0.1, "features": [0.3, 0.14, -0.1],
        "level_ticks": 3_400.2, "slope_ticks": 0.05, "kalman_gain": 0.2,
        "innovation_ticks": 1.3, "innovation_deviation_ticks": 2.0,
        "regime": Regime.MEAN_REVERTING.value, "regime_probability": [0.0, 0.2, 0.7, 0.1],
        "spread_signal": -0.3, "spread_reach_ticks": 4.0, "fair_ticks": 3_404.0,
        "fair_error_ticks": 2.0, "position_lots": 12, "cost_nanos": 40_800 * NANOS,
        "notional_nanos": 40_818 * NANOS, "unrealized_nanos": 18 * NANOS,
    }  # fmt: skip
    for field, value in values.items():
        row[field] = value
    return rows
