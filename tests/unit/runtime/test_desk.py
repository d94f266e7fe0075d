"""The desk: every request is answered, with a reason where it is refused."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import (
    CommandKind,
    FlattenState,
    IntentKind,
    OrderStatus,
    StateReason,
    TradingState,
)
from core.domain.events import IOC, MARKET
from core.domain.records import PARAMS
from core.venues.port import VenueAbilities
from tests.unit.runtime.engine_rig import EngineRig


@pytest.fixture
def rig() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book()
    rig.book(500, 502, index=1)
    return rig


@pytest.mark.parametrize(
    ("name", "state"),
    [
        (CommandName.HALT, TradingState.HALTED),
        (CommandName.PAUSE, TradingState.REDUCING),
        (CommandName.FLATTEN, TradingState.HALTED),
    ],
)
def test_switches_switch_and_are_answered(rig, name, state) -> None:
    result = rig.ask(name)
    assert result.accepted
    assert result.request_id == 5
    assert rig.account["trading_state"] == state


def test_who_asked_is_journaled_beside_the_event(rig) -> None:
    rig.ask(CommandName.HALT)
    note = rig.journal.notes[-1]
    assert (note["seq"], note["command"], note["source"]) == (rig.engine.seq, "halt", "test:1")


def test_resuming_re_arms_and_says_if_there_was_nothing_to_re_arm(rig) -> None:
    assert rig.ask(CommandName.RESUME).text == "already ACTIVE"
    rig.ask(CommandName.HALT)
    assert rig.ask(CommandName.RESUME, word="resume").accepted
    assert rig.account["trading_state"] == TradingState.ACTIVE


@pytest.mark.parametrize("args", [{}, {"word": ""}, {"word": "flatten"}])
def test_leaving_safe_mode_takes_the_typed_word_whoever_asks(rig, args) -> None:
    rig.ask(CommandName.HALT)
    result = rig.ask(CommandName.RESUME, **args)
    assert not result.accepted
    assert "resume --word resume" in result.text
    assert rig.account["trading_state"] == TradingState.HALTED


def test_ending_a_pause_takes_no_word(rig) -> None:
    rig.ask(CommandName.PAUSE)
    assert rig.ask(CommandName.RESUME).accepted
    assert rig.account["trading_state"] == TradingState.ACTIVE


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("flatten_state", FlattenState.WORKING, "FLAT or NOT FLAT is said within seconds"),
        ("flatten_state", FlattenState.VERIFYING, "FLAT or NOT FLAT is said within seconds"),
        ("state_reason", StateReason.LEASE_LOST, "restart this engine to take it back"),
        ("state_reason", StateReason.INTERNAL_ERROR, "restart it"),
    ],
)
def test_some_halts_cannot_be_left_by_a_word(rig, field, value, words) -> None:
    rig.ask(CommandName.HALT)
    rig.engine.state.account[field] = value
    result = rig.ask(CommandName.RESUME, word="resume")
    assert not result.accepted
    assert words in result.text
    assert rig.account["trading_state"] == TradingState.HALTED


def test_a_halt_that_was_carried_over_may_be_left_whatever_made_it(rig) -> None:
    """The restart that it asked for has happened."""
    rig.ask(CommandName.HALT)
    rig.engine.state.account["state_reason"] = StateReason.LEASE_LOST
    rig.desk.begin()
    assert rig.ask(CommandName.RESUME, word="resume").accepted


@pytest.mark.parametrize("state", [FlattenState.FLAT, FlattenState.NOT_FLAT])
def test_a_flatten_that_has_ended_does_not_stand_in_the_way(rig, state) -> None:
    rig.ask(CommandName.HALT)
    rig.engine.state.account["flatten_state"] = state
    assert rig.ask(CommandName.RESUME, word="resume").accepted


def test_canceling_all_and_canceling_everything_are_two_commands(rig) -> None:
    """One is for the orders of this engine, the other for those of the account."""
    kinds = []
    for name in (CommandName.CANCEL_ALL, CommandName.CANCEL_EVERYTHING):
        assert rig.ask(name).accepted
        kinds.append(events.load([rig.journal.stored[-1]])[0]["code"])
    assert kinds == [CommandKind.CANCEL_ALL, CommandKind.CANCEL_EVERYTHING]


def test_flattening_does_not_promise_what_only_the_venue_can_show(rig) -> None:
    text = rig.ask(CommandName.FLATTEN).text
    assert text == "HALTED and flattening; FLAT is said when the venue shows it"


def test_a_pause_does_not_soften_a_halt(rig) -> None:
    rig.ask(CommandName.HALT)
    assert not rig.ask(CommandName.PAUSE).accepted
    assert rig.account["trading_state"] == TradingState.HALTED


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"key": "strategy.min_signl", "value": "0.3"}, "did you mean strategy.min_signal"),
        ({"key": "strategy.min_signal", "value": "7"}, "above 1"),
        ({"key": "strategy.min_signal", "value": "nan"}, "not a number"),
        ({"key": "strategy.min_signal", "value": ""}, "not a number"),
        ({"key": "risk.drawdown_reduce_pct", "value": "30"}, "below drawdown_halt_pct"),
    ],
)
def test_a_parameter_outside_its_rules_is_refused_with_the_rule(rig, args, words) -> None:
    before = rig.engine.state.params.tobytes()
    result = rig.ask(CommandName.SET, **args)
    assert not result.accepted
    assert words in result.text
    assert rig.engine.state.params.tobytes() == before


def test_a_parameter_change_says_from_what_to_what(rig) -> None:
    result = rig.ask(CommandName.SET, key="strategy.min_signal", value="0.33")
    assert result.text == "strategy.min_signal 0.15 -> 0.33, allowed 0 to 1, by test:1"
    index = (PARAMS.names or ()).index("min_signal")
    assert rig.engine.state.params.view("f8")[index] == 0.33


def test_a_parameter_change_is_journaled_with_all_that_explains_it(rig) -> None:
    rig.ask(CommandName.SET, key="risk.price_collar_pct", value="3.5")
    note = rig.journal.notes[-1]
    assert note == {
        "seq": rig.engine.seq, "command": "set", "source": "test:1",
        "args": {"key": "risk.price_collar_pct", "value": "3.5"},
        "key": "risk.price_collar_pct", "old": 5.0, "new": 3.5, "unit": "% of mid",
        "lower": note["lower"], "upper": note["upper"],
    }  # fmt: skip
    assert note["lower"] < 3.5 < note["upper"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"instrument": "1_Eisbac", "quantity": "3", "price": "3401"}, "did you mean 1_Eisbach"),
        ({"instrument": "1_Eisbach", "quantity": "0.5", "price": "3401"}, "multiple of 1"),
        ({"instrument": "1_Eisbach", "quantity": "-2", "price": "3401"}, "must be positive"),
        ({"instrument": "7_ETF", "quantity": "2", "price": "50.05"}, "multiple of 0.1"),
        ({"instrument": "7_ETF", "quantity": "2", "price": "NaN"}, "multiple of 0.1"),
        ({"instrument": "7_ETF", "quantity": "2", "price": "90"}, "PRICE_COLLAR"),
        ({"instrument": "7_ETF", "quantity": "60", "price": "50.1"}, "POSITION_LIMIT"),
        (
            {"instrument": "7_ETF", "quantity": "2", "price": "50", "ioc": "1", "post_only": "1"},
            "either",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_the_reason(rig, args, words) -> None:
    result = rig.ask(CommandName.BUY, **args)
    assert not result.accepted
    assert words in result.text
    assert rig.sent == []


def test_an_order_without_a_price_takes_the_best_there_is(rig) -> None:
    result = rig.ask(CommandName.SELL, instrument="7_ETF", quantity="4")
    assert result.text == "SELL 4 7_ETF at 50.0 sent"
    assert [(intent["side"], intent["price_ticks"]) for intent in rig.sent] == [(-1, 500)]


@pytest.fixture
def market_rig() -> EngineRig:
    """A venue that has market orders."""
    rig = EngineRig(abilities=VenueAbilities(amends_orders=True, has_market_orders=True))
    rig.connect()
    rig.book(500, 502, index=1)
    return rig


def test_a_market_order_may_go_as_far_as_the_collar(market_rig) -> None:
    """5 % of 50.1 is 2.505: it may pay up to 52.6, and no more."""
    result = market_rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", market="true")
    assert result.text == "BUY 4 7_ETF at market sent"
    sent = market_rig.sent[-1]
    assert (sent["price_ticks"], sent["terms"]) == (526, IOC | MARKET)
    assert market_rig.logged[-2].text == "manual market"


def test_a_market_order_may_have_a_stop(market_rig) -> None:
    args = {"instrument": "7_ETF", "quantity": "4", "market": "true"}
    refused = market_rig.ask(CommandName.SELL, **args, stop="50.2")
    assert refused.text.endswith("nearest 50.3 now")
    assert market_rig.ask(CommandName.SELL, **args, stop="50.3").accepted


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"price": "50"}, "a market order has no price; leave out market or 50"),
        ({"post_only": "true"}, "an order is either post-only or market"),
    ],
)
def test_a_market_order_that_cannot_be_is_refused(market_rig, args, words) -> None:
    result = market_rig.ask(
        CommandName.BUY, instrument="7_ETF", quantity="4", market="true", **args
    )
    assert result.text == words


def test_a_market_order_needs_a_book(market_rig) -> None:
    market_rig.engine.state.instruments[1]["book_state"] = 0
    result = market_rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", market="true")
    assert "there is no two-sided book" in result.text


def test_a_venue_without_market_orders_is_not_sent_one(rig) -> None:
    result = rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", market="true")
    assert result.text == (
        "this venue has no market orders; without a price an order takes the best one of the "
        "other side"
    )
    assert rig.sent == []


def test_without_a_book_there_is_no_price_to_take(rig) -> None:
    rig.engine.state.instruments[1]["book_state"] = 0
    assert "name a price" in rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4").text


def test_one_order_can_be_canceled_by_its_number(rig) -> None:
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    rig.ask(CommandName.CANCEL, order_id="1")
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.PLACE, IntentKind.CANCEL]
    assert not rig.ask(CommandName.CANCEL, order_id="99").accepted


def open_order(rig, **args: str) -> int:
    """An order by hand that the venue has taken."""
    rig.ask(CommandName.BUY, instrument="7_ETF", **{"quantity": "4", "price": "50.0", **args})
    sent = rig.sent[-1]
    rig.feed(
        events.order_report(
            1, sent["order_id"], OrderStatus.OPEN, price_ticks=sent["price_ticks"],
            lots=sent["lots"], leaves_lots=sent["lots"],
        )
    )  # fmt: skip
    return sent["order_id"]


def test_an_order_is_changed_in_the_units_of_its_instrument(rig) -> None:
    number = open_order(rig)
    result = rig.ask(CommandName.AMEND, order_id=str(number), quantity="6", price="49.9")
    assert result.accepted
    assert result.text == (
        "order 1: asked the venue for 6 7_ETF at 49.9; the strategy leaves it alone"
    )
    sent = rig.sent[-1]
    assert (sent["kind"], sent["price_ticks"], sent["lots"]) == (IntentKind.REPLACE, 499, 6)
    assert rig.logged[-2].text == "manual change asked of the venue"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"order_id": "99", "price": "50"}, "no live order has number 99"),
        ({"order_id": "0", "price": "50"}, "no live order has number 0"),
        ({"order_id": "one", "price": "50"}, "not a number"),
        ({"order_id": "1"}, "order 1 is 4 at 50.0 already"),
        ({"order_id": "1", "quantity": "4"}, "order 1 is 4 at 50.0 already"),
        ({"order_id": "1", "quantity": "0"}, "must be positive"),
        ({"order_id": "1", "price": "50.05"}, "multiple of 0.1"),
        ({"order_id": "1", "price": "90"}, "PRICE_COLLAR"),
        ({"order_id": "1", "quantity": "50"}, "POSITION_LIMIT"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_reason(rig, args, words) -> None:
    open_order(rig)
    result = rig.ask(CommandName.AMEND, **args)
    assert not result.accepted
    assert words in result.text
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.PLACE]


def test_a_change_below_what_is_filled_says_what_would_do(rig) -> None:
    number = open_order(rig)
    rig.feed(events.fill(1, number, 7, 1, 500, 3))
    result = rig.ask(CommandName.AMEND, order_id=str(number), quantity="3")
    assert "3 of order 1 are filled, and 3 is no more than that" in result.text
    assert result.text.endswith("to end it: cancel 1")


def test_an_order_that_awaits_an_answer_is_not_changed_on_top(rig) -> None:
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    result = rig.ask(CommandName.AMEND, order_id="1", price="49.9")
    assert result.text == (
        "order 1 is PENDING_NEW: the venue has yet to answer; try again in a moment"
    )


def test_a_venue_that_changes_no_orders_is_not_asked_to() -> None:
    rig = EngineRig(abilities=VenueAbilities(amends_orders=False, has_market_orders=False))
    rig.connect()
    rig.book(500, 502, index=1)
    number = open_order(rig)
    result = rig.ask(CommandName.AMEND, order_id=str(number), price="49.9")
    assert result.text == "this venue changes no orders; cancel it and send another one"


def test_an_entry_carries_its_stop_and_its_target(rig) -> None:
    result = rig.ask(
        CommandName.BUY, instrument="7_ETF", quantity="5", price="50", stop="48", target="50.4"
    )
    assert result.text == "BUY 5 7_ETF at 50.0 sent, stop 48.0, target 50.4"
    bracket = rig.engine.state.brackets[0]
    assert (bracket["stop_ticks"], bracket["target_ticks"], bracket["side"]) == (480, 504, 1)
    assert "bracket 1: stop 48.0 and target 50.4 for what order 1 is bought" in rig.texts()
    assert rig.journal.notes[-1]["args"]["stop"] == "48"


def test_an_entry_without_a_price_may_have_a_stop(rig) -> None:
    result = rig.ask(CommandName.SELL, instrument="7_ETF", quantity="5", stop="50.3")
    assert result.text == "SELL 5 7_ETF at 50.0 sent, stop 50.3"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"stop": "50.0"},
         ("stop 50.0 would close at once: for what is bought it stands below entry and market, "
         "nearest 49.9 now")),
        ({"target": "50"},
         ("target 50.0 is on the wrong side: for what is bought it stands above the entry, "
         "nearest 50.1 now")),
        ({"stop": "49.95"}, "price 49.95 is not a multiple of 0.1"),
        ({"target": "-1"}, "price -1 must be positive"),
    ],
)  # fmt: skip
def test_a_stop_or_target_that_cannot_be_is_refused_with_the_nearest(rig, args, words) -> None:
    result = rig.ask(CommandName.BUY, instrument="7_ETF", quantity="5", price="50", **args)
    assert not result.accepted
    assert words in result.text
    assert rig.sent == []


def test_what_is_sold_has_its_stop_above(rig) -> None:
    result = rig.ask(CommandName.SELL, instrument="7_ETF", quantity="5", price="50.2", stop="50.2")
    assert result.text.endswith("it stands above entry and market, nearest 50.3 now")


def test_a_stop_needs_a_book_to_be_judged_by(rig) -> None:
    rig.engine.state.instruments[1]["book_state"] = 0
    result = rig.ask(CommandName.BUY, instrument="7_ETF", quantity="5", price="50", stop="48")
    assert "no two-sided book to judge a stop or target by" in result.text


def test_a_full_table_of_brackets_says_what_to_do(rig) -> None:
    rig.account["brackets"] = 32
    result = rig.ask(CommandName.BUY, instrument="7_ETF", quantity="5", price="50", stop="48")
    assert result.text.endswith("take one away with protect INSTRUMENT off")


def held_by_hand(rig, lots: str = "5") -> None:
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity=lots, price="50.2")
    rig.feed(events.fill(1, rig.sent[-1]["order_id"], 71, 1, 502, int(lots)))


def test_what_is_held_by_hand_can_be_protected_and_let_go_again(rig) -> None:
    held_by_hand(rig)
    assert rig.ask(CommandName.PROTECT, instrument="7_ETF", stop="49", target="51").text == (
        "5 7_ETF protected, stop 49.0, target 51.0"
    )
    sent = rig.sent[-1]
    assert (sent["side"], sent["price_ticks"], sent["lots"]) == (-1, 510, 5)
    again = rig.ask(CommandName.PROTECT, instrument="7_ETF", stop="49")
    assert again.text.endswith("to set other ones: protect 7_ETF off")
    off = rig.ask(CommandName.PROTECT, instrument="7_ETF")
    assert off.text == "stops and targets of 7_ETF are taken away; the position stays"
    assert rig.sent[-1]["kind"] == IntentKind.CANCEL
    assert rig.ask(CommandName.PROTECT, instrument="7_ETF").text == (
        "7_ETF has no stop and no target to take away"
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"instrument": "7_ETF", "stop": "50"}, "nearest 49.9 now"),
        ({"instrument": "7_ETF", "target": "50.2"}, "nearest 50.3 now"),
        ({"instrument": "1_Eisbach", "stop": "50"}, "nothing is held by hand in 1_Eisbach"),
        ({"instrument": "8_ETF", "stop": "50"}, "did you mean 7_ETF"),
    ],
)
def test_a_protection_that_cannot_be_is_refused_with_the_reason(rig, args, words) -> None:
    held_by_hand(rig)
    result = rig.ask(CommandName.PROTECT, **args)
    assert not result.accepted
    assert words in result.text


def test_the_size_of_a_target_is_not_a_persons_to_change(rig) -> None:
    held_by_hand(rig)
    rig.ask(CommandName.PROTECT, instrument="7_ETF", target="51")
    number = rig.sent[-1]["order_id"]
    rig.feed(
        events.order_report(1, number, OrderStatus.OPEN, price_ticks=510, lots=5, leaves_lots=5)
    )
    result = rig.ask(CommandName.AMEND, order_id=str(number), quantity="3")
    assert result.text == (
        f"order {number} is the target of bracket 1, and its size follows the position; "
        "change its price"
    )
    assert rig.ask(CommandName.AMEND, order_id=str(number), price="50.9").accepted
    assert "bracket 1: target 50.9" in rig.texts()


def test_two_orders_are_linked(rig) -> None:
    first, second = open_order(rig), open_order(rig, price="49.5")
    result = rig.ask(CommandName.OCO, order_id=str(first), other_id=str(second))
    assert result.text == "orders 1 and 2 cancel each other: the first to trade or end"
    assert rig.engine.state.orders[first]["partner"] == second
    again = rig.ask(CommandName.OCO, order_id=str(first), other_id=str(second))
    assert again.text == "order 1 is linked to 2 already"


def test_orders_that_cannot_be_linked_are_named(rig) -> None:
    first, second = open_order(rig), open_order(rig, price="49.5")
    rig.engine.state.orders[second]["origin"] = 0
    held_by_hand(rig)
    rig.ask(CommandName.PROTECT, instrument="7_ETF", target="51")
    for other, words in (
        (first, "1 is one order; oco needs two"),
        (99, "no live order has number 99"),
        (second, "order 2 is of STRATEGY; only orders by hand are linked"),
        (rig.sent[-1]["order_id"], "whose stop and target cancel each other already"),
    ):
        result = rig.ask(CommandName.OCO, order_id=str(first), other_id=str(other))
        assert not result.accepted
        assert words in result.text


def test_stopping_is_passed_on_with_its_source(rig) -> None:
    assert rig.ask(CommandName.STOP).accepted
    assert rig.stopped == ["asked by test:1"]


def test_a_live_engine_has_no_speed(rig) -> None:
    assert rig.ask(CommandName.SPEED, value="4").text == "only a replay has a speed"


@pytest.mark.parametrize("name", [CommandName.STEP, CommandName.SEEK, CommandName.WHATIF])
def test_only_a_replay_can_be_moved(name: CommandName) -> None:
    """What has not happened cannot be gone to."""
    rig = EngineRig()
    answer = rig.ask(name, events="1", where="end")
    assert (answer.accepted, answer.text) == (False, f"only a replay can {name}")
    assert rig.engine.seq == 0


def test_refusals_are_shown_to_everybody(rig) -> None:
    rig.ask(CommandName.SET, key="nope", value="1")
    assert rig.logged[-1].severity == "warning"
    assert "nope 1 refused" in rig.logged[-1].text


def test_what_a_stranger_types_cannot_steer_other_peoples_terminals(rig) -> None:
    """A refusal is shown to every viewer and logged: no escape sequence may travel in it."""
    result = rig.ask(CommandName.SET, key="\x1b[2Jnope\n", value="1")
    assert not result.accepted
    for text in (result.text, rig.logged[-1].text):
        assert text.isprintable()
        assert "nope" in text
