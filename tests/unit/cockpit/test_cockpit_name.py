"""A cockpit is called after who sits there."""

from __future__ import annotations

import pytest

from cockpit.cockpit_name import cockpit_name


def test_it_is_called_after_its_user(monkeypatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    assert cockpit_name() == "cockpit:ada"


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_without_a_name_may_trade_too(monkeypatch, error) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nobody)
    assert cockpit_name() == "cockpit"
