"""`replay RUN`: a run is played from its journal, by the command and steered over its socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.api.socket_client import SocketClient
from core.domain.errors import EngineUnavailable
from core.domain.snapshot import EngineSnapshot
from tests.integration.program import Program, wait_for
from tests.unit.runtime.run_rig import RUN_ID, record
from tests.unit.runtime.test_verify import change, decided

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run_dir(tmp_path: Path, compiled_kernel) -> Path:
    asyncio.run(record(tmp_path / RUN_ID))
    return tmp_path


def look(run_dir: Path) -> EngineSnapshot | None:
    """The replay as it is; None if there is none."""

    async def ask() -> EngineSnapshot:
        client = SocketClient(run_dir, "test", read_only=True, snapshots_per_second=0)
        try:
            await client.connect()
            return await client.look()
        finally:
            await client.close()

    try:
        return asyncio.run(ask())
    except EngineUnavailable:
        return None


@contextmanager
def replaying(run_dir: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A replay as a process, from when its run has been read."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cockpit", "--run-dir", str(run_dir), "replay", *words],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_for(
            lambda: (found := look(run_dir)) and found.telemetry.replay_length, "a run that is read"
        )
        yield process
    finally:
        process.kill()
        process.communicate()


def at(run_dir: Path, position: int) -> EngineSnapshot:
    def is_there() -> EngineSnapshot | None:
        found = look(run_dir)
        return found if found is not None and found.seq == position else None

    return wait_for(is_there, f"event {position}")


@pytest.mark.parametrize("run", [RUN_ID, "latest"])
def test_figures_are_those_of_verify_and_counts(run_dir: Path, run: str) -> None:
    told = Program(run_dir).call("replay", run, "--json", "--no-ui")
    assert told.code == 0, told.err
    result = told.json()
    verified = Program(run_dir).call("replay", run, "--verify", "--json").json()
    assert {name: result[name] for name in verified} == verified
    assert list(result)[len(verified) :] == [
        "notices", "fills", "orders", "alerts", "notes", "played",
    ]  # fmt: skip
    assert (result["alerts"], result["notes"], result["played"]) == (2, 3, result["events"])


def test_lines_are_those_of_the_run(run_dir: Path) -> None:
    told = Program(run_dir).call("replay", "latest", "--no-ui", "--speed", "max")
    assert told.code == 0, told.err
    assert f"run {RUN_ID}: identical, byte for byte" in told.out
    assert "played: 546 of 546 events" in told.out
    assert "pause (cockpit:7)" in told.err
    assert "BUY 3 1_Eisbach" in told.err


def test_a_difference_ends_with_4_after_all_has_been_played(run_dir: Path) -> None:
    change(run_dir / RUN_ID, "DELETE FROM decisions WHERE seq = ?", min(decided(run_dir / RUN_ID)))
    told = Program(run_dir).call("replay", "latest", "--json")
    assert told.code == 4
    assert told.json()["played"] == 546
    assert told.json()["first_difference"]["recorded"] == "nothing"


def test_a_replay_is_steered_by_send(run_dir: Path) -> None:
    """As a person does it, with the words of the command line; nothing can be traded."""
    program = Program(run_dir)
    with replaying(run_dir, "latest", "--no-ui", "--speed", "0") as process:
        assert program.call("send", "step", "3").out == "at 08:26:40, event 3\n"
        at(run_dir, 3)
        assert program.call("send", "seek", "08:26:50").code == 0
        later = wait_for(lambda: (found := look(run_dir)) and found.seq > 3 and found, "08:26:50")
        place = later.seq
        assert program.call("send", "seek", "-5s").code == 0
        wait_for(lambda: (found := look(run_dir)) and found.seq < place, "an earlier place")
        assert program.call("send", "seek", "seq", str(place)).code == 0
        again = at(run_dir, place)
        assert (again.account, again.orders) == (later.account, later.orders)
        for words in (["halt"], ["buy", "1_Eisbach", "1", "@", "5000"], ["flatten"]):
            told = program.call("send", *words)
            assert told.code == 2
            assert "no venue is connected" in told.out
        told = program.call("send", "seek", "23:59")
        assert (told.code, "is not in the recording" in told.out) == (2, True)
        status = json.loads(program.call("status", "--json").out)
        assert (status["mode"], status["run_id"]) == ("REPLAY", RUN_ID)
        assert program.call("send", "speed", "max").code == 0
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "played: 546 of 546 events" in out


def test_ctrl_c_ends_a_replay_in_order(run_dir: Path) -> None:
    with replaying(run_dir, "latest", "--no-ui", "--speed", "0") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "played: 0 of 546 events" in out


def test_a_time_limit_ends_it(run_dir: Path) -> None:
    told = Program(run_dir).call("replay", "latest", "--no-ui", "--speed", "0", "--for", "1s")
    assert told.code == 0, told.err
    assert "played: 0 of 546 events" in told.out


def test_a_replay_for_its_figures_needs_no_place_of_its_own(run_dir: Path) -> None:
    """An engine, or another replay, may be running in the same directory."""
    with replaying(run_dir, "latest", "--no-ui", "--speed", "0"):
        told = Program(run_dir).call("replay", "latest", "--json")
        assert told.code == 0, told.err
        beside = Program(run_dir).call("replay", "latest", "--no-ui")
        assert beside.code == 2


def test_where_nothing_ever_ran_there_is_nothing_to_play(tmp_path: Path) -> None:
    told = Program(tmp_path).call("replay", "latest", "--no-ui")
    assert told.code == 5
    assert told.sentence.endswith(f"latest: there is no run in {tmp_path}")


def test_what_if_compares_three_curves(run_dir: Path) -> None:
    """As a table and as JSON; the run is not touched."""
    program = Program(run_dir)
    told = program.call("whatif", "latest", "strategy.min_signal", "0.5", "--at", "seq 60")
    assert told.code == 0, told.err
    first, _, changed, base, recorded, last = told.out.splitlines()
    assert first == "strategy.min_signal 0.15 -> 0.5, 08:26:42 to 08:27:03 UTC"
    assert [line.split()[0] for line in (changed, base, recorded)] == [
        "changed", "unchanged", "recorded",
    ]  # fmt: skip
    assert last.startswith("the change is worth ")
    result = program.call("whatif", RUN_ID, "strategy.min_signal", "0.5", "--json").json()
    assert (result["state"], result["key"], result["old"]) == ("done", "strategy.min_signal", 0.15)
    for name in ("recorded", "base", "changed"):
        curve = result[name]
        assert len(curve["ts_ns"]) == len(curve["equity"]) > 10
    assert program.call("replay", "latest", "--verify").code == 0


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nix", "strategy.min_signal", "0.5"], 5, "nix: is no folder of a run"),
        (["latest", "strategy.min_signl", "0.5"], 2, "did you mean strategy.min_signal?"),
        (["latest", "strategy.min_signal", "much"], 2, "much is not a number"),
        (
            ["latest", "strategy.min_signal", "5"],
            2,
            "strategy.min_signal = 5.0 is above 1 (allowed",
        ),
        (["latest", "strategy.min_signal", "0.5", "--at", "noon"], 2, "noon is no place"),
        (["latest", "strategy.min_signal", "0.5", "--at", "end"], 5, "nothing is left of the run"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(run_dir, words, code, sentence) -> None:
    told = Program(run_dir).call("whatif", *words)
    assert told.code == code
    assert sentence in told.sentence
