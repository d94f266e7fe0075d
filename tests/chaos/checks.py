"""
What must hold, whatever goes wrong: checked from outside, in plain Python.

None of it uses the kernel's own sums: limits are measured on the order table and the
positions, and the truth is the exchange's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.api.view import LIVE_STATUSES
from core.domain.enums import IntentKind, OrderOrigin, Readiness, TradingState
from core.exchange.account import Account
from core.kernel.state import KernelState

_LIVE = sorted(int(status) for status in LIVE_STATUSES)
_SLACK = 1e-9


class Violation(BaseException):
    """An invariant that does not hold. No exception of the program's: nothing may catch it."""

    def __init__(self, invariant: str, text: str) -> None:
        self.invariant = invariant
        super().__init__(f"{invariant}: {text}")


def check_money(state: KernelState) -> None:
    """Cash and positions at the mark are equity, which is capital and what was made of it."""
    account = state.account[0]
    worth = int(account["cash_nanos"])
    for row in state.instruments:
        mark = int(row["mid2_ticks"]) * (int(row["tick_value_nanos"]) // 2)
        unpriced = int(row["unpriced_lots"])
        if mark and not unpriced:
            worth += int(row["position_lots"]) * mark
        else:
            worth += int(row["notional_nanos"])
        explained = int(row["buy_lots"]) - int(row["sell_lots"]) + int(row["adjusted_lots"])
        if explained != int(row["position_lots"]):
            raise Violation(
                "fills add up", f"{explained} lots explained, {int(row['position_lots'])} held"
            )
    made = (
        int(account["capital_nanos"])
        + int(account["realized_nanos"])
        + int(account["unrealized_nanos"])
        - int(account["fees_nanos"])
    )
    equity = int(account["equity_nanos"])
    if not worth == made == equity:
        raise Violation("identity", f"cash and marks {worth}, parts {made}, equity {equity}")


def check_order(state: KernelState, intent: dict[str, int]) -> None:
    """An order about to be sent is within every limit, and allowed in this state."""
    if intent["kind"] not in (IntentKind.PLACE, IntentKind.REPLACE):
        return
    account, params = state.account[0], state.params[0]
    row = state.instruments[intent["instrument"]]
    mid = int(row["mid2_ticks"]) / 2
    side, lots = intent["side"], intent["lots"]
    distance = abs(intent["price_ticks"] - mid)
    if distance > 1 and 100 * distance / mid > float(params["price_collar_pct"]) + _SLACK:
        raise Violation("limits", f"price {intent['price_ticks']} is far from the mid {mid}")
    if intent["kind"] == IntentKind.PLACE and lots > float(params["max_order_lots"]):
        raise Violation("limits", f"{lots} lots in one order")
    reached = _reached(state, intent["instrument"], side, intent)
    if reached * side <= 0:
        return
    if account["trading_state"] != TradingState.ACTIVE:
        raise Violation("no new risk", f"while {TradingState(int(account['trading_state'])).name}")
    if account["readiness"] != Readiness.READY:
        raise Violation("no new risk", f"while {Readiness(int(account['readiness'])).name}")
    if intent["origin"] == OrderOrigin.FLATTEN:
        raise Violation("no new risk", "by an order that is to close")
    grown_lots = _grown_lots(state, intent)
    if grown_lots > 0:
        _check_size(state, row, grown_lots, reached, intent)


def _grown_lots(state: KernelState, intent: dict[str, int]) -> int:
    """Open lots of the order as it is to be; 0 if it is no larger than it was."""
    if intent["kind"] == IntentKind.PLACE:
        return intent["lots"]
    order = state.orders[state.orders["order_id"] == intent["order_id"]][0]
    return intent["lots"] - int(order["cum_lots"]) if intent["lots"] > order["lots"] else 0


def _check_size(
    state: KernelState, row: Any, lots: int, reached: int, intent: dict[str, int]
) -> None:
    params, equity = state.params[0], int(state.account[0]["equity_nanos"])
    lot_nanos = int(row["mid2_ticks"]) * (int(row["tick_value_nanos"]) // 2)
    value = lots * lot_nanos
    if value > equity * float(params["max_order_value_pct"]) / 100 + 1:
        raise Violation("limits", f"an order worth {value} of equity {equity}")
    limit = int(row["position_limit_lots"])
    if limit and abs(reached) > limit:
        raise Violation("limits", f"{reached} lots against the venue's {limit}")
    if abs(reached) * lot_nanos > equity * float(params["max_position_pct"]) / 100 + 1:
        raise Violation("limits", f"{reached} lots are more than the position limit")
    gross = 0
    for index, other in enumerate(state.instruments):
        worst = max(abs(_reached(state, index, side, intent)) for side in (1, -1))
        gross += worst * int(other["mid2_ticks"]) * (int(other["tick_value_nanos"]) // 2)
    if gross > equity * float(params["max_exposure_pct"]) / 100 + 1:
        raise Violation("limits", f"exposure {gross} of equity {equity}")


def _reached(state: KernelState, index: int, side: int, intent: dict[str, int]) -> int:
    """
    Position if every live order of one side filled.

    The order in question counts with what is about to be sent, whatever our table says of it.
    """
    reached = int(state.instruments[index]["position_lots"])
    orders = state.orders
    ours = (orders["instrument"] == index) & (orders["side"] == side)
    is_known = False
    for order in orders[ours & np.isin(orders["status"], _LIVE)]:
        lots = max(int(order["lots"]), int(order["pending_lots"]))
        if order["order_id"] == intent["order_id"]:
            lots, is_known = max(lots, intent["lots"]), True
        reached += side * max(0, lots - int(order["cum_lots"]))
    if not is_known and intent["instrument"] == index and intent["side"] == side:
        reached += side * intent["lots"]
    return reached


def check_flat(account: Account) -> None:
    """FLAT was just said: the venue has nothing of ours."""
    if account.orders or any(account.positions):
        raise Violation(
            "flat", f"said with {len(account.orders)} orders and positions {account.positions}"
        )


def check_agreement(state: KernelState, account: Account, prefix: str) -> None:
    """When all is quiet: the venue's orders and positions are those that we believe in."""
    ours = [int(row["position_lots"]) for row in state.instruments]
    if ours != account.positions:
        raise Violation("positions agree", f"{ours} here, {account.positions} at the venue")
    believed = {
        f"{prefix}{int(order['order_id'])}"
        for order in state.orders
        if int(order["status"]) in _LIVE
    }
    if believed != set(account.orders):
        raise Violation("orders agree", f"{believed} here, {set(account.orders)} at the venue")


def check_cash(state: KernelState, account: Account) -> None:
    """Every fill counted once, to the nano: our cash is capital and what the venue has paid."""
    head = state.account[0]
    expected = int(head["capital_nanos"]) + account.cash_nanos
    if int(head["cash_nanos"]) != expected:
        raise Violation("fills counted once", f"cash {int(head['cash_nanos'])}, not {expected}")
