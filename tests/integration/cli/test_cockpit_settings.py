"""The cockpit's own settings on the command line."""

from __future__ import annotations

import json

import pytest

from tests.integration.program import Program


def program(tmp_path, text: str) -> Program:
    path = tmp_path / "looks.toml"
    path.write_text(text)
    return Program(tmp_path / "run", "--cockpit", str(path))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('theme = "drak"', ('theme = "drak"', "did you mean dark?")),
        ("[keys]\norders = 'p'", ("keys.orders and toggle-pause (default) are both p",)),
        ("[keys]\ncancel-all = []", ("keys.cancel-all = [] leaves cancel-all without a key",)),
        ("[[alerts.rules]]\nwhen = 'fil'", ("alerts.rules.1.when", "did you mean fill?")),
        ("[panes", ("not valid TOML",)),
    ],
)
def test_a_bad_file_is_refused_in_one_line_that_names_it(tmp_path, text, parts) -> None:
    told = program(tmp_path, text).call("config", "check")
    assert (told.code, told.out) == (2, "")
    for part in ("looks.toml", *parts):
        assert part in told.sentence


def test_a_good_file_is_listed_as_an_origin(tmp_path) -> None:
    told = program(tmp_path, '[keys]\nhalt = ["s", "f12"]').call("config", "check", "--json")
    assert told.code == 0
    assert [name.rpartition("/")[2] for name in json.loads(told.out)["cockpit"]] == [
        "looks.toml",
        "cockpit.toml",
    ]


def test_every_setting_and_every_key_is_shown(tmp_path) -> None:
    told = program(tmp_path, '[keys]\nhalt = ["s", "f12"]').call("config", "show", "--json")
    rows = {row["key"]: row for row in json.loads(told.out)}
    assert rows["cockpit.keys.halt"]["value"] == '["s", "f12"]'
    assert rows["cockpit.theme"]["value"] == '"dark"'
    assert "risk.max_position_pct" in rows


def test_what_has_no_screen_does_not_ask_how_it_looks(tmp_path) -> None:
    """A typing error in a color must not keep anybody from stopping an engine."""
    told = program(tmp_path, 'theme = "drak"').call("status")
    assert told.code == 3
