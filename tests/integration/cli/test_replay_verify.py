"""`replay RUN --verify`: real runs, ended in order and killed, are decided again bit for bit."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.program import Program

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]


@pytest.fixture(scope="module")
def story(make_program):
    """Trade, change a parameter, look while it runs, kill; restart on the same account, stop."""
    program = make_program("--set", "venue.speed=4")
    process = program.start_engine()
    program.wait_until(lambda status: status["fills"] >= 3, "some fills")
    assert program.call("send", "set", "strategy.min_signal", "0.2").code == 0
    assert program.call("send", "pause").code == 0
    assert program.call("send", "resume").code == 0
    seen = {"program": program, "running": program.run("replay", "latest", "--verify", "--json")}
    process.kill()
    process.wait()
    seen["killed_run"] = program.runs()[-1]
    seen["killed"] = program.run("replay", str(seen["killed_run"]), "--verify", "--json")
    process = program.start_engine()
    program.wait_until(lambda status: status["orders"], "an order")
    assert program.run("stop").code == 0
    assert process.wait(20) == 0, program.said
    seen["stopped_run"] = program.runs()[-1]
    seen["stopped"] = program.run("replay", seen["stopped_run"].name, "--verify", "--json")
    return seen


@pytest.fixture
def copied(story, tmp_path: Path) -> Path:
    """A run that a test may damage."""
    return Path(shutil.copytree(story["stopped_run"], tmp_path / story["stopped_run"].name))


def change(folder: Path, statement: str) -> None:
    """Change the journal of a run."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection, connection:
        connection.execute(statement)


def test_a_run_is_identical_to_itself_and_nothing_of_it_is_left_out(story) -> None:
    """The keys are the contract; the hash is the one that backtests have, too."""
    result = story["stopped"].json()
    assert story["stopped"].code == 0, story["stopped"].err
    assert list(result) == [
        "run_id", "events", "decisions", "states", "unrecorded", "identical",
        "first_difference", "damage", "kernel", "decision_hash", "remarks",
    ]  # fmt: skip
    assert result["identical"] is True
    assert result["decisions"] > 0
    assert (result["unrecorded"], result["first_difference"], result["damage"]) == (0, None, "")
    assert result["kernel"]["recorded"] == result["kernel"]["now"]
    assert result["run_id"] == story["stopped_run"].name


def test_a_killed_run_is_identical_as_far_as_it_was_written(story) -> None:
    """A parameter that was changed and a pause are part of it."""
    result = story["killed"].json()
    assert story["killed"].code == 0, story["killed"].out
    assert result["identical"] is True
    assert result["decisions"] > 3


def test_a_run_can_be_verified_while_it_trades(story) -> None:
    """Reading does not disturb the writer, and what is written meanwhile is left alone."""
    assert story["running"].code == 0, story["running"].out
    assert story["running"].json()["identical"] is True


def test_a_wrong_decision_is_named_with_exit_code_4(story, copied: Path) -> None:
    """For people: which event, what was wanted then and what now."""
    with closing(sqlite3.connect(copied / "journal.db")) as connection:
        ((seq, payload),) = connection.execute(
            "SELECT seq, payload FROM decisions ORDER BY seq LIMIT 1"
        ).fetchall()
    changed = bytearray(payload)
    changed[40] ^= 1
    change(copied, f"UPDATE decisions SET payload = x'{changed.hex()}' WHERE seq = {seq}")
    told = story["program"].call("replay", str(copied), "--verify")
    assert told.code == 4
    lines = told.out.splitlines()
    assert lines[0] == f"run {copied.name}: DIFFERENT"
    assert lines[1].startswith(f"first difference: decision at event {seq:,} (")
    assert lines[2].startswith("  recorded: 1 of ")
    assert lines[3].startswith("  replayed: 1 of ")
    asked = story["program"].call("replay", str(copied), "--verify", "--json")
    assert asked.code == 4
    assert asked.json()["identical"] is False
    assert asked.json()["first_difference"]["seq"] == seq


def test_a_damaged_journal_is_exit_code_5_and_says_where(story, copied: Path) -> None:
    """What comes before the damage was compared."""
    change(copied, "UPDATE events SET crc = crc + 1 WHERE seq = 30")
    told = story["program"].call("replay", str(copied), "--verify")
    assert told.code == 5
    assert "identical as far as its journal can be read" in told.out
    assert "damaged: event 30 is damaged: its checksum does not fit" in told.out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nix", "--verify"], 5, "nix: is no folder of a run and no run in "),
        (["latest", "latest", "--verify"], 2, "replay --verify compares one run at a time, not 2"),
        (["latest", "--verify", "--speed", "5"], 2, "--speed and --for do not go with it"),
        (["latest", "--verify", "--part", "0:50"], 2, "--part and --models do not go with it"),
        (["latest", "--verify", "--for", "5s"], 2, "--speed and --for do not go with it"),
        (["latest", "latest", "--json"], 2, "replay plays one run at a time, not 2"),
        (["latest", "--part", "0:50"], 2, "a run is played as it was: --part and --models"),
        (["latest", "--models", "m.json"], 2, "a run is played as it was: --part and --models"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(story, words, code, sentence) -> None:
    """And what to do instead."""
    told = story["program"].call("replay", *words)
    assert told.code == code
    assert sentence in told.sentence


def test_where_nothing_ever_ran_there_is_no_latest_run(tmp_path: Path) -> None:
    """One sentence, whether a profile is named or not."""
    told = Program(tmp_path).call("replay", "latest", "--verify")
    assert told.code == 5
    assert told.sentence.endswith(f"latest: there is no run in {tmp_path}")
    told = Program(tmp_path, "--profile", "practice").call("replay", "latest", "--verify")
    assert told.sentence.endswith(f"latest: there is no run of profile practice in {tmp_path}")


def test_the_users_own_signal_is_part_of_the_run(tmp_path: Path, compiled_kernel) -> None:
    """The same file verifies; another is refused, because it decides otherwise."""
    signal = tmp_path / "own_verified.py"
    signal.write_text("def lean(row):\n    return 0.5 * row['obi']\n")
    config = tmp_path / "own.toml"
    config.write_text('[signals]\nmine = "own_verified:lean"\n')
    program = Program(tmp_path / "run", "--config", str(config))
    try:
        ran = program.run("--no-ui", "--for", "6s")
        assert ran.code == 0, ran.err
        told = program.run("replay", "latest", "--verify")
        assert told.code == 0, told.out + told.err
        assert ": identical, byte for byte" in told.out
        signal.write_text("def lean(row):\n    return -0.5 * row['obi']\n")
        told = program.run("replay", "latest", "--verify")
        assert told.code == 5
        assert 'was traded with signals.mine = "own_verified:lean"' in told.sentence
    finally:
        program.close()
