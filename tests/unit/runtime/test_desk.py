"""The desk: every request is answered, with a reason where it is refused."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import CommandKind, FlattenState, IntentKind, StateReason, TradingState
from core.domain.records import PARAMS
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


def test_without_a_book_there_is_no_price_to_take(rig) -> None:
    rig.engine.state.instruments[1]["book_state"] = 0
    assert "name a price" in rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4").text


def test_one_order_can_be_canceled_by_its_number(rig) -> None:
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    rig.ask(CommandName.CANCEL, order_id="1")
    assert [intent["kind"] for intent in rig.sent] == [IntentKind.PLACE, IntentKind.CANCEL]
    assert not rig.ask(CommandName.CANCEL, order_id="99").accepted


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
