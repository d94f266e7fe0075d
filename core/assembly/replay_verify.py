"""`replay DATA --verify`: recorded data traded by both loops, and what they have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.assembly.replay_engine import RecordedEngine, recorded_engine, recorded_state
from core.assembly.verify import DIFFERENT, IDENTICAL
from core.backtest.run import run_backtest
from core.backtest.terms import simulated_desk
from core.data.dataset import DataSet, in_memory
from core.data.market import open_market
from core.data.part import Part
from core.kernel.state import from_bytes, to_bytes
from core.models.model_set import SpreadRows
from core.models.startup import starting_models
from core.reports.result import BacktestResult
from core.runtime.difference import Difference
from core.runtime.replay_compare import Listening, Lockstep, LoopsCompared
from core.runtime.warm import warm
from core.settings.data import DataSettings
from core.settings.model import Settings
from core.settings.parameters import params_row
from core.strategies.own import refuse_python
from core.strategies.plugins import LoadedSignal, install


@dataclass(frozen=True, slots=True)
class DataVerifyOptions:
    """What is to be traded twice."""

    settings_for: Callable[[str], Settings]
    """Settings over the profile of this name, which is the data's own."""
    data: tuple[str, ...]
    """Paths or patterns."""
    signal_for: Callable[[Settings], LoadedSignal | None]
    """The user's own signal, as the settings name it."""
    columns: DataSettings | None = None
    """Which column is what, of tables that do not say."""
    store: Path | None = None
    """Where stored data sets are looked for by name."""
    part: Part | None = None
    """Of the recording's time; None for all of it."""
    report: Callable[[str], None] = print


@dataclass(slots=True)
class DataVerification:
    """Both lives of a recording."""

    names: Sequence[str]
    digests: Sequence[str]
    compared: LoopsCompared
    orders: int
    fills: int
    decision_hash: str
    """Of the live loop, as is what stands before it."""


def verify_data(options: DataVerifyOptions) -> tuple[int, dict[str, Any], str]:
    """
    Trade recorded data by the compiled loop and by the live engine's, and compare.

    Returns:
        IDENTICAL or DIFFERENT, the JSON contract, and the same as text.

    Raises:
        FatalError: If the data cannot be used.
    """
    market = open_market(options.data, options.columns, options.store)
    if options.part is not None:
        market = market.part(*options.part)
    data = in_memory(market)
    settings = options.settings_for(data.profile)
    own = options.signal_for(settings)
    refuse_python(own, "a replay of recorded data")
    warm(options.report)
    result = asyncio.run(verify_loops(data, settings, own))
    code = IDENTICAL if result.compared.identical else DIFFERENT
    return code, verification_json(result), verification_text(result)


async def verify_loops(
    data: DataSet, settings: Settings, own: LoadedSignal | None
) -> DataVerification:
    """Trade it in one go as a backtest, and then row by row in both loops."""
    tested = _backtest(data, settings, own)
    heard = Listening()
    played = recorded_engine(data, settings, own, heard, stop=lambda _: None, log=lambda _: None)
    played.observers.add(heard)
    connected = asyncio.create_task(played.venue.run(played.engine))
    await asyncio.sleep(0)
    try:
        compared = _compare(data, settings, own, played, heard)
    finally:
        connected.cancel()
        with suppress(asyncio.CancelledError):
            await connected
    return _verification(data, played, compared, tested)


def _backtest(data: DataSet, settings: Settings, own: LoadedSignal | None) -> BacktestResult:
    return run_backtest(
        data,
        params_row(settings),
        settings.account.capital_nanos,
        simulation=settings.simulation,
        models=starting_models(settings, data.instruments, SpreadRows()),
        signal=own,
    )


def _compare(
    data: DataSet,
    settings: Settings,
    own: LoadedSignal | None,
    played: RecordedEngine,
    heard: Listening,
) -> LoopsCompared:
    """Go through it in both loops, from the state of the one whose venue is connected."""
    state = recorded_state(data, settings)
    install(state, own)
    from_bytes(state, to_bytes(played.engine.state))
    desk = simulated_desk(data, settings.simulation)
    lockstep = Lockstep(data, played.engine, played.rows, heard, state, desk)
    for _ in lockstep.run():
        pass
    return lockstep.result


def _verification(
    data: DataSet, played: RecordedEngine, compared: LoopsCompared, tested: BacktestResult
) -> DataVerification:
    account = played.engine.state.account[0]
    result = DataVerification(
        names=[file.path.name for file in data.sources],
        digests=[file.sha256 for file in data.sources],
        compared=compared,
        orders=int(account["orders"]),
        fills=int(account["fills"]),
        decision_hash=f"{int(account['decision_hash']):016x}",
    )
    if compared.identical:
        _compare_in_one_go(result, tested)
    return result


def _compare_in_one_go(result: DataVerification, tested: BacktestResult) -> None:
    """Row by row and in one go must come to the same, too."""
    account = tested.account[0]
    there = (f"{int(account['decision_hash']):016x}", int(account["orders"]), int(account["fills"]))
    here = (result.decision_hash, result.orders, result.fills)
    if there != here:
        told = ("decision hash {}, {} orders, {} fills".format(*each) for each in (there, here))
        result.compared.first_difference = Difference(0, "", "", "backtest", *told)


def verification_json(result: DataVerification) -> dict[str, Any]:
    """What was compared, by the keys of a run's verification where they mean the same."""
    compared = result.compared
    difference = compared.first_difference
    return {
        "data": [
            {"name": name, "sha256": digest}
            for name, digest in zip(result.names, result.digests, strict=True)
        ],
        "events": compared.events,
        "decisions": compared.decisions,
        "states": compared.states,
        "orders": result.orders,
        "fills": result.fills,
        "identical": compared.identical,
        "first_difference": (
            {"position": compared.position, **asdict(difference)}
            if difference is not None
            else None
        ),
        "decision_hash": result.decision_hash,
    }


def verification_text(result: DataVerification) -> str:
    """Say the same to people."""
    compared = result.compared
    difference = compared.first_difference
    verdict = "identical, byte for byte" if difference is None else "DIFFERENT"
    lines = [f"{', '.join(result.names)}: {verdict}"]
    if difference is not None:
        where = f"at row {compared.position:,} ({difference.kind}, {difference.ts})"
        lines += [
            f"first difference: {difference.what} {where if compared.position else 'at the end'}",
            f"  compiled loop: {difference.recorded}",
            f"  engine's loop: {difference.replayed}",
        ]
    lines.append(
        f"compared: {compared.decisions:,} decisions, {compared.fills:,} fills and "
        f"{compared.states:,} whole states over {compared.events:,} rows"
    )
    return "\n".join([*lines, f"decision hash {result.decision_hash}"])
