"""Every setting with its value, its origin and its meaning."""

from __future__ import annotations

import tomllib

from core.settings.listing import list_settings
from core.settings.loader import load_settings


def test_a_line_says_what_won_and_why() -> None:
    lines = {line.key: line for line in list_settings(load_settings(None, (), ["venue.seed=99"]))}
    assert lines["venue.seed"].value == "99"
    assert lines["venue.seed"].origin == "--set"
    assert lines["account.capital"].value == "1000000"
    assert lines["account.capital"].origin == "config/profiles/practice.toml"
    assert lines["log.level"].value == '"INFO"'
    assert lines["log.level"].origin == "config/defaults.toml"


def test_every_value_is_toml_and_every_line_has_a_meaning() -> None:
    for line in list_settings(load_settings("binance")):
        assert "value" in tomllib.loads(f"value = {line.value}")
        assert line.meaning, line.key
