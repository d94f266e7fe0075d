"""What is left to do when the kernel cannot be asked any more."""

from __future__ import annotations

import pytest

from core.domain.enums import EventKind, IntentKind, OrderStatus
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS, MAX_ORDERS, ORDER
from core.runtime.rescue import EngineFault, cancels_of, without_new_risk


def test_only_what_cannot_trade_is_let_through_and_in_its_order() -> None:
    intents = allocate(INTENT, MAX_INTENTS)
    for index, kind in enumerate(IntentKind):
        intents[index]["kind"], intents[index]["order_id"] = kind, 100 + index
    kept, count = without_new_risk(intents, len(IntentKind))
    assert kept["kind"][:count].tolist() == [
        IntentKind.CANCEL, IntentKind.CANCEL_EVERYTHING, IntentKind.QUERY, IntentKind.RECONCILE,
    ]  # fmt: skip
    assert kept["order_id"][:count].tolist() == [101, 103, 104, 105]


def test_what_an_earlier_event_wanted_is_not_let_through() -> None:
    """The rows behind the count are left over from before."""
    intents = allocate(INTENT, MAX_INTENTS)
    intents["kind"][:3] = IntentKind.CANCEL
    assert without_new_risk(intents, 1)[1] == 1
    assert without_new_risk(intents, 0)[1] == 0


@pytest.mark.parametrize("status", OrderStatus)
def test_every_order_that_may_still_trade_is_asked_to_be_canceled(status: OrderStatus) -> None:
    """One whose cancel was asked for as well: the request may have been lost in the fault."""
    orders = allocate(ORDER, MAX_ORDERS)
    orders[7] = allocate(ORDER, 1)[0]
    for name, value in {
        "status": status, "order_id": 41, "instrument": 1, "side": -1, "price_ticks": 33,
        "terms": 2, "origin": 3, "lots": 9,
    }.items():  # fmt: skip
        orders[7][name] = value
    intents, count = cancels_of(orders)
    ended = {
        OrderStatus.NONE, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.REJECTED,
        OrderStatus.EXPIRED, OrderStatus.DENIED,
    }  # fmt: skip
    assert count == (status not in ended)
    if count:
        assert intents[0].tolist() == (IntentKind.CANCEL, 1, 41, -1, 33, 0, 2, 3)


def test_a_full_table_of_orders_is_canceled_whole() -> None:
    orders = allocate(ORDER, MAX_ORDERS)
    orders["status"] = OrderStatus.OPEN
    orders["order_id"] = range(1, MAX_ORDERS + 1)
    intents, count = cancels_of(orders)
    assert count == MAX_ORDERS
    assert intents["order_id"][:count].tolist() == list(range(1, MAX_ORDERS + 1))


@pytest.mark.parametrize(("kind", "name"), [(EventKind.BOOK.value, "BOOK"), (201, "201")])
def test_a_fault_names_event_kind_cause_and_what_to_do(kind: int, name: str) -> None:
    fault = EngineFault(17, kind, OSError("gone"))
    assert str(fault) == (
        f"event 17 ({name}) could not be applied: OSError: gone; "
        "trading is halted and orders are canceled: restart the engine to trade again"
    )
    assert (fault.seq, fault.exit_code) == (17, 70)
