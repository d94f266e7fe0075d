"""
Where the profit went: what the moves of the mid were worth, and what trading took off.

With a side of +1 or -1 and M the last mid, a fill at price p that was decided on at mid d
and happened at mid m adds side · lots · (M - p) to the profit. That is the sum of

    gross    side · lots · (M - d)    had everything been traded at the mid it was decided on
    delay    side · lots · (m - d)    taken off: the mid went away before the fill
    spread   side · lots · (p - m)    taken off: half the spread and slippage; < 0 is earned
    fees

Everything is whole nanos, so the sum is exact. A fill without a mid counts as one at its
price, one without a mid of its decision as one at the mid it happened at: both are
counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.domain.memory import IntArray, Rows
from core.reports.plain import money
from core.reports.result import BacktestResult


class FillCosts(NamedTuple):
    """Nanos of each fill; > 0 was paid."""

    delay: IntArray
    spread: IntArray
    worth: IntArray
    """What it took in, at the mid it was decided on: > 0 for a purchase."""


def costs_of(result: BacktestResult) -> dict[str, Any]:
    """
    Break the profit of a run down, in units of the currency.

    Returns:
        `gross`, `delay`, `spread` with what was `spread_paid` less what was
        `spread_earned`, `fees`, `net`; gross less the costs is `net`, and `unexplained` is
        what the account says beyond that: 0 unless something was booked that is no fill.
        The same `by_instrument`, and the fills that lack a mid.
    """
    values = np.array([i.tick_value_nanos for i in result.instruments], np.int64)
    fills = result.fills
    each = fill_costs(fills, values)
    rows = {}
    for index, instrument in enumerate(result.instruments):
        is_ours = fills["instrument"] == index
        picked = FillCosts(*(part[is_ours] for part in each))
        state = result.states[index]
        pnl = int(state["realized_nanos"] + state["unrealized_nanos"] - state["fees_nanos"])
        fees = int(fills["fee_nanos"][is_ours].sum())
        rows[str(instrument.symbol)] = _breakdown(picked, int(state["notional_nanos"]), fees, pnl)
    total = {key: sum(row[key] for row in rows.values()) for key in _KEYS}
    return {
        **{key: money(nanos) for key, nanos in total.items()},
        "fills_without_mid": int(np.count_nonzero(fills["mid2_ticks"] <= 0)),
        "fills_without_decision_mid": int(np.count_nonzero(fills["decision_mid2_ticks"] <= 0)),
        "by_instrument": {
            symbol: {key: money(nanos) for key, nanos in row.items()}
            for symbol, row in rows.items()
        },
    }


_KEYS = ("gross", "delay", "spread", "spread_paid", "spread_earned", "fees", "net", "unexplained")


def fill_costs(fills: Rows, tick_values_nanos: IntArray) -> FillCosts:
    """Compute what each fill cost, from FILL_RECORD rows and the worth of a tick by instrument."""
    # A mid may lie between two ticks; the worth of a tick is even, so half of it is whole.
    halves = tick_values_nanos[fills["instrument"]] // 2
    price2 = 2 * fills["price_ticks"]
    mid2 = np.where(fills["mid2_ticks"] > 0, fills["mid2_ticks"], price2)
    decision2 = np.where(fills["decision_mid2_ticks"] > 0, fills["decision_mid2_ticks"], mid2)
    signed = fills["side"] * fills["lots"] * halves
    return FillCosts(
        delay=signed * (mid2 - decision2),
        spread=signed * (price2 - mid2),
        worth=signed * decision2,
    )


def _breakdown(costs: FillCosts, notional_nanos: int, fees: int, pnl: int) -> dict[str, int]:
    gross = notional_nanos - int(costs.worth.sum())
    delay, spread = int(costs.delay.sum()), int(costs.spread.sum())
    paid = int(costs.spread[costs.spread > 0].sum())
    net = gross - delay - spread - fees
    figures = (gross, delay, spread, paid, paid - spread, fees, net, pnl - net)
    return dict(zip(_KEYS, figures, strict=True))
