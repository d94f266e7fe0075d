"""A setting that cannot be used: exit code 2 and one line with where, what and what instead."""

from __future__ import annotations

import pytest

from tests.integration.program import Program

BAD_FILES = {
    "an unknown key": (
        "[risk]\nmax_positon_pct = 10\n",
        ("risk.max_positon_pct", "is not a setting", "risk.max_position_pct"),
    ),
    "a wrong type": (
        '[risk]\nmax_position_pct = "ten"\n',
        ("risk.max_position_pct", '"ten"', "0.1 to 100"),
    ),
    "a switch for a number": (
        "[risk]\nmax_position_pct = true\n",
        ("risk.max_position_pct", "true", "0.1 to 100"),
    ),
    "a value above its bound": (
        "[risk]\nmax_position_pct = 400\n",
        ("risk.max_position_pct = 400", "above 100", "0.1 to 100"),
    ),
    "a value below its bound": (
        "[risk]\nmax_order_lots = -3\n",
        ("risk.max_order_lots = -3", "below 1"),
    ),
    "a number that is none": ("[risk]\nmax_position_pct = nan\n", ("nan", "a finite number")),
    "limits that contradict each other": (
        "[risk]\ndrawdown_reduce_pct = 30\n",
        ("risk.drawdown_reduce_pct = 30", "drawdown_halt_pct = 25"),
    ),
    "a value for a table": ("risk = 3\n", ("risk = 3", "a table")),
    "a cut line": ("[risk\n", ("not valid TOML", "line 1")),
    "no text": (b"\xff\xfe\x00", ("not UTF-8",)),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_that_names_it(tmp_path, what) -> None:
    text, parts = BAD_FILES[what]
    path = tmp_path / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    told = Program(tmp_path / "run").call("--config", str(path), "config", "check")
    assert (told.code, told.out) == (2, "")
    for part in ("mine.toml", *parts):
        assert part in told.sentence


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--config", "nowhere.toml"], ("nowhere.toml", "No such file")),
        (["--config", "."], ("Is a directory",)),
        (["--profile", "practise"], ('"practise"', "did you mean practice?")),
        (["--profile", "../practice"], ("is not a profile", "binance, ", "practice, prosperity")),
        (["--set", "risk"], ('"risk"', "path.to.key=value")),
        (["--set", "strategy.min_signl=0.2"], ("did you mean strategy.min_signal?",)),
        (["--set", "risk.max_position_pct=0"], ("--set", "0.1 to 100")),
        (["--set", "instruments.file=nowhere"], ('"nowhere"', "munich-2025")),
        (["--set", "mode=LIVE"], ("LIVE", "SIM, PAPER and REPLAY")),
    ],
)
def test_a_bad_option_is_refused_in_one_line(tmp_path, options, parts) -> None:
    told = Program(tmp_path / "run", *options).call("config", "check")
    assert (told.code, told.out) == (2, "")
    for part in parts:
        assert part in told.sentence


def test_an_engine_does_not_start_on_bad_settings(tmp_path) -> None:
    """The real process, and nothing of a run is begun."""
    told = Program(tmp_path / "run", "--set", "risk.max_position_pct=400").run("--no-ui")
    assert told.code == 2
    assert "0.1 to 100" in told.sentence
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (["city.event=munich-2025"], 'data that city.feeds = "off" does not read'),
        (["city.feeds=live", 'city.river=["hndd"]'], "did you mean hnd"),
        (["city.feeds=simulated", "city.place=paris"], "needs city.latitude"),
    ],
)
def test_an_engine_does_not_start_with_a_city_that_cannot_be(tmp_path, wanted, sentence) -> None:
    options = [word for one in wanted for word in ("--set", one)]
    told = Program(tmp_path / "run", *options).run("--no-ui")
    assert told.code == 2
    assert sentence in told.sentence
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words",
    ["--for 3x", "--for -1s", "--bogus", "sned halt", "replay", "send", "exchange --port 99999"],
)
def test_wrong_usage_is_one_line_too(tmp_path, words) -> None:
    told = Program(tmp_path / "run").run(*words.split())
    assert (told.code, told.out) == (2, "")
    assert told.sentence.startswith("imc-cockpit: ")


def test_options_of_the_engine_do_not_fit_other_commands(tmp_path) -> None:
    told = Program(tmp_path / "run").call("--no-ui", "status")
    assert told.code == 2
    assert "status has options of its own" in told.sentence
