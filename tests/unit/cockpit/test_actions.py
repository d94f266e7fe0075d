"""The registry of actions, and the keys that name them."""

from __future__ import annotations

import pytest

from cockpit.actions import ACTIONS, Confirm, Kind, Request, replay_speed, resolve
from cockpit.keymap import DEFAULT_KEYMAP, KEYS
from core.domain.commands import Command, CommandName
from core.domain.enums import TradingState


def test_every_key_names_an_action() -> None:
    assert set(KEYS.values()) <= set(ACTIONS)


def test_stopping_never_waits_for_a_dialog() -> None:
    """Only what also reaches the orders of other programs asks first."""
    asking = [
        name
        for name, action in ACTIONS.items()
        if action.kind is Kind.STOPPING and action.confirm is not Confirm.NONE
    ]
    assert asking == ["cancel-everything"]
    assert "other programs too" in ACTIONS["cancel-everything"].detail


def test_re_arming_tells_the_engine_the_word_that_was_typed() -> None:
    command = ACTIONS["rearm"].command
    assert command is not None
    assert command(Request("cockpit:7", 3)).args == {"word": ACTIONS["rearm"].word}


def test_what_is_to_be_typed_is_said() -> None:
    for action in ACTIONS.values():
        assert bool(action.word) is (action.confirm is Confirm.TYPE_THE_WORD)


def test_only_looking_is_allowed_read_only() -> None:
    allowed = {name for name, action in ACTIONS.items() if action.is_allowed_read_only}
    assert not allowed & {"halt", "pause", "resume", "rearm", "flatten", "set", "cancel", "hold"}


def test_an_action_becomes_the_command_of_its_name() -> None:
    built = {
        name: action.command(Request("cockpit:7", 3, {"key": "a"})).name
        for name, action in ACTIONS.items()
        if action.command is not None
    }
    assert built == {
        "halt": CommandName.HALT,
        "pause": CommandName.PAUSE,
        "cancel-all": CommandName.CANCEL_ALL,
        "cancel-everything": CommandName.CANCEL_EVERYTHING,
        "cancel": CommandName.CANCEL,
        "amend": CommandName.AMEND,
        "oco": CommandName.OCO,
        "protect": CommandName.PROTECT,
        "flatten-one": CommandName.FLATTEN,
        "stop-engine": CommandName.STOP,
        "resume": CommandName.RESUME,
        "rearm": CommandName.RESUME,
        "flatten": CommandName.FLATTEN,
        "buy": CommandName.BUY,
        "sell": CommandName.SELL,
        "set": CommandName.SET,
        "keep": CommandName.KEEP,
        "faster": CommandName.SPEED,
        "slower": CommandName.SPEED,
        "hold": CommandName.SPEED,
        "step-forward": CommandName.STEP,
        "step-back": CommandName.STEP,
        "next-fill": CommandName.SEEK,
        "previous-fill": CommandName.SEEK,
        "speed": CommandName.SPEED,
        "step": CommandName.STEP,
        "seek": CommandName.SEEK,
        "whatif": CommandName.WHATIF,
    }


def test_a_command_carries_who_asks_and_what() -> None:
    command = ACTIONS["set"].command
    assert command is not None
    request = Request("cockpit:7", 3, {"key": "a", "value": "1"})
    expected = Command(CommandName.SET, "cockpit:7", 3, {"key": "a", "value": "1"})
    assert command(request) == expected


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (TradingState.ACTIVE, "pause"),
        (TradingState.REDUCING, "resume"),
        (TradingState.HALTED, "rearm"),
        (None, "pause"),
    ],
)
def test_p_pauses_and_resumes_by_state(state, action) -> None:
    assert resolve("toggle-pause", state) == action


def test_leaving_safe_mode_takes_a_word_and_ending_a_pause_a_yes() -> None:
    assert ACTIONS["rearm"].confirm is Confirm.TYPE_THE_WORD
    assert ACTIONS["resume"].confirm is Confirm.CONFIRM


@pytest.mark.parametrize(
    ("name", "now", "before", "expected"),
    [
        ("faster", 4.0, 1.0, 8.0),
        ("slower", 4.0, 1.0, 2.0),
        ("hold", 4.0, 1.0, 0.0),
        ("hold", 0.0, 16.0, 16.0),
        ("faster", 0.0, 16.0, 32.0),
        ("faster", 1024.0, 1.0, 1024.0),
        ("slower", 0.125, 1.0, 0.125),
    ],
)
def test_replay_speed(name, now, before, expected) -> None:
    """Doubling and halving stay within bounds; holding remembers the speed."""
    assert replay_speed(name, now, before) == expected


def test_the_footer_offers_what_p_does_now() -> None:
    assert ("p", "pause") in DEFAULT_KEYMAP.footer_hints(TradingState.ACTIVE)
    assert ("p", "resume") in DEFAULT_KEYMAP.footer_hints(TradingState.HALTED)


def test_the_footer_of_a_replay_offers_its_speed() -> None:
    assert ("space", "hold") in DEFAULT_KEYMAP.footer_hints(None, is_replay=True)
    assert ("space", "hold") not in DEFAULT_KEYMAP.footer_hints(None)


def test_help_knows_every_key_once() -> None:
    rows = [row for kind in Kind for row in DEFAULT_KEYMAP.help_rows(kind)]
    assert len({label for _, label in rows}) == len(rows)
    assert ("1-8", "Look at an instrument") in rows
    assert any(keys == "q ctrl-c ctrl-q" for keys, _ in rows)
