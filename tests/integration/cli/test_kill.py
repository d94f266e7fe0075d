"""`imc-cockpit kill`: nothing rests at the venue, whatever the engine is doing."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.integration.engine.venue_side import look_at
from tests.integration.program import Program, is_alive, stopped, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

LIST_HEAVY = """
import sys
from cockpit.cli import main
try:
    main(["--run-dir", sys.argv[1], "kill"])
except SystemExit:
    pass
print(*sorted({"numba", "textual", "polars"} & sys.modules.keys()))
"""


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start an engine with an order that rests."""
    process = program.start_engine()
    program.place_far_from_the_market("1_Eisbach")
    return process


@pytest.fixture(scope="module")
def story(make_program):
    """Stop an engine, kill, kill again, let it go on, re-arm it in vain, restart."""
    program = make_program("--set", "venue.cancel_on_disconnect=false")
    seen = {}
    process = start(program)
    seen["pid"] = program.status()["pid"]
    seen["run_id"] = program.status()["run_id"]
    url = program.exchange()["url"]
    with stopped(seen["pid"]):
        seen["kill"] = program.run("kill")
        seen["killed_venue"] = look_at(url)
        seen["again"] = program.run("kill", "--json")
    seen["continued"] = program.wait_until(
        lambda status: status["trading_state"] == "HALTED", "a halt of the engine that goes on"
    )
    seen["settled"] = program.wait_until(
        lambda status: status["venue"]["state"] == "SYNCED" and not status["open_orders"],
        "an engine that knows that nothing rests",
    )
    orders = seen["settled"]["orders"]
    program.run("send", "resume")
    program.wait_until(lambda status: status["trading_state"] == "HALTED", "the halt is back")
    seen["after_resume"] = look_at(url)
    seen["orders_before"] = orders
    process.kill()
    process.wait()
    program.start("--no-ui")
    seen["restarted"] = program.wait_until(
        lambda status: status["run_id"] != seen["run_id"] and status["readiness"] == "READY",
        "an engine that is READY",
    )
    seen["restarted_venue"] = look_at(url)
    seen["word_after_restart"] = (program.run_dir / "killed.json").exists()
    seen["program"] = program
    return seen


def test_a_kill_cancels_everything_while_the_engine_is_stopped(story) -> None:
    """It takes nothing but the venue's own word for it."""
    told = story["kill"]
    assert told.code == 0, told.err
    assert re.search(r": [1-9]\d* orders? canceled, none is left\n", told.out)
    assert story["killed_venue"].orders == []


def test_a_kill_names_the_engine_it_took_the_account_from(story) -> None:
    """Run, process and what it is doing, and what to do next."""
    text = story["kill"].out
    assert f"fenced: run {story['run_id']}, process {story['pid']} (stopped)" in text
    assert f"kill -CONT {story['pid']}" in text
    assert "the next engine starts HALTED" in text


def test_a_second_kill_finds_nothing_and_says_so_in_json(story) -> None:
    """The contract of scripts."""
    again = story["again"]
    assert again.code == 0
    report = again.json()
    assert (report["ok"], report["verified"]) == (True, True)
    assert (report["canceled"], report["left"]) == ([], [])
    assert report["fenced"]["process"] == "stopped"
    held = {symbol: str(lots) for symbol, lots in story["killed_venue"].positions.items()}
    assert report["positions"] == held


def test_an_engine_that_goes_on_finds_the_account_gone(story) -> None:
    """What had piled up on its socket brings about no order."""
    assert story["continued"]["reason"] == "LEASE_LOST"
    assert story["settled"]["reason"] == "LEASE_LOST"


def test_a_re_arm_does_not_get_an_order_out_without_the_account(story) -> None:
    """The latch is the account's, not the operator's."""
    assert story["after_resume"].orders == []


def test_the_next_engine_starts_halted_and_says_why(story) -> None:
    """It has the newest lease and still waits to be re-armed."""
    restarted = story["restarted"]
    assert restarted["trading_state"] == "HALTED"
    assert restarted["orders"] == 0
    assert story["restarted_venue"].orders == []
    assert not story["word_after_restart"]


def test_after_a_dead_engine_a_kill_still_cancels_and_the_next_start_is_halted(
    program,
) -> None:
    """Its journal cannot know of the kill: the word left in the run directory does."""
    program = Program(program.run_dir, "--set", "venue.cancel_on_disconnect=false")
    try:
        process = start(program)
        process.kill()
        process.wait()
        url = program.exchange()["url"]
        assert look_at(url).orders
        told = program.run("kill", "--json")
        assert told.code == 0
        assert told.json()["canceled"]
        assert told.json()["fenced"]["process"] == "gone"
        assert look_at(url).orders == []
        program.start("--no-ui")
        status = program.wait_until(lambda status: True, "an engine")
        assert (status["trading_state"], status["reason"]) == ("HALTED", "LEASE_LOST")
    finally:
        program.close()


def test_where_no_venue_answers_nothing_is_claimed(program) -> None:
    """An engine whose exchange is dead still loses the account."""
    process = start(program)
    status = program.status()
    exchange = program.exchange_pid()
    with stopped(status["pid"]):
        subprocess.run(["kill", "-KILL", str(exchange)], check=True)
        wait_for(lambda: not is_alive(exchange), "the end of the exchange")
        told = program.run("kill")
    assert told.code == 3
    assert "its orders are not known to be canceled" in told.sentence
    assert f"process {status['pid']} (stopped), cannot place an order" in told.sentence
    halted = program.wait_until(lambda now: now["trading_state"] == "HALTED", "a halt")
    assert halted["reason"] == "LEASE_LOST"
    assert process.poll() is None


def test_without_an_exchange_a_kill_says_what_to_name(tmp_path) -> None:
    """Exit 3, and nothing is left behind that would halt a later start."""
    told = Program(tmp_path / "nowhere").run("kill")
    assert told.code == 3
    assert "no engine ran here" in told.sentence
    assert not (tmp_path / "nowhere" / "killed.json").exists()


def test_a_kill_loads_neither_kernel_nor_screen(tmp_path) -> None:
    """Seconds count."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_HEAVY, str(tmp_path)],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == ""


def test_a_profile_without_a_venue_is_refused(tmp_path) -> None:
    """There is nothing to cancel in a recording."""
    told = Program(tmp_path, "--profile", "prosperity").run("kill")
    assert told.code == 2
    assert 'venue.kind = "recorded" has no orders to cancel' in told.sentence
