"""A cockpit on another machine's engine, with a real socket and an ssh that stays here."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from cockpit.ssh.client import TunnelClient
from cockpit.ssh.remote import find
from cockpit.ssh.tunnel import Tunnel
from core.domain.errors import ConfigurationError, EngineUnavailable
from core.domain.snapshot import EngineSnapshot
from tests.integration.program import Program, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

HOST = "trader@far"


@pytest.fixture(scope="module")
def trading(make_program) -> Program:
    """One engine for cockpits that only attach to it."""
    program = make_program("--set", "venue.speed=4")
    program.start_engine()
    return program


def attach(program: Program, *words: str) -> list[str]:
    folder = str(program.run_dir)
    return [sys.executable, "-m", "cockpit", "attach", "--ssh", HOST, "--run-dir", folder, *words]


async def test_snapshots_come_through_and_the_next_client_uses_the_same_ssh(trading, ssh) -> None:
    with Tunnel(find(HOST, str(trading.run_dir))) as tunnel:
        for _ in range(2):
            client = TunnelClient(tunnel, read_only=True)
            meta = await client.connect()
            assert meta.run_id == trading.manifest()["run_id"]
            async for message in client.messages():
                if isinstance(message, EngineSnapshot):
                    break
            await client.close()
        assert len(ssh.starts) == 2, "one asked where, one forwards"
    assert not tunnel.run_dir.exists()
    wait_for(lambda: not ssh.running, "the end of every ssh")


async def test_an_ssh_that_died_is_started_again_with_the_next_connection(trading, ssh) -> None:
    with Tunnel(find(HOST, str(trading.run_dir))) as tunnel:
        client = TunnelClient(tunnel)
        await client.connect()
        os.kill(ssh.running[-1], signal.SIGKILL)
        with pytest.raises(EngineUnavailable):
            async for _ in client.messages():
                pass
        await client.close()
        client = TunnelClient(tunnel)
        assert (await client.connect()).run_id
        await client.close()


async def test_an_engine_that_is_gone_is_said_and_ssh_is_given_up(tmp_path, trading, ssh) -> None:
    remote = find(HOST, str(trading.run_dir))
    gone = type(remote)(HOST, remote.run_dir, str(tmp_path / "gone.sock"))
    with Tunnel(gone) as tunnel:
        with pytest.raises(EngineUnavailable, match="far: the engine there does not answer"):
            await TunnelClient(tunnel).connect()
        wait_for(lambda: not ssh.running, "the end of every ssh")


def test_the_whole_command_draws_here_and_survives_a_lost_line(trading, ssh, open_terminal) -> None:
    """The screen says how old what it shows is, and recovers by itself."""
    terminal = open_terminal(attach(trading))
    terminal.wait_for("SIM", "ACTIVE", "link live")
    assert f"asking {HOST}" not in terminal.text
    os.kill(ssh.running[-1], signal.SIGKILL)
    terminal.wait_for(" old ", "link lost, trying again")
    terminal.wait_for("link live")
    terminal.press("q")
    terminal.wait_for("leave it running")
    terminal.answer("d")
    assert terminal.wait() == 0
    wait_for(lambda: not ssh.running, "the end of every ssh")
    assert trading.status()["readiness"] == "READY"


def test_no_ssh_outlives_a_killed_cockpit(trading, ssh, open_terminal) -> None:
    terminal = open_terminal(attach(trading, "--read-only"))
    terminal.wait_for("read-only", "link live")
    terminal.process.kill()
    terminal.wait()
    wait_for(lambda: not ssh.running, "the end of every ssh")


def test_no_engine_there_is_said_before_any_screen_opens(tmp_path, ssh, open_terminal) -> None:
    program = Program(tmp_path / "run")
    terminal = open_terminal(attach(program))
    assert terminal.wait() == 3
    terminal.wait_for(f"{HOST}: no engine runs in")


def test_the_folder_may_stand_before_the_command(tmp_path, ssh, open_terminal) -> None:
    """It means the other machine: nothing is made of it here."""
    words = ["--run-dir", "~/far away", "attach", "--ssh", HOST]
    terminal = open_terminal([sys.executable, "-m", "cockpit", *words])
    assert terminal.wait() == 3
    assert "--run-dir ~/'far away' where" in ssh.starts[0].replace("\\", "")


@pytest.mark.usefixtures("ssh")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "ssh: Could not resolve hostname far: Name or service not known",
            "no host of that name is known",
        ),
        ("Host key verification failed.", "log in once with `ssh trader@far`"),
        ("trader@far: Permission denied (publickey).", "without typing a password"),
        ("ssh: connect to host far port 22: Connection refused", "Connection refused"),
    ],
)
def test_what_ssh_complains_about_is_a_sentence(monkeypatch, said, expected) -> None:
    monkeypatch.setenv("FAKE_SSH_SAYS", said)
    with pytest.raises(EngineUnavailable, match=expected):
        find(HOST, None)


@pytest.mark.usefixtures("ssh")
def test_a_program_that_is_not_found_there_is_named() -> None:
    with pytest.raises(EngineUnavailable, match="name it with --remote-command"):
        find(HOST, None, "/nowhere/imc-cockpit")


def test_without_ssh_here_it_says_so(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="ssh is not installed here"):
        find(HOST, None)
