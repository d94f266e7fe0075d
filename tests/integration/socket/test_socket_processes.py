"""Viewers in processes of their own: stopped, killed, and light to start."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.api.socket_client import SocketClient
from core.serve.claim import RunDirClaim
from core.serve.server import EngineServer
from tests.unit.serve.fake_host import META, FakeHost

pytestmark = pytest.mark.integration

PATIENCE_S = 60.0

WATCH = """
import asyncio, sys
from pathlib import Path
from core.api.socket_client import SocketClient

async def watch():
    client = SocketClient(Path(sys.argv[1]), "watcher", snapshots_per_second=60)
    await client.connect()
    async for _ in client.messages():
        print("seen", flush=True)

asyncio.run(watch())
"""

STATUS = """
import asyncio, json, sys
from pathlib import Path
from core.api.socket_client import SocketClient

async def ask():
    client = SocketClient(Path(sys.argv[1]), "cli", snapshots_per_second=0)
    await client.connect()
    print(json.dumps(await client.status(), allow_nan=False))
    await client.close()

asyncio.run(ask())
heavy = {"numba", "textual", "rich", "polars", "pydantic", "loguru", "websockets"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[tuple[FakeHost, EngineServer, Path]]:
    host = FakeHost()
    claim = RunDirClaim(tmp_path)
    server = EngineServer(host, claim)
    await server.start()
    yield host, server, tmp_path
    await server.close()
    claim.release()


async def run(code: str, run_dir: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(run_dir), stdout=asyncio.subprocess.PIPE
    )


async def advance_until(host: FakeHost, is_true) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_true():
            host.advance()
            await asyncio.sleep(0.001)


async def test_a_stopped_and_a_killed_viewer_leave_the_engine_as_it_was(engine) -> None:
    """SIGSTOP costs skipped snapshots, SIGKILL nothing; a new viewer sees everything."""
    host, server, run_dir = engine
    viewer = await run(WATCH, run_dir)
    async with asyncio.timeout(PATIENCE_S):
        await viewer.stdout.readline()
    viewer.send_signal(signal.SIGSTOP)
    await advance_until(host, lambda: server.dropped_snapshots >= 5)
    assert server.n_viewers == 1
    viewer.kill()
    await advance_until(host, lambda: server.n_viewers == 0)
    assert server.broken_connections == 0
    await viewer.communicate()
    client = SocketClient(run_dir, "next")
    assert await client.connect() == META
    assert (await client.status())["events"] == int(host.arrays["account"]["seq"][0])
    await client.close()


async def test_status_answers_without_loading_anything_heavy(engine) -> None:
    """`imc-cockpit status` has to be there at once, whatever the engine is built with."""
    _, _, run_dir = engine
    status = await run(STATUS, run_dir)
    async with asyncio.timeout(PATIENCE_S):
        output, _ = await status.communicate()
    answer, heavy = output.decode().splitlines()
    assert json.loads(answer)["run_id"] == META.run_id
    assert heavy == "[]"
