"""Stops and targets: they follow what has traded, cancel each other, and never open."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import (
    BracketState,
    CommandKind,
    IntentKind,
    OrderOrigin,
    OrderStatus,
    Outcome,
    RejectReason,
    VenueState,
)
from core.domain.events import IOC
from core.domain.records import MAX_BRACKETS
from tests.unit.kernel.kernel_rig import KernelRig

STOP, TARGET = 3390, 3412
MANUAL = OrderOrigin.MANUAL


@pytest.fixture
def rig() -> KernelRig:
    """A market at 3400 to 3402, and nothing the strategy wants."""
    rig = KernelRig(min_signal=2.0)
    rig.warm()
    rig.book()
    return rig


def enter(rig: KernelRig, lots: int = 8, side: int = 1, stop: int = STOP, target: int = TARGET):
    """An entry with its bracket; the intents."""
    return rig.command(
        CommandKind.PLACE, instrument=0, side=side, price_ticks=3401, lots=lots,
        stop_ticks=stop, target_ticks=target,
    )  # fmt: skip


def guarded(rig: KernelRig, lots: int = 8) -> dict[str, int]:
    """A bracket whose entry is filled; the intent of its resting target, acknowledged."""
    entry = enter(rig, lots)[0]
    rig.ack(entry)
    (target,) = rig.fill(1, 1, 3401, lots, order_id=entry["order_id"])
    rig.ack(target)
    return target


def brackets(rig: KernelRig) -> list:
    return [row for row in rig.state.brackets if row["bracket_id"] != 0]


def shape(intents: list[dict[str, int]]) -> list[tuple[int, int, int, int]]:
    """Kind, side, price and size of each."""
    return [(i["kind"], i["side"], i["price_ticks"], i["lots"]) for i in intents]


def ended(rig: KernelRig, order_id: int, status: OrderStatus = OrderStatus.CANCELED, **fields):
    return rig.feed(events.order_report(0, order_id, status, **fields))


def test_nothing_is_offered_before_the_entry_has_traded(rig) -> None:
    sent = enter(rig)
    assert shape(sent) == [(IntentKind.PLACE, 1, 3401, 8)]
    (bracket,) = brackets(rig)
    assert bracket["state"] == BracketState.WAITING
    assert rig.book(3380, 3382) == []
    assert brackets(rig)[0]["state"] == BracketState.WAITING


def test_the_target_follows_what_has_traded(rig) -> None:
    """3 of 8, then 5 more: one order, made larger."""
    entry = enter(rig)[0]
    rig.ack(entry)
    first = rig.fill(1, 1, 3401, 3, order_id=entry["order_id"])
    assert shape(first) == [(IntentKind.PLACE, -1, TARGET, 3)]
    assert first[0]["origin"] == MANUAL
    assert rig.fill(2, 1, 3401, 1, order_id=entry["order_id"]) == []
    larger = rig.ack(first[0])
    assert shape(larger) == [(IntentKind.REPLACE, -1, TARGET, 4)]
    rig.ack(larger[0])
    assert shape(rig.fill(3, 1, 3401, 4, order_id=entry["order_id"])) == [
        (IntentKind.REPLACE, -1, TARGET, 8)
    ]


def test_a_touched_stop_cancels_the_target_first_and_then_takes(rig) -> None:
    """Both alive at once could close twice."""
    target = guarded(rig)
    cancel = rig.book(STOP, 3392)
    assert [(i["kind"], i["order_id"]) for i in cancel] == [(IntentKind.CANCEL, target["order_id"])]
    assert brackets(rig)[0]["state"] == BracketState.CLOSING
    assert rig.book(STOP - 1, 3391) == []
    (closing,) = ended(rig, target["order_id"])
    assert (closing["kind"], closing["side"], closing["lots"]) == (IntentKind.PLACE, -1, 8)
    assert closing["terms"] == IOC
    assert closing["price_ticks"] < STOP - 1
    rig.fill(9, -1, STOP - 1, 8, order_id=closing["order_id"])
    assert brackets(rig) == []
    assert rig.account["brackets"] == 0
    assert rig.instrument()["position_lots"] == 0


def test_a_stop_one_tick_away_is_not_touched(rig) -> None:
    guarded(rig)
    assert rig.book(STOP + 1, 3393) == []
    assert brackets(rig)[0]["state"] == BracketState.GUARDING


def test_what_was_sold_is_guarded_by_the_ask(rig) -> None:
    entry = enter(rig, 6, -1, stop=3411, target=3391)[0]
    rig.ack(entry)
    (target,) = rig.fill(1, -1, 3401, 6, order_id=entry["order_id"])
    assert shape([target]) == [(IntentKind.PLACE, 1, 3391, 6)]
    rig.ack(target)
    assert rig.book(3408, 3410) == []
    rig.book(3409, 3411)
    (closing,) = ended(rig, target["order_id"])
    assert (closing["side"], closing["lots"], closing["terms"]) == (1, 6, IOC)


def test_a_stop_goes_on_until_nothing_is_left_but_not_faster_than_four_times_a_second(rig) -> None:
    target = guarded(rig)
    rig.book(STOP, 3392)
    (closing,) = ended(rig, target["order_id"])
    rig.fill(9, -1, STOP, 3, order_id=closing["order_id"])
    assert ended(rig, closing["order_id"], OrderStatus.EXPIRED) == []
    assert rig.book(STOP + 5, 3397, after_ms=100) == []
    (again,) = rig.book(STOP + 5, 3397, after_ms=200)
    assert (again["side"], again["lots"]) == (-1, 5)


def test_a_target_that_trades_ends_the_stop(rig) -> None:
    target = guarded(rig)
    rig.fill(5, -1, TARGET, 8, order_id=target["order_id"])
    assert brackets(rig) == []
    assert rig.book(STOP - 5, STOP - 3) == []


def test_a_part_of_the_target_leaves_the_rest_to_the_stop(rig) -> None:
    target = guarded(rig)
    rig.fill(5, -1, TARGET, 3, order_id=target["order_id"])
    rig.book(STOP, 3392)
    (closing,) = ended(rig, target["order_id"])
    assert closing["lots"] == 5


def test_a_target_that_trades_while_it_is_being_canceled_is_not_closed_again(rig) -> None:
    target = guarded(rig)
    rig.book(STOP, 3392)
    assert rig.fill(5, -1, TARGET, 8, order_id=target["order_id"]) == []
    assert brackets(rig) == []


def test_an_entry_that_ends_without_a_trade_takes_its_bracket_along(rig) -> None:
    entry = enter(rig)[0]
    rig.ack(entry)
    ended(rig, entry["order_id"])
    assert brackets(rig) == []


def test_a_stop_cancels_what_the_entry_has_left(rig) -> None:
    entry = enter(rig, stop=3390, target=0)[0]
    rig.ack(entry)
    rig.fill(1, 1, 3401, 3, order_id=entry["order_id"])
    sent = rig.book(3390, 3392)
    assert (IntentKind.CANCEL, entry["order_id"]) in [(i["kind"], i["order_id"]) for i in sent]
    closing = next(i for i in sent if i["kind"] == IntentKind.PLACE)
    assert closing["lots"] == 3


def test_what_people_sell_themselves_is_not_sold_again(rig) -> None:
    """5 of 8 by another order: the target shrinks to 3."""
    target = guarded(rig)
    other = rig.command(CommandKind.PLACE, instrument=0, side=-1, price_ticks=3400, lots=5)[0]
    (smaller,) = rig.fill(7, -1, 3400, 5, order_id=other["order_id"])
    assert shape([smaller]) == [(IntentKind.REPLACE, -1, TARGET, 3)]
    assert smaller["order_id"] == target["order_id"]


def test_older_brackets_keep_what_is_left_of_a_position(rig) -> None:
    guarded(rig, 8)
    entry = enter(rig, 4)[0]
    rig.ack(entry)
    rig.fill(2, 1, 3401, 4, order_id=entry["order_id"])
    other = rig.command(CommandKind.PLACE, instrument=0, side=-1, price_ticks=3400, lots=3)[0]
    rig.fill(7, -1, 3400, 3, order_id=other["order_id"])
    assert [int(row["left_lots"]) for row in brackets(rig)] == [8, 1]


def test_no_exit_is_larger_than_what_the_account_holds(rig) -> None:
    """8 by hand against 6 short of nobody's: 2 are all that may be closed."""
    target = guarded(rig)
    sent = rig.fill(7, -1, 3400, 6, order_id=-9)
    assert shape(sent) == [(IntentKind.REPLACE, -1, TARGET, 2)]
    rig.feed(
        events.order_report(
            0, target["order_id"], OrderStatus.OPEN, price_ticks=TARGET, lots=2, leaves_lots=2
        )
    )
    assert [i["kind"] for i in rig.fill(8, -1, 3400, 4, order_id=-9)] == [IntentKind.CANCEL]
    ended(rig, target["order_id"])
    assert rig.book(STOP - 1, 3391, after_ms=2000) == []
    assert brackets(rig)[0]["state"] == BracketState.CLOSING


def test_safe_mode_takes_the_target_back_and_lets_it_rest_again(rig) -> None:
    """It only shrinks the position, and it is newer than the halt."""
    target = guarded(rig)
    assert [i["kind"] for i in rig.command(CommandKind.HALT)] == [IntentKind.CANCEL]
    ended(rig, target["order_id"])
    (again,) = rig.timer(after_ms=1100)
    assert shape([again]) == [(IntentKind.PLACE, -1, TARGET, 8)]
    rig.ack(again)
    assert rig.timer() == []


def test_a_stop_works_in_safe_mode(rig) -> None:
    target = guarded(rig)
    rig.command(CommandKind.HALT)
    ended(rig, target["order_id"])
    (closing,) = rig.book(STOP, 3392, after_ms=10)
    assert (closing["side"], closing["lots"], closing["terms"]) == (-1, 8, IOC)


def test_an_entry_does_not_survive_safe_mode(rig) -> None:
    entry = enter(rig)[0]
    rig.ack(entry)
    rig.command(CommandKind.HALT)
    ended(rig, entry["order_id"])
    assert brackets(rig) == []


def test_a_target_that_a_person_cancels_stays_canceled_and_the_stop_is_watched(rig) -> None:
    target = guarded(rig)
    rig.command(CommandKind.CANCEL, order_id=target["order_id"])
    ended(rig, target["order_id"])
    assert rig.timer(after_ms=3000) == []
    (bracket,) = brackets(rig)
    assert (bracket["target_ticks"], bracket["stop_ticks"]) == (0, STOP)
    assert len(rig.book(STOP, 3392)) == 1


@pytest.mark.parametrize("kind", [CommandKind.CANCEL_ALL, CommandKind.CANCEL_EVERYTHING])
def test_canceling_all_cancels_targets_for_good(rig, kind) -> None:
    target = guarded(rig)
    rig.command(kind)
    ended(rig, target["order_id"])
    assert rig.timer(after_ms=3000) == []
    assert brackets(rig)[0]["stop_ticks"] == STOP


def test_a_target_that_the_venue_takes_back_is_sent_again(rig) -> None:
    target = guarded(rig)
    assert ended(rig, target["order_id"], reason=RejectReason.DEAD_MAN) == []
    assert shape(rig.timer(after_ms=1100)) == [(IntentKind.PLACE, -1, TARGET, 8)]


def test_a_refused_target_is_not_sent_again_at_once(rig) -> None:
    entry = enter(rig)[0]
    rig.ack(entry)
    (target,) = rig.fill(1, 1, 3401, 8, order_id=entry["order_id"])
    ended(rig, target["order_id"], OrderStatus.REJECTED, reason=RejectReason.OTHER)
    assert rig.timer(after_ms=500) == []
    assert len(rig.timer(after_ms=600)) == 1


def test_a_target_outside_the_collar_waits_until_it_is_inside(rig) -> None:
    """5 % of 3401 is 170 ticks."""
    entry = enter(rig, target=3600)[0]
    rig.ack(entry)
    assert rig.fill(1, 1, 3401, 8, order_id=entry["order_id"]) == []
    assert shape(rig.book(3450, 3452)) == [(IntentKind.PLACE, -1, 3600, 8)]


def test_a_target_with_another_price_takes_its_bracket_along(rig) -> None:
    target = guarded(rig)
    (moved,) = rig.command(
        CommandKind.AMEND, instrument=0, order_id=target["order_id"], price_ticks=3409, lots=2
    )
    assert shape([moved]) == [(IntentKind.REPLACE, -1, 3409, 8)]
    assert brackets(rig)[0]["target_ticks"] == 3409


def test_flattening_ends_brackets_and_nothing_comes_back(rig) -> None:
    target = guarded(rig)
    sent = rig.command(CommandKind.FLATTEN)
    assert (IntentKind.CANCEL, target["order_id"]) in [(i["kind"], i["order_id"]) for i in sent]
    assert brackets(rig) == []
    ended(rig, target["order_id"])
    (closing,) = rig.timer()
    assert (closing["origin"], closing["lots"]) == (OrderOrigin.FLATTEN, 8)


def test_flattening_one_instrument_waits_for_what_rests_in_it(rig) -> None:
    target = guarded(rig)
    assert [i["kind"] for i in rig.command(CommandKind.FLATTEN, instrument=0)] == [
        IntentKind.CANCEL
    ]
    assert brackets(rig) == []
    assert rig.book() == []
    ended(rig, target["order_id"])
    (closing,) = rig.timer()
    assert (closing["origin"], closing["lots"]) == (OrderOrigin.FLATTEN, 8)
    rig.fill(9, -1, 3400, 8, order_id=closing["order_id"])
    rig.timer()
    assert rig.instrument()["flatten_since_ns"] == 0


def test_the_strategy_stands_back_while_its_instrument_is_being_closed() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    rig.fill(1, 1, 3400, 5)
    rig.command(CommandKind.FLATTEN, instrument=0)
    rig.push()
    assert rig.outcome() is Outcome.ORDER_PENDING
    rig.timer(after_ms=11_000)
    assert rig.instrument()["flatten_since_ns"] == 0


def test_a_position_by_hand_is_protected_afterwards(rig) -> None:
    buy = rig.command(CommandKind.PLACE, instrument=0, side=1, price_ticks=3402, lots=5)[0]
    rig.fill(1, 1, 3402, 5, order_id=buy["order_id"])
    sent = rig.command(CommandKind.PROTECT, instrument=0, stop_ticks=STOP, target_ticks=TARGET)
    assert shape(sent) == [(IntentKind.PLACE, -1, TARGET, 5)]
    rig.command(CommandKind.PROTECT, instrument=0, stop_ticks=STOP)
    assert rig.account["denial_code"] == Outcome.MIN_SIZE
    assert [i["kind"] for i in rig.command(CommandKind.PROTECT, instrument=0)] == [
        IntentKind.CANCEL
    ]
    assert brackets(rig) == []


def test_there_is_nothing_to_protect_in_what_the_strategy_holds(rig) -> None:
    rig.fill(1, 1, 3400, 5)
    assert rig.command(CommandKind.PROTECT, instrument=0, stop_ticks=STOP) == []
    assert rig.account["denial_code"] == Outcome.MIN_SIZE


@pytest.mark.parametrize(
    ("side", "price", "stop", "target", "passes"),
    [
        (1, 3400, 3399, 3401, True),
        (1, 3400, 3400, 0, False),
        (1, 3400, 0, 3400, False),
        # An entry that takes at 3402: the bid of 3400 must be above the stop.
        (1, 3410, 3400, 0, False),
        (1, 3410, 3399, 3403, True),
        (1, 3410, 0, 3402, False),
        (-1, 3402, 3403, 3401, True),
        (-1, 3402, 3402, 0, False),
        (-1, 3402, 0, 3402, False),
        (-1, 3390, 3402, 0, False),
        (-1, 3390, 0, 3400, False),
        (-1, 3390, 3403, 3399, True),
        (1, 3400, -5, 0, False),
    ],
)  # fmt: skip
def test_stop_and_target_stand_on_their_own_sides(rig, side, price, stop, target, passes) -> None:
    sent = rig.command(
        CommandKind.PLACE, instrument=0, side=side, price_ticks=price, lots=2,
        stop_ticks=stop, target_ticks=target,
    )  # fmt: skip
    assert bool(sent) is passes
    assert bool(rig.account["denial_code"] == 0) is passes
    assert len(brackets(rig)) == passes


def test_a_full_table_takes_no_further_bracket() -> None:
    rig = KernelRig(min_signal=2.0, max_orders_per_s=1000)
    rig.book()
    for _ in range(MAX_BRACKETS):
        assert len(enter(rig, lots=1)) == 1
    assert enter(rig, lots=1) == []
    assert rig.account["denial_code"] == Outcome.ORDER_TABLE_FULL
    assert (rig.account["denial_value"], rig.account["brackets"]) == (MAX_BRACKETS, MAX_BRACKETS)


def test_nothing_is_sent_while_the_venue_is_away_and_everything_after(rig) -> None:
    target = guarded(rig)
    rig.venue(VenueState.DOWN)
    assert rig.book(STOP, 3392) == []
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, 8))
    assert [i["kind"] for i in rig.venue(VenueState.SYNCED)] == [IntentKind.PLACE]
    assert rig.intents[0]["terms"] == IOC
    assert target["order_id"] != rig.intents[0]["order_id"]


def test_an_engine_that_is_stopping_offers_nothing_again(rig) -> None:
    target = guarded(rig)
    rig.command(CommandKind.STOP)
    assert ended(rig, target["order_id"]) == []
    assert rig.book(STOP - 1, 3391, after_ms=2000) == []


def restored(**fields: int) -> KernelRig:
    """A run that carries over 5 by hand with a bracket around them."""
    rig = KernelRig(connected=False, min_signal=2.0)
    rig.feed(events.restored(instrument=0, lots=5, cost_nanos=5 * 3400 * 10**9))
    for origin, lots in ((OrderOrigin.STRATEGY, 0), (MANUAL, 5)):
        rig.feed(
            events.restored_part(
                0, origin, lots=lots, cost_nanos=lots * 3400 * 10**9,
                realized_nanos=0, fees_nanos=0,
            )
        )  # fmt: skip
    rig.feed(
        events.restored_bracket(
            0, BracketState.GUARDING, 1, 5, stop_ticks=STOP, target_ticks=TARGET
        )
    )
    rig.venue(VenueState.CONNECTED)
    return rig


def test_a_bracket_goes_on_after_a_restart() -> None:
    rig = restored()
    rig.feed(events.position_report(0, 5))
    rig.venue(VenueState.SYNCED)
    assert shape(rig.book()) == [(IntentKind.PLACE, -1, TARGET, 5)]


def test_a_target_that_traded_while_the_engine_was_away_is_recognized() -> None:
    """Its number is lost; its price and side are not."""
    rig = restored()
    rig.fill(3, -1, TARGET, 5, order_id=-44)
    rig.feed(events.position_report(0, 0))
    rig.venue(VenueState.SYNCED)
    assert rig.instrument()["part_lots"].tolist() == [0, 0, 0, 0]
    assert brackets(rig) == []


def test_another_fill_while_the_engine_was_away_is_not_taken_for_the_target() -> None:
    rig = restored()
    rig.fill(3, -1, TARGET - 1, 2, order_id=-44)
    assert rig.instrument()["part_lots"].tolist() == [0, 5, 0, -2]
    assert brackets(rig)[0]["left_lots"] == 5


def test_a_position_that_is_gone_takes_its_bracket_along() -> None:
    rig = restored()
    rig.feed(events.position_report(0, 0))
    rig.venue(VenueState.SYNCED)
    assert brackets(rig) == []
