"""The practice exchange alone, as a process."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys

import pytest

from core.venues.wsx.probe import probe
from tests.integration.cmi.student_client import Exchange
from tests.integration.engine.venue_side import look_at
from tests.integration.program import COMMAND, PATIENCE_S, Program

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]


def start(*words: str) -> tuple[subprocess.Popen[str], str]:
    """Run an exchange and read from it where it listens."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"ws://\S+", said)
    assert found, said
    return process, found.group()


@pytest.fixture
def exchange(compiled_kernel):
    """An exchange on a port of its own choice."""
    process, url = start(COMMAND, "exchange", "--port", "0", "--seed", "11")
    with process:
        yield process, url
        process.kill()


def test_it_says_where_it_is_serves_whoever_comes_and_ends_on_request(exchange) -> None:
    """Garbage from one client costs that client; the next one is served."""
    process, url = exchange
    host, port = url.removeprefix("ws://").split(":")
    for garbage in (b"\x00\xff" * 500, b"GET / HTTP/1.1\r\nUpgrade: nonsense\r\n\r\n", b"\r\n" * 9):
        with socket.create_connection((host, int(port)), PATIENCE_S) as stranger:
            stranger.sendall(garbage)
            stranger.shutdown(socket.SHUT_WR)
            try:
                while stranger.recv(65_536):
                    pass
            except ConnectionResetError:
                pass
    assert look_at(url).positions == {}
    health = asyncio.run(probe(url, PATIENCE_S))
    assert health is not None
    assert health["seed"] == 11
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0


def test_a_port_that_is_taken_is_refused_with_a_way_out(tmp_path) -> None:
    """Exit code 2, and the sentence says how to choose another one."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = Program(tmp_path).run("exchange", "--port", port)
    assert told.code == 2
    assert port in told.sentence
    assert "--port" in told.sentence


def test_an_engine_whose_exchange_cannot_have_its_port_says_so(tmp_path, compiled_kernel) -> None:
    """Something else answers at the address of the settings: no engine starts against it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = Program(tmp_path / "run", "--set", f"venue.url=ws://127.0.0.1:{port}").run(
            "--no-ui", "--for", "5s"
        )
    assert told.code == 2
    assert f'venue.url = "ws://127.0.0.1:{port}"' in told.sentence


def test_it_serves_the_same_market_as_a_cmi_exchange_where_that_is_asked_for(
    compiled_kernel,
) -> None:
    """The second line says where; the probe and a login are answered there."""
    process, url = start(
        sys.executable, "-m", "cockpit", "exchange", "--port", "0", "--cmi-port", "0"
    )  # fmt: skip
    with process:
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found
            there = asyncio.run(probe(found.group(), PATIENCE_S))
            here = asyncio.run(probe(url, PATIENCE_S))
            assert there is not None
            assert here is not None
            assert there["session"] == here["session"]
            student = Exchange(found.group(), "team-7", "hunter2")
            student.login()
            assert len(student.products()) == 8
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0


def test_a_cmi_port_that_is_taken_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = subprocess.run(
            [sys.executable, "-m", "cockpit", "exchange", "--port", "0", "--cmi-port", port],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert told.returncode == 2
    assert port in told.stderr
    assert "--cmi-port" in told.stderr


def test_nobody_connected_for_long_enough_ends_it(compiled_kernel) -> None:
    """After a crash of its engine it does not stay for ever."""
    process, _ = start(
        sys.executable, "-m", "core.exchange", "--port", "0", "--idle-exit-s", "0.3"
    )  # fmt: skip
    with process:
        assert process.wait(PATIENCE_S) == 0
