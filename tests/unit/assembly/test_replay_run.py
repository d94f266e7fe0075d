"""A replay of a run as a whole: found, gone through, served, steered, ended."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.api.client import Notices
from core.api.socket_client import SocketClient
from core.assembly.replay_run import RunReplay, RunReplayOptions
from core.domain.commands import Command, CommandName
from core.domain.enums import Mode
from core.domain.errors import DataError
from core.domain.snapshot import EngineSnapshot
from core.domain.whatif import WhatIfState
from tests.unit.runtime.run_rig import RUN_ID, record
from tests.unit.runtime.test_verify import change, decided

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A run directory with one run."""
    run_dir = tmp_path_factory.mktemp("runs")
    asyncio.run(record(run_dir / RUN_ID))
    return run_dir


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(recorded, tmp_path / "copy"))


def options(runs: Path, **changes) -> RunReplayOptions:
    values = {
        "run": "latest", "profile": None, "runs": runs, "run_dir": None, "signal_folders": [runs],
        "speed": math.inf, "ends_itself": True, "report": lambda _: None,
    }  # fmt: skip
    return RunReplayOptions(**{**values, **changes})


async def replay(runs: Path, **changes) -> tuple[int, RunReplay]:
    made = RunReplay(options(runs, **changes))
    return await asyncio.wait_for(made.run(), 60), made


@asynccontextmanager
async def served(runs: Path, run_dir: Path, **changes):
    """A replay on hold with a viewer at its socket."""
    made = RunReplay(options(runs, run_dir=run_dir, speed=0.0, **changes))
    task = asyncio.create_task(made.run())
    async with asyncio.timeout(60):
        await made.ready.wait()
        client = SocketClient(run_dir, "viewer", snapshots_per_second=60.0)
        await client.connect()
        while not (await client.look()).telemetry.replay_length:
            await asyncio.sleep(0.01)
        try:
            yield client
        finally:
            await client.close()
            made.life.request_stop("the test is over")
            await task


async def ask(client: SocketClient, name: CommandName, **args: str) -> str:
    answer = await client.send(Command(name, "x", 1, args))
    assert answer.accepted, answer.text
    return answer.text


async def at(client: SocketClient, position: int) -> EngineSnapshot:
    while (found := await client.look()).seq != position:
        await asyncio.sleep(0.005)
    return found


@pytest.mark.parametrize("run", [RUN_ID, "latest"])
async def test_a_run_is_played_to_its_end_and_compared(recorded: Path, run: str) -> None:
    code, made = await replay(recorded, run=run)
    assert code == 0
    document = made.document()
    assert (document["identical"], document["first_difference"]) == (True, None)
    assert document["played"] == document["events"] == 546
    assert (document["alerts"], document["notes"]) == (2, 3)
    assert document["fills"] > 20
    lines = made.text().splitlines()
    assert lines[0] == f"run {RUN_ID}: identical, byte for byte"
    assert lines[-1].startswith("played: 546 of 546 events; in all of it ")


async def test_a_difference_is_played_over_and_ends_with_4(copied: Path) -> None:
    change(copied / RUN_ID, "DELETE FROM decisions WHERE seq = ?", min(decided(copied / RUN_ID)))
    code, made = await replay(copied)
    assert (code, made.position) == (4, 546)
    assert made.document()["first_difference"]["recorded"] == "nothing"


async def test_a_cut_journal_is_played_to_the_cut_and_ends_with_5(copied: Path) -> None:
    change(copied / RUN_ID, "DELETE FROM events WHERE seq = 200")
    code, made = await replay(copied)
    assert (code, made.position) == (5, 199)
    assert "event 200 is missing" in made.text()


async def test_a_run_that_is_not_there_is_said_to_be_none(recorded: Path) -> None:
    with pytest.raises(DataError, match="nix: is no folder of a run and no run in"):
        await replay(recorded, run="nix")


async def test_settings_of_another_version_do_not_keep_it_from_playing(copied: Path) -> None:
    """Its decisions come from the journal; only what describes a parameter is of today."""
    change(copied / RUN_ID, "UPDATE meta SET value = '{}' WHERE key = 'settings'")
    said: list[str] = []
    code, made = await replay(copied, report=said.append)
    assert (code, made.position) == (0, 546)
    assert any("settings cannot be read by this version" in text for text in said)


async def test_it_ends_when_its_time_is_over(recorded: Path) -> None:
    code, made = await replay(recorded, speed=0.0, limit_s=0.05)
    assert (code, made.position) == (0, 0)


async def test_it_can_be_stopped_while_the_run_is_read(recorded: Path) -> None:
    made = RunReplay(options(recorded))
    made.life.request_stop("SIGINT")
    assert await asyncio.wait_for(made.run(), 60) == 0
    assert (made.index, made.document()) == (None, {})
    assert made.text() == "stopped while the run was being read"


async def test_a_viewer_sees_where_it_is_and_that_it_is_a_replay(recorded, tmp_path) -> None:
    async with served(recorded, tmp_path / "socket") as client:
        snapshot = await client.look()
        telemetry = snapshot.telemetry
        assert (telemetry.replay_paused, telemetry.replay_speed) == (True, 0.0)
        assert (telemetry.replay_position, telemetry.replay_length) == (0, 546)
        assert telemetry.replay_end_ns - telemetry.replay_start_ns == 23_900_000_000
        meta = await SocketClient(tmp_path / "socket", "other").connect()
        assert (meta.mode, meta.run_id, meta.venue) == (Mode.REPLAY, RUN_ID, "none: replay")


async def test_after_going_back_a_viewer_knows_only_what_had_happened(recorded, tmp_path) -> None:
    """Over a real socket: notices that are still to come are taken back, and come again."""
    async with served(recorded, tmp_path / "socket") as client:
        known: list[int] = []

        async def read() -> None:
            async for message in client.messages():
                if isinstance(message, Notices):
                    if message.reset:
                        known.clear()
                    known.extend(notice.number for notice in message.notices)

        reading = asyncio.create_task(read())
        await ask(client, CommandName.SEEK, where="end")
        end = await at(client, 546)
        last = known[-1] if known else 0
        async with asyncio.timeout(20):
            while not known or known[-1] < 100:
                await asyncio.sleep(0.01)
            last = known[-1]
            assert known == list(range(1, last + 1))
            await ask(client, CommandName.SEEK, where="seq 60")
            snapshot = await at(client, 60)
            while known[-1] == last:
                await asyncio.sleep(0.01)
            assert known == list(range(1, known[-1] + 1))
            assert known[-1] < last
            assert snapshot.account.fills < end.account.fills
            assert snapshot.ts_ns < end.ts_ns
            await ask(client, CommandName.SEEK, where="end")
            assert (await at(client, 546)).account == end.account
            while known[-1] != last:
                await asyncio.sleep(0.01)
            assert known == list(range(1, last + 1))
        reading.cancel()


async def test_a_comparison_reaches_the_viewer(recorded, tmp_path, monkeypatch) -> None:
    async def prepared() -> None:
        """Compiled it is by the tests of the backtest."""

    monkeypatch.setattr("core.assembly.replay_run.prepare_comparisons", prepared)
    async with served(recorded, tmp_path / "socket") as client:
        assert (await client.look()).telemetry.whatif is None
        await ask(
            client, CommandName.WHATIF, key="strategy.min_signal", value="0.5", where="seq 60"
        )
        while (view := (await client.look()).telemetry.whatif).state is WhatIfState.RUNNING:
            await asyncio.sleep(0.01)
        assert view.state is WhatIfState.DONE
        assert view.base.ts_ns[-1] == view.changed.ts_ns[-1] == view.until_ts_ns
        assert (await client.look()).seq == 0


async def test_until_the_run_is_read_commands_are_refused_with_how_far_it_is(
    recorded, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("core.runtime.run_index.CHUNK", 8)
    made = RunReplay(options(recorded, run_dir=tmp_path / "socket", speed=0.0))
    task = asyncio.create_task(made.run())
    await asyncio.wait_for(made.ready.wait(), 60)
    answer = made.host.submit(Command(CommandName.SEEK, "x", 3, {"where": "end"}))
    assert (answer.request_id, answer.accepted) == (3, False)
    assert answer.text.startswith("not yet: reading the run")
    assert made.host.telemetry().note.startswith("reading the run")
    assert made.host.whatif is None
    made.life.request_stop("enough")
    await asyncio.wait_for(task, 60)


def test_no_route_to_a_venue_exists(recorded: Path) -> None:
    """Nothing that could speak to one is even loaded, let alone made."""
    script = f"""
import sys
from pathlib import Path
from core.doors.choice import Choice
from core.doors.runs import run_replay_of_run
code, document, text = run_replay_of_run(
    Choice(run_dir=Path({str(recorded)!r})), "latest", None, float("inf"),
    ends_itself=True, report=lambda _: None,
)
assert code == 0 and document["played"] == 546, text
roots = ("core.venues.wsx", "core.venues.simulated", "core.exchange", "websockets", "aiohttp")
print(sorted(name for name in sys.modules if name in roots or name.startswith(
    tuple(root + "." for root in roots))))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_test_above_would_see_a_venue() -> None:
    """It is worth nothing if this one fails."""
    script = """
import sys
from core.assembly.venue import make_venue
from core.exchange.process import ExchangeAddress
from core.settings.loader import load_settings
address = ExchangeAddress("ws://127.0.0.1:1", "", is_ours=False)
venue = load_settings("practice").settings.venue
make_venue(venue, address, "a-b-c-d", (), executions_after=None, positions=(), lease=0)
print("core.venues.wsx.client" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
