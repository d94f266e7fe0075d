"""SIGKILL at any moment: the exchange lives on, and the next engine finds out what is true."""

from __future__ import annotations

import os
import signal
from decimal import Decimal

import pytest

from tests.integration.engine.venue_side import VenueSide, look_at
from tests.integration.program import Program, is_alive, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("processes")]

CAPITAL = 1_000_000


def crash(program: Program, process) -> None:
    """End an engine without a word."""
    process.kill()
    process.wait()


def halt(program: Program) -> dict:
    """Stop trading, and wait until nothing rests and so nothing changes any more."""
    assert program.run("send", "halt").code == 0
    return program.wait_until(
        lambda status: status["trading_state"] == "HALTED" and not status["open_orders"],
        "a halted engine without orders",
    )


def held(status: dict) -> dict[str, Decimal]:
    """Positions as the engine knows them."""
    return {row["instrument"]: Decimal(str(row["quantity"])) for row in status["positions"]}


def assert_books_agree(status: dict, venue: VenueSide) -> None:
    """Positions are the venue's; equity is capital, its cash, and positions at their marks."""
    assert held(status) == venue.positions
    marked = sum(row["quantity"] * row["mark"] for row in status["positions"])
    assert status["equity"] == pytest.approx(CAPITAL + float(venue.cash) + marked, abs=1e-4)


@pytest.fixture(scope="module")
def story(make_program):
    """Trade, crash, recover, halt, crash again, recover again: what was seen on the way."""
    # Otherwise the exchange cancels what the crash leaves: nothing would have to be found.
    program = make_program("--set", "venue.speed=4", "--set", "venue.cancel_on_disconnect=false")
    seen = {}
    process = program.start_engine()
    program.place_far_from_the_market("1_Eisbach")
    seen["first"] = program.wait_until(
        lambda status: status["fills"] and status["positions"] and status["open_orders"],
        "a position and an order that rests",
    )
    crash(program, process)
    exchange = program.exchange()
    seen["exchange_pid"] = exchange["pid"]
    seen["exchange_after_crash"] = is_alive(exchange["pid"])
    seen["socket_after_crash"] = (program.run_dir / "engine.sock").exists()
    seen["manifest_after_crash"] = program.manifest()
    seen["orphans"] = look_at(exchange["url"]).orders

    process = program.start_engine()
    seen["restarted"] = program.status()
    seen["restarted_messages"] = [line["message"] for line in program.log()]
    seen["halted"] = halt(program)
    seen["halted_venue"] = look_at(exchange["url"])
    crash(program, process)

    process = program.start("--no-ui")
    seen["again"] = program.wait_until(
        lambda status: status["venue"]["state"] == "SYNCED" and status["readiness"] == "READY",
        "an engine that is READY",
    )
    seen["again_venue"] = look_at(exchange["url"])
    assert program.run("stop").code == 0
    assert process.wait(20) == 0, program.said
    seen["exchange_after_stop"] = is_alive(exchange["pid"])
    seen["program"] = program
    return seen


def test_the_exchange_outlives_a_crash_with_the_orders_in_it(story) -> None:
    """Recovery is real only if there is something to recover."""
    assert story["exchange_after_crash"]
    assert story["socket_after_crash"]
    assert story["orphans"]
    assert story["manifest_after_crash"]["ending"] == "running"


def test_a_restart_continues_on_the_same_account(story) -> None:
    """A new run, the positions of the old one, and a line that says so."""
    first, restarted = story["first"], story["restarted"]
    assert restarted["run_id"] != first["run_id"]
    assert restarted["trading_state"] == "ACTIVE"
    text = f"positions and profit carried over from {first['run_id']}"
    assert text in story["restarted_messages"]
    assert restarted["peak_equity"] >= CAPITAL


def test_orders_of_the_crashed_run_are_canceled(story) -> None:
    """Nobody watches over them any more."""
    assert not set(story["orphans"]) & set(story["halted_venue"].orders)
    assert story["halted_venue"].orders == []


def test_after_a_crash_nothing_is_lost_and_nothing_doubled(story) -> None:
    """Fills that happened while nobody was there are counted once."""
    assert_books_agree(story["halted"], story["halted_venue"])


def test_a_halt_survives_a_crash(story) -> None:
    """Only an explicit resume re-arms; the reason is still the one of then."""
    again = story["again"]
    assert (again["trading_state"], again["reason"]) == ("HALTED", "OPERATOR")
    assert again["orders"] == 0


def test_a_second_crash_changes_nothing_in_the_books(story) -> None:
    """Recovering what was recovered before must not add it up."""
    assert story["again_venue"].last_trade_id == story["halted_venue"].last_trade_id
    assert_books_agree(story["again"], story["again_venue"])
    assert story["again"]["realized_pnl"] == pytest.approx(story["halted"]["realized_pnl"])
    assert story["again"]["fees"] == pytest.approx(story["halted"]["fees"])
    assert story["again"]["peak_equity"] >= story["halted"]["peak_equity"]


def test_the_exchange_of_a_crashed_engine_ends_with_an_orderly_stop_of_the_next(story) -> None:
    """It was started from this run directory, and so it is stopped from it."""
    assert not story["exchange_after_stop"]


def test_an_exchange_that_died_too_is_replaced_and_its_account_not_carried_over(program) -> None:
    """Positions of an exchange that is gone are gone with it; a halt is not."""
    process = program.start_engine()
    program.wait_until(lambda status: status["positions"], "a position")
    first = halt(program)
    crash(program, process)
    old_exchange = program.exchange_pid()
    os.kill(old_exchange, signal.SIGKILL)
    wait_for(lambda: not is_alive(old_exchange), "the end of the exchange")
    program.start_engine()
    status = program.status()
    assert program.exchange_pid() != old_exchange
    assert status["run_id"] != first["run_id"]
    assert (status["trading_state"], status["positions"]) == ("HALTED", [])
    assert status["equity"] == CAPITAL
