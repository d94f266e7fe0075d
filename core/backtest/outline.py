"""What every backtest begins and ends with."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.dataset import RecordedMarket
from core.domain.enums import VenueState
from core.domain.events import EventRow, load, stamp, venue_state
from core.domain.memory import Rows
from core.domain.records import SAMPLE_NS
from core.kernel.batch import run_events
from core.kernel.recorder import Recorder, take_sample
from core.kernel.state import KernelState
from core.reports.result import BacktestResult, FileUsed


def connect(state: KernelState, intents: Rows, ts_ns: int, models: Sequence[EventRow] = ()) -> None:
    """Give the kernel its models, and a venue that knows of no orders."""
    rows = [*models, venue_state(VenueState.CONNECTED), venue_state(VenueState.SYNCED)]
    for number, row in enumerate(rows, start=1):
        stamp(row, number, ts_ns)
    run_events(state, load(rows), 0, len(rows), intents)


def most_samples(data: RecordedMarket) -> int:
    """One a second and at most one an event, and the last one."""
    return min((data.last_ts_ns - data.first_ts_ns) // SAMPLE_NS, data.length) + 2


def outline(
    data: RecordedMarket,
    state: KernelState,
    recorder: Recorder,
    fills: Rows,
    seconds: float,
    settings_hash: str,
) -> BacktestResult:
    """Take the last sample and put together what a run leaves behind, whole or not."""
    take_sample(state, recorder, int(state.account[0]["ts_ns"]))
    curves, samples = recorder.curves, int(recorder.clock[0]["samples"])
    return BacktestResult(
        instruments=data.instruments,
        files=tuple(
            FileUsed(str(file.path), file.sha256, file.rows, file.skipped, file.repaired)
            for file in data.sources
        ),
        settings_hash=settings_hash,
        events=data.length,
        seconds=seconds,
        account=state.account,
        states=state.instruments,
        fills=fills,
        ts_ns=curves.ts_ns[:samples],
        equity_nanos=curves.equity_nanos[:samples],
        pnl_nanos=curves.pnl_nanos[:samples],
        regime=curves.regime[:samples],
        mid2_ticks=curves.mid2_ticks[:samples],
        position_lots=curves.position_lots[:samples],
        sent_lots=recorder.sent_lots,
    )
