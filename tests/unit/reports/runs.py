"""Finished runs made for a test: mids by second, and fills with what follows from them."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from core.domain.enums import LiquiditySide, Regime
from core.domain.ids import Symbol
from core.domain.instrument import NANOS, Instrument
from core.domain.memory import allocate
from core.domain.records import ACCOUNT, INSTRUMENT_STATE
from core.kernel.recorder import FILL_RECORD
from core.reports.result import BacktestResult, FileUsed

START_NS = 1_700_000_000 * NANOS
"""22:13:20 UTC."""
CAPITAL = 1_000

# Asymmetric on purpose: a tick of the one is worth 0.5, of the other 0.1.
ETF = Instrument(symbol=Symbol("ETF"), tick_size=Decimal("0.5"))
RIVER = Instrument(symbol=Symbol("<River>"), tick_size=Decimal(1), lot_size=Decimal("0.1"))


class Fill(NamedTuple):
    """One fill; it happens half a second after sample `second`."""

    second: int
    instrument: int
    side: int
    lots: int
    price_ticks: int
    fee_nanos: int = 0
    liquidity: LiquiditySide = LiquiditySide.TAKER
    mid2_ticks: int | None = None
    """None: that of its second."""
    decision_mid2_ticks: int | None = None
    """None: the mid that it happened at."""


def make_run(mids2, fills=(), *, sent_lots=None, regimes=None, step_s=1, capital=CAPITAL):
    """
    Make the result of a run with a sample every `step_s` seconds.

    Args:
        mids2: Sample x instrument: bid plus ask.
        fills: In order of time.
        sent_lots: By instrument; as many as were filled if left out.
        regimes: Sample x instrument.
        step_s: Between samples.
        capital: In units of the currency.
    """
    mids2 = np.asarray(mids2, np.int64)
    samples, count = mids2.shape
    instruments = (ETF, RIVER)[:count]
    halves = np.array([i.tick_value_nanos // 2 for i in instruments])
    rows = allocate(FILL_RECORD, len(fills))
    held, cash = np.zeros((samples, count), np.int64), np.zeros((samples, count), np.int64)
    states, account = allocate(INSTRUMENT_STATE, count), allocate(ACCOUNT, 1)
    costs = [0] * count
    for row, fill in zip(rows, fills, strict=True):
        index, value = fill.instrument, 2 * fill.price_ticks * int(halves[fill.instrument])
        state, signed = states[index], fill.side * fill.lots
        before = int(state["position_lots"])
        closed = min(abs(before), fill.lots) if before * fill.side < 0 else 0
        share = costs[index] * closed // abs(before) if closed else 0
        realized = -fill.side * closed * value - share
        costs[index] += fill.side * (fill.lots - closed) * value - share
        state["position_lots"] += signed
        state["realized_nanos"] += realized
        state["fees_nanos"] += fill.fee_nanos
        state["fills"] += 1
        held[fill.second + 1 :, index] += signed
        cash[fill.second + 1 :, index] -= signed * value + fill.fee_nanos
        mid2 = int(mids2[fill.second, index]) if fill.mid2_ticks is None else fill.mid2_ticks
        decided2 = fill.decision_mid2_ticks
        row["ts_ns"] = START_NS + int((fill.second * step_s + 0.5) * NANOS)
        row["instrument"], row["side"], row["lots"] = index, fill.side, fill.lots
        row["price_ticks"], row["fee_nanos"] = fill.price_ticks, fill.fee_nanos
        row["realized_nanos"], row["liquidity"] = realized, fill.liquidity
        row["position_lots"], row["regime"] = state["position_lots"], Regime.TRENDING
        row["mid2_ticks"] = mid2
        row["decision_mid2_ticks"] = mid2 if decided2 is None else decided2
    pnl = cash + held * mids2 * halves
    for index, state in enumerate(states):
        state["notional_nanos"] = held[-1, index] * mids2[-1, index] * halves[index]
        state["unrealized_nanos"] = state["notional_nanos"] - costs[index]
    equity = capital * NANOS + pnl.sum(axis=1)
    peak = np.maximum.accumulate(equity)
    account[0]["capital_nanos"], account[0]["equity_nanos"] = capital * NANOS, equity[-1]
    account[0]["fees_nanos"] = rows["fee_nanos"].sum()
    account[0]["fills"] = len(fills)
    account[0]["max_drawdown_pct"] = 100.0 * float(np.max((peak - equity) / peak))
    filled = [int(rows["lots"][rows["instrument"] == index].sum()) for index in range(count)]
    return BacktestResult(
        instruments=instruments,
        files=(FileUsed("a.csv", "12ab", 70, {}, {}),),
        settings_hash="5e77",
        events=samples,
        seconds=0.5,
        account=account,
        states=states,
        fills=rows,
        ts_ns=START_NS + np.arange(samples, dtype=np.int64) * step_s * NANOS,
        equity_nanos=equity,
        pnl_nanos=pnl,
        regime=(
            np.full((samples, count), Regime.TRENDING, np.int64)
            if regimes is None
            else np.asarray(regimes, np.int64)
        ),
        mid2_ticks=mids2,
        position_lots=held,
        sent_lots=np.array(filled if sent_lots is None else sent_lots, np.int64),
    )


def wander(samples, *, drift=0.0, seed=3, instruments=1):
    """Twice the mids of a market that moves by a tick at most, around 1,000 ticks."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([-2, 0, 2], (samples, instruments), p=[0.3 - drift, 0.4, 0.3 + drift])
    return 2_000 + np.cumsum(steps, axis=0)


def held_long(samples, *, drift, seed=3):
    """A run that buys at once, pays a half spread of one tick, and holds."""
    mids2 = wander(samples, drift=drift, seed=seed)
    return make_run(mids2, [Fill(0, 0, 1, 5, int(mids2[0, 0]) // 2 + 1)])
