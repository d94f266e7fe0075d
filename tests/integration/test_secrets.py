"""A key that is given to the program is found in nothing that it writes, says or shows."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.integration.program import PATIENCE_S, Program
from tests.integration.terminal import Terminal

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("processes")]

VARIABLE = "PLANTED_VENUE_KEY"
KEY = 'sk-7Qz/"planted"+9vXw=42&k'
"""Looks different in a URL, in JSON, in a repr and in base64."""

SHORTEST_PART = 8


def forms(secret: str) -> dict[str, bytes]:
    """Every way in which a secret could stand in a file, made without the program's help."""
    data = secret.encode()
    texts = {
        "as it is": data,
        "in a URL": quote(secret, safe="").encode(),
        "in JSON": data.replace(b'"', b'\\"'),
        "in hex": data.hex().encode(),
        "in HEX": data.hex().upper().encode(),
        "in UTF-16": secret.encode("utf-16-le"),
        "its beginning": data[:SHORTEST_PART],
        "its end": data[-SHORTEST_PART:],
    }
    # Within a longer text base64 has three shapes, by what stands before.
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + data)[4 if shift else 0 : -4]
        texts[f"in base64, shifted by {shift}"] = coded
        texts[f"in URL base64, shifted by {shift}"] = coded.translate(bytes.maketrans(b"+/", b"-_"))
    return texts


def leaks(data: bytes, secret: str = KEY) -> list[str]:
    """In which forms a secret stands in bytes."""
    return [what for what, form in forms(secret).items() if form in data]


def leaking_files(folder: Path, secret: str = KEY) -> dict[str, list[str]]:
    """Files below a folder that hold a secret, and the names that do."""
    found = {}
    for path in folder.rglob("*"):
        data = str(path.relative_to(folder)).encode()
        if path.is_file():
            data += path.read_bytes()
        if what := leaks(data, secret):
            found[str(path)] = what
    return found


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, KEY)
    return KEY


@pytest.fixture
def world(tmp_path: Path, key: str, compiled_kernel, monkeypatch) -> Iterator[Program]:
    """A program whose venue wants the key, and that says all it can."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    program = Program(
        tmp_path / "run",
        "--set", f"venue.api_key_env={VARIABLE}",
        "--set", "log.level=DEBUG",
        "--set", "venue.speed=4",
    )  # fmt: skip
    yield program
    program.close()


@pytest.mark.parametrize("form", forms(KEY))
def test_a_planted_leak_is_found_in_every_form(tmp_path, form) -> None:
    """The test of the tests below: they can fail."""
    path = tmp_path / "run" / "engine.jsonl"
    path.parent.mkdir()
    path.write_bytes(b'{"message": "' + forms(KEY)[form] + b'"}')
    assert form in leaking_files(tmp_path)[str(path)]


def test_a_planted_leak_in_a_name_is_found(tmp_path) -> None:
    (tmp_path / f"lease-{KEY.encode().hex()}.json").touch()
    assert list(leaking_files(tmp_path).values()) == [["in hex"]]


def test_a_life_with_a_key_leaves_it_nowhere(world: Program, tmp_path: Path) -> None:
    """Files while it runs and after, everything said, and what observers are told."""
    world.start_engine()
    world.wait_until(lambda status: status["orders"], "an order")
    said = b""
    for words in (
        ("status", "--json"),
        ("status",),
        ("config", "show"),
        ("config", "check"),
        ("doctor", "--json"),
        ("send", "pause"),
        ("send", "set", KEY, "1"),
        ("kill", "--json"),
    ):
        told = world.run(*words)
        if words[:2] != ("send", "set"):
            # Whoever types a key is answered with it, on his own terminal alone.
            said += told.out.encode() + told.err.encode()
    assert not leaks(said)
    assert not leaking_files(tmp_path)
    world.run("stop")
    assert not leaking_files(tmp_path)
    assert world.runs(), "there was something to look through"
    assert (world.runs()[-1] / "journal.db").stat().st_size > 10_000


def test_the_screen_does_not_show_it(world: Program, tmp_path: Path) -> None:
    world.start_engine()
    terminal = Terminal(world.command("attach"), 160, 48)
    try:
        seen = terminal.wait_for("SIM", "7_ETF")
        for page in "?po":
            terminal.press(page)
            seen += terminal.text
    finally:
        terminal.close()
    assert not leaks(seen.encode())
    assert not leaking_files(tmp_path)


def test_a_key_from_the_file_is_kept_as_well(tmp_path: Path, compiled_kernel, monkeypatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".env").write_text(f"{VARIABLE}='{KEY}'\n")
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "world" / "state"))
    program = Program(tmp_path / "world" / "run", "--set", f"venue.api_key_env={VARIABLE}")
    try:
        program.start_engine()
        told = program.run("status", "--json")
        program.run("stop")
    finally:
        program.close()
    assert not leaks((told.out + told.err).encode())
    assert not leaking_files(tmp_path / "world")


REPEATED = (
    KEY,
    quote(KEY, safe=""),
    KEY.encode().hex(),
    KEY.encode().hex().upper(),
    base64.b64encode(KEY.encode()).decode(),
)


def repeated_in(data: bytes) -> list[str]:
    """Which of them stand in bytes."""
    return [form for form in REPEATED if form.encode() in data]


@pytest.fixture
def talkative() -> Iterator[str]:
    """A venue that refuses every login, and repeats the key in whatever form it likes."""

    def answer(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            connection.recv()
            said = "; ".join(
                form.decode() for what, form in forms(KEY).items() if "UTF" not in what
            )
            text = json.dumps({"type": "error", "code": "LOGIN_REFUSED", "text": said[:500]})
            connection.send(text.encode())
            connection.recv()

    with serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
    thread.join()


def test_a_venue_that_repeats_the_key_is_not_repeated(
    world: Program, tmp_path: Path, talkative: str
) -> None:
    """A refused login ends on the terminal, in the manifest, in the log and in the journal."""
    elsewhere = ("--set", f"venue.url={talkative}", "--set", "venue.start_exchange=false")
    program = Program(world.run_dir, *world._options, *elsewhere)
    told = [program.run("--no-ui"), program.run("kill")]
    for result in told:
        assert result.code != 0
        assert "login refused" in result.err
        assert repeated_in((result.err + result.out).encode()) == []
    assert "login refused" in program.manifest()["reason"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path: found for path in files if (found := repeated_in(path.read_bytes()))} == {}


BROKEN_ENGINE = f"""
import os, sys
from core.venues.wsx.session import WsxSession

def broken(session, message):
    raise RuntimeError("cannot sign with " + os.environ["{VARIABLE}"])

WsxSession._on_heartbeat = broken
from core.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_an_internal_error_does_not_tell_it(world: Program, tmp_path: Path) -> None:
    """The traceback of a broken part, at DEBUG, and the reason in the manifest."""
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_ENGINE, *world.command()[1:], "--verbose"],
        check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 70, done.stderr.decode()
    assert b"cannot sign with" in done.stderr
    assert "cannot sign with" in world.manifest()["reason"]
    assert "Traceback" in json.dumps(world.log())
    assert leaks(done.stdout + done.stderr) == []
    assert leaking_files(tmp_path) == {}


@pytest.mark.parametrize(
    ("setting", "secret"),
    [
        ("venue.url=wss://venue.example/ws?token=tok-abcdef123456", "tok-abcdef123456"),
        ("venue.url=wss://venue.example/#tok-abcdef123456", "tok-abcdef123456"),
        ("venue.url=wss://me:tok-abcdef123456@venue.example/", "tok-abcdef123456"),
        ("venue.api_key_env=tok-abcdef123456", "tok-abcdef123456"),
        ("venue.api_key=tok-abcdef123456", "tok-abcdef123456"),
    ],
)
def test_a_key_in_the_wrong_place_is_refused_without_being_repeated(
    tmp_path, setting, secret
) -> None:
    told = Program(tmp_path / "run", "--set", setting).call("config", "check")
    assert told.code == 2
    assert setting.partition("=")[0] in told.sentence
    assert not leaks(told.err.encode() + told.out.encode(), secret)


def test_the_environment_of_these_tests_holds_no_key_of_its_own() -> None:
    """Or a leak would be looked for that is none of ours."""
    assert VARIABLE not in os.environ
