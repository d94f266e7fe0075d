"""Options that may stand before a command or after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.cli.screen import open_cockpit
from cockpit.cli.world import World


def world(*, is_low_bandwidth: bool) -> World:
    return World(None, (), (), Path("runs"), is_low_bandwidth=is_low_bandwidth)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_a_line_is_spared_wherever_it_is_said(before, after) -> None:
    sparing = world(is_low_bandwidth=before).sparing(after)
    assert sparing.is_low_bandwidth is (before or after)
    assert not sparing.arguments()[2:], "it is the screen's business and not the engine's"


@pytest.mark.parametrize(("is_low", "choice"), [(True, "always"), (False, "auto")])
def test_the_option_is_stronger_than_the_setting(monkeypatch, tmp_path, is_low, choice) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    app = open_cockpit(world(is_low_bandwidth=is_low), lambda: None)
    assert app.settings.low_bandwidth == choice
    assert app.terminal.line.is_slow is is_low
