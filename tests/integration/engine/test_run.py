"""An engine without a screen: it trades, can be asked, and ends in order."""

from __future__ import annotations

import signal
import sqlite3
import stat
from contextlib import closing

import psutil
import pytest

from tests.integration.program import PATIENCE_S, Program, is_alive, stopped, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("processes")]

CONTRACT = {
    "mode", "profile", "run_id", "pid", "uptime_s", "trading_state", "readiness", "reason",
    "equity", "peak_equity", "drawdown", "realized_pnl", "unrealized_pnl", "fees", "exposure",
    "positions", "open_orders", "orders", "fills", "rejects", "events", "events_per_second",
    "outcomes", "regimes", "latency_us", "feeds", "venue", "viewers", "journal", "rss_mb",
    "version", "decisions", "spreads", "models", "trading_state_since", "flatten",
    "unknown_orders", "corrections", "identity_break", "unpriced_fees", "trials", "manual",
    "venues",
}  # fmt: skip


def assert_nothing_is_left(program: Program, exchange_pid: int) -> None:
    """What an orderly end leaves behind is a journal and a manifest, and nothing that runs."""
    assert not is_alive(exchange_pid)
    assert program.exchange() == {}
    assert not (program.run_dir / "engine.sock").exists()
    run = program.runs()[-1]
    assert program.manifest()["ending"] == "stopped"
    assert not list(run.glob("journal.db-*")), "the write-ahead log was not folded in"
    assert [line["message"] for line in program.log() if line["level"] == "ERROR"] == []


def test_a_limited_run_trades_answers_and_leaves_nothing_running(program) -> None:
    """The first promise of the command line, from start to farewell."""
    process = program.start("--no-ui", "--for", "14s")
    program.wait_until(lambda status: status["orders"], "an order")
    asked = program.run("status", "--json")
    exchange_pid = program.exchange_pid()
    socket_mode = (program.run_dir / "engine.sock").stat().st_mode
    assert process.wait(PATIENCE_S) == 0, program.said

    assert asked.code == 0
    status = asked.json()
    assert set(status) == CONTRACT
    assert (status["mode"], status["profile"], status["pid"]) == ("SIM", "practice", process.pid)
    assert status["orders"] > 0
    assert status["events"] == status["journal"]["rows"] > 0
    assert sum(status["outcomes"].values()) > 0
    assert set(status["latency_us"]) == {"wire_to_order", "step"}
    assert set(status["venue"]) == {"state", "reconnects", "gaps", "budget", "request_budget"}
    assert len(status["regimes"]) == 8
    assert stat.S_IMODE(socket_mode) == 0o600
    assert stat.S_IMODE(program.run_dir.stat().st_mode) == 0o700
    assert_nothing_is_left(program, exchange_pid)
    assert program.manifest()["reason"] == "the 14 s asked for are over"
    assert "run" in program.said
    with closing(sqlite3.connect(program.runs()[-1] / "journal.db")) as journal:
        assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_no_process_behind(program, number) -> None:
    """The exchange comes up beside the engine; without an engine it has no business."""
    process = program.start("--no-ui")
    started = wait_for(psutil.Process(process.pid).children, "a process beside the engine")
    process.send_signal(number)
    assert process.wait(PATIENCE_S) in {0, 130}, program.said
    assert [child for child in started if is_alive(child.pid)] == []
    assert program.exchange() == {}
    assert "Traceback" not in program.said


def test_ctrl_c_does_not_wait_for_the_compiler(program, tmp_path, monkeypatch) -> None:
    """The very first start compiles for half a minute; nobody has to sit through it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    process = program.start("--no-ui")
    wait_for(lambda: "compiling the kernel" in program.said, "the news that it takes long")
    started = wait_for(
        lambda: len(found := psutil.Process(process.pid).children()) == 2 and found,
        "compiler and exchange",
    )
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) in {0, 130}, program.said
    assert [child for child in started if is_alive(child.pid)] == []
    assert "Traceback" not in program.said
    assert program.runs() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_first_sign_of_life_ends_in_order(program, number) -> None:
    """Viewers can attach before the venue has answered; from here on a stop is orderly."""
    process = program.start("--no-ui")
    wait_for(program.exchange_pid, "an exchange that is announced")
    wait_for((program.run_dir / "engine.sock").exists, "a socket")
    process.send_signal(number)
    assert process.wait(PATIENCE_S) == 0, program.said
    assert_nothing_is_left(program, max(program.exchange_pids))


def test_a_signal_while_trading_cancels_the_orders_and_ends_in_order(program) -> None:
    """What rested is canceled, and the run's last line says who asked."""
    process = program.start_engine()
    program.wait_until(lambda status: status["open_orders"], "an order that rests")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0, program.said
    assert_nothing_is_left(program, max(program.exchange_pids))
    assert program.manifest()["reason"] == "SIGINT"


def test_a_second_signal_does_not_wait_for_a_venue_that_is_silent(program) -> None:
    """A venue that confirms nothing must not keep anybody from leaving; its orders are told."""
    process = program.start_engine()
    program.place_far_from_the_market("1_Eisbach")
    with stopped(program.exchange_pid()):
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
    assert process.returncode == 0, program.said
    assert any("not confirmed as canceled" in line["message"] for line in program.log())
    assert program.manifest()["reason"] in {"SIGINT", "SIGTERM"}


def test_stop_ends_the_engine_and_waits_for_its_farewell(program) -> None:
    """After `imc-cockpit stop` the run directory is free for the next engine."""
    process = program.start_engine()
    exchange_pid = program.exchange_pid()
    asked = program.run("stop", "--json")
    assert (asked.code, asked.json()["accepted"]) == (0, True)
    assert process.wait(PATIENCE_S) == 0, program.said
    assert_nothing_is_left(program, exchange_pid)
    assert program.manifest()["reason"].startswith("asked by cli")
    assert program.run("status").code == 3
