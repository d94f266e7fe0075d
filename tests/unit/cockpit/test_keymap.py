"""The user's keys over the usual ones."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit import screens
from cockpit.actions import Kind
from cockpit.keymap import (
    DEFAULT_KEYMAP,
    FIXED,
    KEYS,
    NEVER_WITHOUT,
    PAGE_KEYS,
    Keymap,
    build_keymap,
)
from cockpit.screens.base import PageScreen
from core.domain.enums import TradingState


def refusal(**overrides: list[str]) -> str:
    named = {action.replace("_", "-"): keys for action, keys in overrides.items()}
    with pytest.raises(ValueError, match="keys") as refused:
        build_keymap(named)
    return str(refused.value)


def test_without_a_wish_the_usual_keys_work() -> None:
    assert dict(build_keymap({}).keys) == KEYS


def test_a_wish_takes_the_place_of_the_usual_keys() -> None:
    keymap = build_keymap({"halt": ["f12", "%"]})
    assert keymap.keys_of("halt") == ["f12", "%"]
    assert "s" not in keymap.keys


def test_two_actions_may_change_places() -> None:
    keymap = build_keymap({"orders": ["t"], "parameters": ["o"]})
    assert (keymap.keys["t"], keymap.keys["o"]) == ("orders", "parameters")


def test_an_action_may_be_left_without_a_key() -> None:
    keymap = build_keymap({"heatmap": []})
    assert keymap.keys_of("heatmap") == []
    assert all("signals" not in hint for hint in keymap.footer_hints(None))


@pytest.mark.parametrize("action", NEVER_WITHOUT)
def test_stopping_is_never_without_a_key(action) -> None:
    said = refusal(**{action: []})
    assert said.startswith(f"keys.{action} = [] leaves")


def test_a_key_of_two_wishes_is_refused_with_both() -> None:
    said = refusal(orders=["O"], why=["O"])
    assert said == "keys.orders and keys.why are both O; give one of them another key"


def test_a_key_that_another_action_has_is_refused_with_both() -> None:
    said = refusal(orders=["p"])
    assert said.startswith("keys.orders and toggle-pause (default) are both p;")


def test_an_unknown_action_is_refused_with_the_nearest() -> None:
    assert refusal(flaten=["z"]) == "keys.flaten is not an action; did you mean flatten?"
    assert "the page ? lists them" in refusal(zzzzz=["z"])


def test_an_action_that_needs_more_than_a_key_is_none() -> None:
    """`set` needs a parameter and a value."""
    assert "keys.set is not an action" in refusal(set=["z"])


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    said = refusal(halt=["s", "pgup"])
    assert said == 'keys.halt = "pgup" is not a key; did you mean pageup?'


@pytest.mark.parametrize("key", ["up", "c", "K", "escape"])
def test_a_key_of_pages_is_refused(key) -> None:
    """Safe mode on `k` would scroll on the page of orders."""
    assert "is used by pages themselves" in refusal(halt=[key])


def test_leaving_works_always() -> None:
    assert build_keymap({"quit": ["Q"]}).keys_of("quit") == ["Q", "ctrl-c", "ctrl-q"]
    assert refusal(help=["ctrl+c"]).endswith("always means quit; take another key")
    assert build_keymap({"quit": ["ctrl+c"]}).keys_of("quit") == ["ctrl-c", "ctrl-q"]


@given(
    st.dictionaries(
        st.sampled_from(sorted(set(KEYS.values()))),
        st.lists(st.sampled_from(["s", "x", "z", "f1", "f2", "?", "ctrl+k", "1"]), max_size=3),
    )
)
def test_whatever_is_wished_stopping_keeps_a_key_and_leaving_its_own(wishes) -> None:
    """Or the wish is refused."""
    try:
        keymap = build_keymap(wishes)
    except ValueError:
        return
    for action in NEVER_WITHOUT:
        assert keymap.keys_of(action)
    for key in FIXED:
        assert keymap.keys[key] == "quit"
    for action, keys in wishes.items():
        assert set(keys) <= {key.replace("-", "+") for key in keymap.keys_of(action)}


def page_bindings() -> set[str]:
    """Every key that a page binds."""
    for module in pkgutil.iter_modules(screens.__path__):
        import_module(f"cockpit.screens.{module.name}")
    pages = [PageScreen]
    for page in pages:
        pages += page.__subclasses__()
    return {
        key.strip()
        for page in pages
        for binding in page.__dict__.get("BINDINGS", ())
        for key in (binding.key if hasattr(binding, "key") else binding[0]).split(",")
    }


def test_the_keys_of_pages_are_known() -> None:
    """A page with a new key has to name it, or an action could hide behind it."""
    assert page_bindings() <= PAGE_KEYS
    assert page_bindings()


def test_no_usual_key_is_one_of_a_page() -> None:
    assert not PAGE_KEYS & KEYS.keys()


def test_footer_and_help_speak_of_the_keys_in_force() -> None:
    keymap = build_keymap({"halt": ["f12"], "instrument-1": ["%"], "hold": ["O"], "faster": []})
    hints = keymap.footer_hints(TradingState.ACTIVE, is_replay=True)
    assert ("f12", "safe mode") in hints
    assert ("%-8", "instrument") in hints
    assert hints[:2] == [("O", "hold"), ("-", "speed")]
    stop = keymap.help_rows(Kind.STOPPING)
    assert any(keys == "f12" and "Safe mode" in label for keys, label in stop)


def test_hints_of_pages_follow_the_keys_in_force() -> None:
    keymap = build_keymap({"halt": ["f12"], "cancel-all": ["O", "x"]})
    hints = [("s", "safe mode"), ("x", "cancel-all"), ("c", "cancel it"), ("esc", "back")]
    assert keymap.as_bound(hints) == [("f12", "safe mode"), *hints[1:]]
    assert DEFAULT_KEYMAP.as_bound(hints) == hints


def test_a_hint_whose_action_has_no_key_stays_readable() -> None:
    assert Keymap({}).as_bound([("s", "safe mode")]) == [("s", "safe mode")]
