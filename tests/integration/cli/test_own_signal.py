"""The user's own signal from the command line: the README's example, and a live engine."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.program import PATIENCE_S, Program
from tests.recorded_data import find
from tests.unit.data.recordings import price_row, write_prices

README = Path(__file__).parents[3] / "README.md"
DAY = "prices_round_3_day_0.csv.gz"

WHILE_BARS_ARE_FEW = """
def mine(row):
    return 0.5 if row.bars < 24 else 1.5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a user stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def day(folder, count=400):
    rows = [
        price_row(100 * i, bid=f"{97 + i // 7 % 3};5", ask=f"{101 + i // 7 % 3};4")
        for i in range(count)
    ]
    return str(write_prices(folder, rows))


def readme_blocks():
    section = README.read_text().split("## Your own signal\n")[1].split("\n## ")[0]
    return re.findall(r"```(\w*)\n(.*?)```", section, re.DOTALL)


def test_the_readmes_example_works_word_for_word(folder) -> None:
    """What it shows is written down, and every command it names ends well."""
    (folder / DAY).symlink_to(find(f"prosperity2/round3/{DAY}"))
    (language, code), (_, commands) = readme_blocks()
    name = re.match(r"# (\w+\.py)\n", code)
    assert language == "python"
    (folder / name[1]).write_text(code)
    for command in commands.strip().splitlines():
        program, *words = shlex.split(command)
        assert program == "imc-cockpit"
        told = Program(folder / "run").call(*words)
        assert told.code == 0, told.err
        assert told.err == ""
    assert "signals.mine contrarian:signal" in told.out
    assert (folder / "prosperity-model.json").is_file()


def test_the_check_knows_the_signal(folder) -> None:
    (folder / "checked_signal.py").write_text("def mine(row):\n    return 0.25\n")
    told = Program(folder / "run", "--set", "signals.mine=checked_signal:mine").call(
        "config", "check", "--json"
    )
    assert told.code == 0, told.err
    assert told.json()["signal"]["name"] == "checked_signal:mine"
    assert told.json()["signal"]["complaint"] == ""


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("nowhere_at_all:mine", "there is no module nowhere_at_all"),
        ("refused_signal:mien", "did you mean mine?"),
        ("refused_signal:two", "one argument"),
    ],
)
@pytest.mark.parametrize("command", ["check", "backtest", "engine"])
def test_a_signal_that_cannot_be_used_is_refused_before_anything_begins(
    folder, name, part, command
) -> None:
    (folder / "refused_signal.py").write_text(
        "def mine(row):\n    return 0.25\n\ndef two(row, x):\n    return 0.0\n"
    )
    words = {
        "check": ["config", "check"],
        "backtest": ["backtest", day(folder)],
        "engine": ["--no-ui", "--for", "1s"],
    }[command]
    told = Program(folder / "run", "--set", f"signals.mine={name}").call(*words)
    assert (told.code, told.out) == (2, "")
    assert told.sentence.startswith(f'imc-cockpit: signals.mine = "{name}"')
    assert part in told.sentence
    assert not (folder / "run").exists()


def test_a_signal_that_is_always_wrong_is_said_to_be_and_quarantined(folder) -> None:
    """It changes nothing but the outcomes: the run is the one without it."""
    (folder / "wrong_signal.py").write_text("def mine(row):\n    return 7\n")
    path = day(folder)
    told = Program(folder / "run", "--set", "signals.mine=wrong_signal:mine").call(
        "backtest", path, "--json"
    )
    assert told.code == 0
    assert "returns 7, outside [-1, 1]" in told.sentence
    assert told.json()["outcomes"]["BAD_SIGNAL"] == 1


def test_the_signal_changes_decisions_and_a_replay_repeats_them(folder) -> None:
    """Beside the settings file, as a user keeps it."""
    own = folder / "own"
    own.mkdir()
    (own / "beside_the_file.py").write_text(
        "def mine(row):\n    return 0.9 if row.bars % 40 < 20 else -0.9\n"
    )
    (own / "mine.toml").write_text(
        '[signals]\nmine = "beside_the_file:mine"\n[edge]\nmine = 10.0\n'
        "[strategy]\nmin_confidence = 0.0\nmin_regime_probability = 0.0\n"
    )
    path = day(folder, 2_000)
    program = Program(folder / "run", "--config", str(own / "mine.toml"))
    tested = program.call("backtest", path, "--json").json()
    again = program.call("backtest", path, "--json").json()
    replayed = program.call("replay", path, "--speed", "max", "--json").json()
    silenced = Program(
        folder / "run", "--config", str(own / "mine.toml"), "--set", "signals.weight_mine=0"
    )
    without = silenced.call("backtest", path, "--json").json()
    assert tested["fills"] > 0
    assert tested["signal"] == again["signal"]
    assert re.fullmatch(r"[0-9a-f]{16}", tested["signal"]["fingerprint"])
    assert tested["decision_hash"] == again["decision_hash"] == replayed["decision_hash"]
    assert tested["decision_hash"] != without["decision_hash"]


@pytest.mark.integration
@pytest.mark.xdist_group("terminals")
def test_a_live_engine_trades_with_a_signal_and_without_it_once_it_fails(program, tmp_path) -> None:
    """A real process: the signal stands in the records, its failure on the screen and the log."""
    (tmp_path / "live_signal.py").write_text(WHILE_BARS_ARE_FEW)
    settings = tmp_path / "mine.toml"
    settings.write_text('[signals]\nmine = "live_signal:mine"\n')
    engine = Program(program.run_dir, "--config", str(settings))
    try:
        process = engine.start("--no-ui", "--for", "60s")
        status = engine.wait_until(
            lambda status: status["outcomes"].get("BAD_SIGNAL", 0) == 8, "eight quarantines"
        )
        assert (status["trading_state"], status["readiness"]) == ("ACTIVE", "READY")
        assert engine.call("stop").code == 0
        assert process.wait(PATIENCE_S) == 0, engine.said
        alarms = [line["message"] for line in engine.log() if "your own signal" in line["message"]]
        assert len(alarms) == 8
        assert all("left [-1, 1]" in alarm for alarm in alarms)
        fingerprint = engine.manifest()["signal_hash"]
        assert re.fullmatch(r"[0-9a-f]{16}", fingerprint)
        with closing(sqlite3.connect(engine.runs()[-1] / "journal.db")) as journal:
            assert fingerprint in json.dumps(journal.execute("SELECT * FROM meta").fetchall())
    finally:
        engine.close()
