"""Once a second of event time: a sample of the account and of every instrument."""

from __future__ import annotations

from core.domain.memory import Rows
from core.domain.records import HISTORY_LENGTH, SAMPLE_NS, TIMELINE_LENGTH, Account
from core.jit import njit


@njit
def sample(account: Account, instruments: Rows, history: Rows, timeline: Rows) -> None:
    """Write the next row of each ring, if a second has passed since the last one."""
    if account.ts_ns - account.sample_ts_ns < SAMPLE_NS:
        return
    account.sample_ts_ns = account.ts_ns
    row = history[account.history_head % HISTORY_LENGTH]
    row.ts_ns = account.ts_ns
    row.equity_nanos = account.equity_nanos
    row.realized_nanos = account.realized_nanos
    row.drawdown_pct = account.drawdown_pct
    row.exposure_pct = 0.0
    if account.equity_nanos > 0:
        row.exposure_pct = 100.0 * account.gross_exposure_nanos / account.equity_nanos
    slot = account.history_head % TIMELINE_LENGTH
    for index in range(instruments.shape[0]):
        instrument = instruments[index]
        point = timeline[index * TIMELINE_LENGTH + slot]
        point.ts_ns = account.ts_ns
        point.mid_ticks = instrument.mid2_ticks / 2
        point.level_ticks = instrument.level_ticks
        point.obi = instrument.obi
        point.combined = instrument.combined
        point.regime = instrument.regime
        point.regime_probability = instrument.regime_probability[instrument.regime]
        point.position_lots = instrument.position_lots
    account.history_head += 1
