"""One account, one engine, in whatever run directory."""

from __future__ import annotations

import pytest

from tests.integration.engine.venue_side import look_at
from tests.integration.program import Program, is_alive

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("processes")]


@pytest.fixture
def second(program, tmp_path):
    """Another run directory on the exchange of the first."""
    program.start_engine()
    url = program.exchange()["url"]
    second = Program(
        tmp_path / "second",
        "--set", f"venue.url={url}",
        "--set", "venue.start_exchange=false",
    )  # fmt: skip
    yield second
    second.close()


def test_a_second_engine_on_the_account_is_refused_with_the_first_one_named(
    program, second
) -> None:
    """At once, with exit code 2, and the first goes on."""
    status = program.status()
    told = second.run("--no-ui")
    assert told.code == 2
    for part in (
        f"run {status['run_id']}",
        f"process {status['pid']}",
        str(program.run_dir),
        "attach`",
        "stop`",
        "kill`",
    ):
        assert part in told.err
    assert second.runs() == []
    assert program.status()["trading_state"] == "ACTIVE"


def test_a_killed_engine_frees_the_account(program, second) -> None:
    """SIGKILL leaves a lease that nobody holds."""
    pid = program.status()["pid"]
    for process in program._started:
        process.kill()
        process.wait()
    assert not is_alive(pid)
    second.start_engine()
    assert second.status()["pid"] != pid


def test_two_directories_with_exchanges_of_their_own_are_two_accounts(program, tmp_path) -> None:
    """Nothing of the one is the other's."""
    other = Program(tmp_path / "other")
    try:
        program.start_engine()
        other.start_engine()
        assert look_at(program.exchange()["url"]) is not None
        assert program.exchange()["url"] != other.exchange()["url"]
        assert program.status()["trading_state"] == other.status()["trading_state"] == "ACTIVE"
    finally:
        other.close()


def test_an_orderly_end_leaves_no_lease_of_an_exchange_that_ended_too(
    program, tmp_path, monkeypatch
) -> None:
    """Its address will never be that account again."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    process = program.start_engine()
    leases = tmp_path / "state" / "imc-cockpit" / "leases"
    assert len(list(leases.iterdir())) == 2
    assert program.run("stop").code == 0
    assert process.wait(20) == 0, program.said
    assert list(leases.iterdir()) == []
