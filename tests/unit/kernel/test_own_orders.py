"""Orders of a Python strategy: the gate of all orders, and an outcome of their own."""

from __future__ import annotations

from core.domain.enums import CommandKind, IntentKind, OrderOrigin, Outcome, OwnStrategy
from core.domain.events import IOC, MARKET, OWN, POST_ONLY
from core.kernel.state import make_state
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, NANOS, KernelRig, make_params


def make_rig(strategy=OwnStrategy.PYTHON, **params) -> KernelRig:
    rig = KernelRig(**params)
    rig.account["own_strategy"] = strategy
    rig.book()
    return rig


def place(rig, side=1, price_ticks=3400, lots=3, flags=0):
    return rig.command(
        CommandKind.PLACE, instrument=0, side=side, price_ticks=price_ticks, lots=lots,
        key=OWN | flags,
    )  # fmt: skip


def test_a_state_knows_who_decides() -> None:
    state = make_state([EISBACH], make_params(), CAPITAL * NANOS, own_strategy=OwnStrategy.TRADER)
    assert state.account[0]["own_strategy"] == OwnStrategy.TRADER


def test_a_books_evaluation_is_off() -> None:
    rig = make_rig()
    rig.warm()
    assert rig.push() == []
    assert rig.outcome() is Outcome.NONE


def test_an_order_is_the_strategys_and_ends_in_trade() -> None:
    rig = make_rig()
    (intent,) = place(rig, flags=POST_ONLY)
    assert (intent["kind"], intent["origin"]) == (IntentKind.PLACE, OrderOrigin.STRATEGY)
    assert intent["terms"] == POST_ONLY
    assert rig.outcome() is Outcome.TRADE
    assert rig.instrument()["outcome_value"] == 3.0
    assert rig.account["denied"] == 0


def test_several_orders_may_work_at_once() -> None:
    rig = make_rig()
    place(rig, price_ticks=3399)
    place(rig, price_ticks=3398, lots=5)
    place(rig, side=-1, price_ticks=3405, lots=2)
    assert len(rig.live_orders()) == 3
    assert rig.instrument()["working_buy_lots"] == 8


def test_a_refused_order_ends_in_its_reason() -> None:
    rig = make_rig(max_order_lots=10)
    assert place(rig, lots=11) == []
    assert rig.outcome() is Outcome.POSITION_LIMIT
    assert (rig.instrument()["outcome_value"], rig.instrument()["outcome_limit"]) == (11, 10)
    assert place(rig, price_ticks=9_000) == []
    assert rig.outcome() is Outcome.PRICE_COLLAR
    assert rig.instrument()["outcomes"][Outcome.POSITION_LIMIT] == 1


def test_a_market_order_gets_a_price_within_the_collar() -> None:
    (intent,) = place(make_rig(), price_ticks=0, flags=MARKET | IOC)
    assert 3402 <= intent["price_ticks"] <= 3401 * 1.05


def test_the_same_order_again_and_again_halts() -> None:
    """As it halts the built-in strategy: nobody wants the same a thousand times a second."""
    rig = make_rig(max_repeated_orders=3)
    for _ in range(4):
        place(rig)
    assert rig.outcome() is Outcome.RUNAWAY
    assert rig.account["trading_state"] == 2


def test_a_trader_may_quote_the_same_in_every_tick() -> None:
    rig = make_rig(OwnStrategy.TRADER, max_repeated_orders=3)
    for _ in range(6):
        place(rig)
    assert rig.outcome() is Outcome.TRADE


def test_a_halt_takes_its_orders_back() -> None:
    rig = make_rig()
    place(rig)
    (cancel,) = rig.command(CommandKind.HALT)
    assert cancel["kind"] == IntentKind.CANCEL
    assert place(rig) == []
    assert rig.outcome() is Outcome.STATE_HALTED


def test_a_silent_book_takes_its_orders_back() -> None:
    rig = make_rig(stale_book_ms=100)
    place(rig, price_ticks=3399)
    (cancel,) = rig.timer(after_ms=500)
    assert cancel["kind"] == IntentKind.CANCEL
    assert rig.outcome() is Outcome.STALE_BOOK


def test_a_position_that_is_being_closed_by_hand_is_left_alone() -> None:
    rig = make_rig()
    rig.fill(1, 1, 3401, 4)
    rig.command(CommandKind.FLATTEN, instrument=0)
    assert place(rig) == []
    assert rig.outcome() is Outcome.ORDER_PENDING
