"""From a wish to a number of lots."""

from __future__ import annotations

import math

from core.domain.enums import OrderOrigin, Outcome, Regime, TradingState
from core.domain.records import Account, InstrumentState, Params
from core.jit import njit
from core.kernel.risk import position_cap_lots, refuse


@njit
def blocking_code(account: Account, instrument: InstrumentState, params: Params) -> int:
    """
    Say why the signal does not justify holding anything, or 0 if it does.

    A code here means a target of zero: the position is let go, nothing is opened. The
    user's own target needs no justification, only to be well.
    """
    if instrument.has_target != 0:
        if instrument.target_code == 0:
            return 0
        return refuse(account, Outcome.BAD_TARGET.value, instrument.target_code, 0.0)
    probability = instrument.regime_probability[instrument.regime]
    if probability < params.min_regime_probability:
        return refuse(
            account, Outcome.UNCERTAIN_REGIME.value, probability, params.min_regime_probability
        )
    strength = abs(instrument.combined)
    if strength < params.min_signal:
        return refuse(account, Outcome.BELOW_THRESHOLD.value, strength, params.min_signal)
    if instrument.confidence < params.min_confidence:
        return refuse(
            account, Outcome.LOW_CONFIDENCE.value, instrument.confidence, params.min_confidence
        )
    return 0


@njit
def risk_cap_lots(account: Account, instrument: InstrumentState, params: Params) -> float:
    """Lots whose typical move in one bar is `max_bar_risk_pct` of equity."""
    move_nanos = instrument.volatility_ticks * instrument.tick_value_nanos
    if move_nanos <= 0.0:
        return math.inf
    return float(account.equity_nanos * (params.max_bar_risk_pct / 100.0) / move_nanos)


@njit
def settlement_cap_lots(account: Account, instrument: InstrumentState, params: Params) -> float:
    """
    Lots whose settlement is usually off by `max_settlement_risk_pct` of equity.

    A price that stands still between two news moves by much of that error at the next.
    """
    error_nanos = instrument.fair_error_ticks * instrument.tick_value_nanos
    if instrument.fair_ts_ns == 0 or error_nanos <= 0.0:
        return math.inf
    return float(account.equity_nanos * (params.max_settlement_risk_pct / 100.0) / error_nanos)


@njit
def target_lots(account: Account, instrument: InstrumentState, params: Params) -> int:
    """
    Position wanted: cap x signal x confidence, smaller in a volatile market.

    The cap is what capital, venue, the move of one bar and the error of a settlement allow;
    what people hold by hand on the same side takes its place in it. The user's own target
    is a share of what capital and venue allow, and the market's mood is its own affair.
    From `drawdown_reduce_pct` on every target is halved. Rounds towards zero.
    """
    allowed = position_cap_lots(account, instrument, params)
    if instrument.has_target != 0:
        wish = float(allowed) * instrument.combined
    else:
        cap = min(
            float(allowed),
            risk_cap_lots(account, instrument, params),
            settlement_cap_lots(account, instrument, params),
        )
        wish = cap * instrument.combined * instrument.confidence
        if instrument.regime == Regime.HIGH_VOLATILITY:
            wish *= params.high_volatility_scale
    if account.drawdown_pct >= params.drawdown_reduce_pct:
        wish *= 0.5
    by_hand = int(instrument.part_lots[OrderOrigin.MANUAL])
    if wish > 0.0:
        return min(int(wish), max(0, allowed - by_hand))
    return max(int(wish), min(0, -allowed - by_hand))


@njit
def reduce_only(account: Account, position_lots: int, target: int) -> int:
    """While only reducing is allowed, a target may lie between the position and zero."""
    if account.trading_state == TradingState.ACTIVE:
        return target
    if position_lots > 0:
        return min(max(target, 0), position_lots)
    return max(min(target, 0), position_lots)
