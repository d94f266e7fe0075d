"""What is asked of a running engine, and what is said where none runs."""

from __future__ import annotations

import json
import socket

import pytest

from tests.integration.program import Program

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]


@pytest.fixture(scope="module")
def running(make_program) -> Program:
    """One engine for all tests of this file; each leaves it ACTIVE."""
    program = make_program("--set", "venue.speed=4")
    program.start_engine()
    return program


def test_status_for_people_says_how_it_stands(running) -> None:
    """The same exit code as with --json, in a few lines."""
    told = running.run("status")
    assert told.code == 0
    assert told.out.startswith("SIM practice  ")
    assert "ACTIVE READY" in told.out
    assert "equity" in told.out


def test_a_halt_is_unhealthy_until_it_is_resumed(running) -> None:
    """0, then 4, then 0: what a script that watches the engine goes by."""
    assert running.run("status").code == 0
    halted = running.run("send", "halt")
    assert halted.code == 0
    asked = running.run("status", "--json")
    assert (asked.code, asked.json()["trading_state"]) == (4, "HALTED")
    assert asked.json()["reason"] == "OPERATOR"
    running.wait_until(lambda status: not status["open_orders"], "no order that rests")
    refused = running.run("send", "resume")
    assert refused.code == 2
    assert "takes the typed word: resume --word resume" in refused.out + refused.err
    assert running.run("send", "resume", "--word", "resume").code == 0
    asked = running.run("status", "--json")
    assert (asked.code, asked.json()["trading_state"]) == (0, "ACTIVE")


def test_a_pause_is_healthy_and_shrinks_only(running) -> None:
    """Entries are paused on purpose; nothing is wrong with that."""
    assert running.call("send", "pause").code == 0
    asked = running.call("status", "--json")
    assert (asked.code, asked.json()["trading_state"]) == (0, "REDUCING")
    assert running.call("send", "resume").code == 0


def test_a_parameter_on_trial_goes_back_by_itself_and_is_listed_until_then(running) -> None:
    """`--for` reaches the engine through every layer, and the loop ends the trial."""
    before = running.call("send", "set", "strategy.min_confidence", "0.5")
    assert before.code == 0
    tried = running.call("send", "set", "strategy.min_confidence", "0.7", "--for", "2s")
    assert (tried.code, "for 2 s unless kept" in tried.out) == (0, True)
    (trial,) = running.call("status", "--json").json()["trials"]
    assert (trial["key"], trial["value"]) == ("strategy.min_confidence", 0.7)
    assert (trial["reverts_to"], trial["left_s"] <= 2.0) == (0.5, True)
    running.wait_until(lambda status: not status["trials"], "a trial that is over")
    again = running.call("send", "set", "strategy.min_confidence", "0.5")
    assert "0.5 -> 0.5" in again.out


def test_a_parameter_is_changed_within_its_bounds_only(running) -> None:
    """The refusal names key, value and what is allowed; nothing is changed by it."""
    done = running.call("send", "set", "strategy.min_signal", "0.3", "--json")
    assert (done.code, done.json()["accepted"]) == (0, True)
    said = "strategy.min_signal 0.15 -> 0.3, allowed 0 to 1, by cli"
    assert done.json()["text"].startswith(said)
    refused = running.call("send", "set", "strategy.min_signal", "7", "--json")
    assert (refused.code, refused.json()["accepted"]) == (2, False)
    for part in ("strategy.min_signal", "7", "0 to 1"):
        assert part in refused.json()["text"]
    back = running.call("send", "set", "strategy.min_signal", "0.15")
    assert back.code == 0
    assert back.out.startswith("strategy.min_signal 0.3 -> 0.15, allowed 0 to 1, by cli")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("hlat", "halt"),
        ("cancle-all", "cancel-all"),
        ("set strategy.min_signl 0.3", "strategy.min_signal"),
        ("set strategy.min_signal much", "much"),
        ("set strategy.min_signal nan", "nan"),
        ("set strategy.min_signal", "VALUE"),
        ("buy 7_ETG 4", "7_ETF"),
        ("buy 7_ETF 0", "0"),
        ("sell 7_ETF -4", "-4"),
        ("buy 7_ETF 4 @ -50", "-50"),
        ("buy 7_ETF 1e400 @ 50", "1e400"),
        ("cancel 123456789", "123456789"),
        ("flatten Nowhere", "Nowhere"),
        ("speed 2", "replay"),
    ],
)
def test_a_wrong_word_is_answered_by_a_sentence_that_names_it(running, words, part) -> None:
    """Exit code 2, one line, and the engine trades on."""
    told = running.call("send", *words.split())
    assert told.code == 2
    lines = (told.out + told.err).strip().splitlines()
    assert len(lines) == 1
    assert part.casefold() in lines[0].casefold()


def test_a_manual_order_cannot_bypass_the_limits(running) -> None:
    """A price far from the market is refused, and the answer names the limit."""
    told = running.call("send", "buy", "8_ETF_Strangle", "1", "@", "0.1", "post-only", "--json")
    assert (told.code, told.json()["accepted"]) == (2, False)
    assert "PRICE_COLLAR" in told.json()["text"]


def test_a_second_engine_is_refused_with_the_process_of_the_first(running) -> None:
    """Two engines on one account would fight; the sentence says how to reach the one."""
    told = running.run("--no-ui", "--for", "5s")
    pid = running.status()["pid"]
    assert told.code == 2
    assert str(pid) in told.sentence
    assert "imc-cockpit attach" in told.sentence
    assert running.status()["pid"] == pid


def test_a_client_that_speaks_no_protocol_is_dropped_and_the_engine_trades_on(running) -> None:
    """Whatever comes in at the socket, the loop is not disturbed."""
    for garbage in (b"\x00" * 64, b"\xff" * 70_000, b"GET / HTTP/1.1\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.settimeout(20)
            stranger.connect(str(running.run_dir / "engine.sock"))
            stranger.sendall(garbage)
            stranger.shutdown(socket.SHUT_WR)
            while stranger.recv(65_536):
                pass
    before = running.status()["events"]
    running.wait_until(lambda status: status["events"] > before, "further events")
    assert running.call("status").code == 0


@pytest.mark.parametrize("words", ["status", "status --json", "send halt", "stop", "stop --json"])
def test_with_nothing_running_the_exit_code_is_3_and_a_sentence_says_so(tmp_path, words) -> None:
    told = Program(tmp_path).run(*words.split())
    assert (told.code, told.out) == (3, "")
    assert told.sentence == f"imc-cockpit: no engine runs in {tmp_path}"


def test_a_run_directory_that_is_a_file_is_said_to_be_none(tmp_path) -> None:
    """Neither looking nor starting there ends in a traceback."""
    (tmp_path / "file").write_text("not a folder")
    program = Program(tmp_path / "file" / "run")
    assert program.call("status").code == 3
    started = program.call("--no-ui", "--for", "1s")
    assert started.code == 2
    assert "cannot be made private" in started.sentence


def test_a_dead_engines_socket_is_told_from_a_living_one_and_replaced(program) -> None:
    """A socket without its engine is what a crash leaves; the next start takes its place."""
    program.run_dir.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(program.run_dir / "engine.sock"))
    told = program.call("status")
    assert told.code == 3
    assert "has died" in told.sentence
    process = program.start_engine("--for", "1s")
    assert process.wait(60) == 0, program.said


def test_without_a_terminal_the_engine_runs_headless_and_says_so(program) -> None:
    """As under a service manager: the same command, log lines instead of a screen."""
    process = program.start()
    program.wait_until(lambda status: status["readiness"] == "READY", "an engine that is READY")
    assert "running headless" in program.said
    process.terminate()
    assert process.wait(60) == 0, program.said


def test_attach_without_a_terminal_is_refused(tmp_path) -> None:
    told = Program(tmp_path).call("attach")
    assert told.code == 2
    assert "needs a terminal" in told.sentence


@pytest.mark.parametrize("words", ["doctor --json", "config check --json", "config show --json"])
def test_what_needs_no_engine_prints_json(tmp_path, words) -> None:
    told = Program(tmp_path).call(*words.split())
    assert told.code == 0, told.err
    assert json.loads(told.out)
