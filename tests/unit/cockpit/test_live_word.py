"""The word for real money, as it is typed at a terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from cockpit.cli import group

WORD = "KRAKEN-REAL-MONEY"


@pytest.fixture
def cockpit(monkeypatch):
    """A terminal, and a cockpit that only notes with which settings it would start."""
    worlds = []
    monkeypatch.setattr(group, "has_terminal", lambda: True)
    monkeypatch.setattr(group, "run_cockpit", lambda world: worlds.append(world) or 0)

    def start(*arguments, typed=""):
        worlds.clear()
        told = CliRunner().invoke(group.main, arguments, input=typed)
        return told, worlds

    return start


def test_the_word_is_shown_with_what_is_at_stake_and_passed_on(cockpit) -> None:
    told, (world,) = cockpit("--profile", "kraken-live", "--live", typed=f"{WORD}\n")
    assert "REAL MONEY: orders of profile kraken-live go to kraken" in told.output
    assert f"Type {WORD} to go on" in told.output
    assert world.overrides == ("venue.live=true", f"venue.confirm_live={WORD}")


@pytest.mark.parametrize("typed", ["yes\n", "kraken-real-money\n", "\n"])
def test_another_word_starts_nothing(cockpit, typed) -> None:
    told, worlds = cockpit("--profile", "kraken-live", "--live", typed=typed)
    assert (told.exit_code, worlds) == (2, [])
    assert f"not {WORD}: nothing was started" in told.output


def test_a_word_that_was_said_is_not_asked_for(cockpit) -> None:
    told, (world,) = cockpit("--profile", "kraken-live", "--live", "--confirm-live", WORD)
    assert "Type" not in told.output
    assert world.overrides == ("venue.live=true", f"venue.confirm_live={WORD}")


def test_the_word_alone_is_not_enough(cockpit) -> None:
    told, worlds = cockpit("--profile", "kraken-live", "--confirm-live", WORD)
    assert (told.exit_code, worlds) == (2, [])
    assert "--confirm-live goes with --live" in told.output


def test_play_money_asks_for_no_word(cockpit) -> None:
    told, (world,) = cockpit("--profile", "paper-kraken")
    assert (told.output, world.overrides) == ("", ())
