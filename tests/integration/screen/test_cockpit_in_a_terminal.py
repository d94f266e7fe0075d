"""The cockpit in a terminal, on an engine that it never stops by accident."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from tests.integration.program import Program, is_alive, stopped, wait_for
from tests.unit.data.recordings import price_row, write_prices

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

QUICK = ("--set", "venue.speed=4")


@pytest.fixture(scope="module")
def trading(make_program) -> Program:
    """One engine that trades, for cockpits that only attach to it."""
    program = make_program(*QUICK)
    program.start_engine()
    program.wait_until(lambda status: status["orders"], "an order")
    return program


def event_rate(program: Program, events: int = 300) -> float:
    """Events a second by the engine's own clock, over a number of events."""
    before = program.status()
    after = program.wait_until(
        lambda status: status["events"] >= before["events"] + events, "further events"
    )
    return (after["events"] - before["events"]) / (after["uptime_s"] - before["uptime_s"])


def test_one_command_starts_trades_detaches_attaches_and_stops(tmp_path, open_terminal) -> None:
    """The whole life with a cockpit: leaving it is not stopping it."""
    program = Program(tmp_path / "run", *QUICK)
    try:
        first = open_terminal(program.command(), 80, 24)
        first.wait_for("SIM", "ACTIVE", "7_ETF")
        program.wait_until(lambda status: status["orders"], "an order")
        first.press("q")
        first.wait_for("detach: leave it running")
        first.answer("d")
        assert first.wait() == 0
        assert "The engine runs on" in first.text
        left = program.status()
        exchange_pid = program.exchange_pid()
        assert left["readiness"] == "READY"

        second = open_terminal(program.command(), 160, 48)
        second.wait_for("SIM", "ACTIVE", "orders", "1_Eisbach", "8_ETF_Strangle")
        assert program.status()["pid"] == left["pid"]
        second.press("q")
        second.wait_for("stop it: cancel its orders")
        second.answer("s")
        assert second.wait() == 0
        assert "The engine has stopped" in second.text
        wait_for(lambda: not is_alive(left["pid"]), "the end of the engine's process")
        assert not is_alive(exchange_pid)
        assert program.status() is None
        assert program.manifest()["ending"] == "stopped"
    finally:
        program.close()


def test_a_cockpit_waits_for_an_engine_that_somebody_else_is_starting(
    program, open_terminal
) -> None:
    """Starting a second one would only be refused."""
    process = program.start("--no-ui")
    wait_for(psutil.Process(process.pid).children, "an engine that has begun")
    with stopped(process.pid):
        terminal = open_terminal(program.command(), 120, 36)
        terminal.wait_for(f"process {process.pid}", "is starting")
    terminal.wait_for("SIM", "ACTIVE")
    assert program.status()["pid"] == process.pid


def test_attaching_shows_what_happened_before(trading, open_terminal) -> None:
    """Positions, orders and the log of trades come with the first picture."""
    terminal = open_terminal(trading.command("attach"), 160, 48)
    terminal.wait_for("SIM", "ACTIVE", "ready")
    wait_for(lambda: "BUY " in terminal.text or "SELL " in terminal.text, "an order in the log")
    wait_for(lambda: max(map(len, terminal.lines)) == 160, "a picture as wide as the terminal")
    terminal.press("q")
    terminal.wait_for("leave it running")
    terminal.press("\x1b")
    terminal.wait_until_gone("leave it running")
    terminal.press("s")
    trading.wait_until(lambda status: status["trading_state"] == "HALTED", "safe mode by key")
    terminal.wait_for("HALTED")
    assert trading.call("send", "resume", "--word", "resume").code == 0
    terminal.wait_for("ACTIVE")


def test_a_read_only_cockpit_looks_and_sends_nothing(trading, open_terminal) -> None:
    """Safe mode included: its key says why nothing happens."""
    terminal = open_terminal(trading.command("attach", "--read-only"), 80, 24)
    terminal.wait_for("read-only", "ACTIVE")
    terminal.press("s")
    terminal.wait_for("read-only:", "is not sent")
    assert trading.status()["trading_state"] == "ACTIVE"
    terminal.press("q")
    terminal.wait_for("This window only looks")
    terminal.answer("d")
    assert terminal.wait() == 0
    assert trading.status()["readiness"] == "READY"


def test_a_tiny_terminal_shows_what_matters_most(trading, open_terminal) -> None:
    """The mode, the state and the equity fit 40 columns; the rest says what it needs."""
    terminal = open_terminal(trading.command("attach"), 40, 10)
    terminal.wait_for("SIM", "ACTIVE", "equity", "needs")


def test_a_killed_cockpit_leaves_the_engine_trading(trading, open_terminal) -> None:
    """Closing a terminal must never stop a trading engine."""
    terminal = open_terminal(trading.command())
    terminal.wait_for("SIM", "ACTIVE")
    pid = trading.status()["pid"]
    terminal.process.kill()
    terminal.wait()
    before = trading.status()
    after = trading.wait_until(
        lambda status: status["orders"] > before["orders"], "an order after the cockpit's end"
    )
    assert (after["pid"], after["trading_state"]) == (pid, "ACTIVE")
    trading.wait_until(lambda status: status["viewers"] <= 1, "a viewer that is gone")


def test_a_closed_terminal_window_leaves_the_engine_trading(trading, open_terminal) -> None:
    """SIGHUP is what closing the window sends."""
    terminal = open_terminal(trading.command())
    terminal.wait_for("SIM", "ACTIVE")
    os.killpg(terminal.process.pid, signal.SIGHUP)
    terminal.wait()
    before = trading.status()
    trading.wait_until(lambda status: status["events"] > before["events"], "further events")


def test_a_cockpit_whose_terminal_is_gone_ends_and_the_engine_trades_on(
    trading, open_terminal
) -> None:
    """Not every terminal says goodbye: behind `setsid` nobody sends SIGHUP."""
    terminal = open_terminal(trading.command())
    terminal.wait_for("SIM", "ACTIVE")
    terminal.hang_up()
    terminal.wait()
    before = trading.status()
    trading.wait_until(lambda status: status["events"] > before["events"], "further events")


def test_a_stopped_cockpit_does_not_slow_the_engine(trading, open_terminal) -> None:
    """Snapshots that nobody reads are dropped; the events are not."""
    terminal = open_terminal(trading.command("attach"), 160, 48)
    terminal.wait_for("SIM", "ACTIVE")
    with_it = event_rate(trading)
    with stopped(terminal.process.pid):
        without_it = event_rate(trading)
    assert without_it > with_it / 2
    assert trading.status()["journal"]["lag_ms"] < 10_000
    terminal.press("q")
    terminal.wait_for("leave it running")


def test_an_engine_in_the_same_process_paints_trades_and_ends_with_it(
    tmp_path, compiled_kernel, open_terminal
) -> None:
    """For a quick look: no second process but the exchange, and none left behind."""
    program = Program(tmp_path / "run", *QUICK)
    try:
        terminal = open_terminal(program.command("--in-process"), 120, 36)
        terminal.wait_for("SIM", "ACTIVE")
        trading = program.wait_until(lambda status: status["orders"], "an order")
        assert trading["pid"] == terminal.process.pid
        exchange_pid = program.exchange_pid()
        terminal.press("q")
        terminal.wait_for("The engine lives in this window")
        terminal.answer("s")
        assert terminal.wait() == 0
        assert program.manifest()["ending"] == "stopped"
        assert not is_alive(exchange_pid)
    finally:
        program.close()


@pytest.fixture
def recording(tmp_path) -> str:
    """Minutes of a quiet market."""
    rows = [
        price_row(100 * i, bid=f"{97 + i % 3};{5 + i % 7}", ask=f"{101 + i % 3};4")
        for i in range(2_000)
    ]
    return str(write_prices(tmp_path, rows))


def test_a_replay_is_stamped_as_one_and_leaves_no_trace(
    recording, tmp_path, compiled_kernel, open_terminal
) -> None:
    """It has a world of its own, so that it never meets a live engine."""
    program = Program(tmp_path / "run")
    terminal = open_terminal(program.command("replay", recording, "--speed", "5"), 120, 36)
    terminal.wait_for("REPLAY", "x5", "JAMS")
    terminal.press(" ")
    terminal.wait_for("HOLD")
    terminal.press("q")
    terminal.wait_for("esc")
    terminal.answer("s")
    assert terminal.wait() == 0
    assert list(program.run_dir.glob("replay-*")) == []


def test_a_replay_ends_with_its_killed_cockpit(
    recording, tmp_path, compiled_kernel, open_terminal
) -> None:
    """There is nothing to trade in it, and nobody else would ever end it."""
    program = Program(tmp_path / "run")
    terminal = open_terminal(program.command("replay", recording), 120, 36)
    terminal.wait_for("REPLAY", "JAMS")
    (engine,) = psutil.Process(terminal.process.pid).children()
    terminal.process.kill()
    terminal.wait()
    wait_for(lambda: not is_alive(engine.pid), "the end of the replay")


def test_a_bad_setting_is_said_before_any_screen_opens(tmp_path, open_terminal) -> None:
    """Where it can be read, and not on a screen that closes again."""
    program = Program(tmp_path / "run", "--set", "risk.max_position_pct=400")
    terminal = open_terminal(program.command(), 120, 10)
    assert terminal.wait() == 2
    terminal.wait_for("risk.max_position_pct = 400 is above 100")
    assert not program.run_dir.exists()


def test_attaching_to_nothing_says_so(tmp_path, open_terminal) -> None:
    program = Program(tmp_path / "run")
    terminal = open_terminal(program.command("attach"), 120, 10)
    assert terminal.wait() == 3
    terminal.wait_for("no engine runs in")


def test_two_people_see_what_the_other_does_and_who_it_was(trading, open_terminal) -> None:
    first = open_terminal(trading.command("attach"), 120, 36)
    second = open_terminal(trading.command("attach"), 160, 48)
    for terminal in (first, second):
        terminal.wait_for("link live", "ACTIVE")
    first.press("p")
    second.wait_for("REDUCING", "ALERT")
    second.press("!")
    second.wait_for("Alerts", "cockpit:", "REDUCING: only")
    second.press("p")
    second.wait_for("entries are allowed again")
    second.answer("y")
    first.wait_for("ACTIVE", "ALERT")
    first.press("!")
    first.wait_for("Alerts", "cockpit:", "ACTIVE again")
