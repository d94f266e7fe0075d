"""The two recordings of the acceptance, as a person runs them."""

from __future__ import annotations

import pytest

from tests.integration.program import Program
from tests.recorded_data import find

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]

BACKTEST = {
    "events", "seconds", "events_per_second", "decisions", "orders", "fills", "volume", "pnl",
    "fees", "sharpe", "sortino", "max_drawdown", "win_rate", "profit_factor", "turnover",
    "by_regime", "by_instrument", "outcomes", "decision_hash", "settings_hash", "data",
    "by_hour", "statistics", "costs", "markouts", "execution", "exposure", "simulation",
}  # fmt: skip
RECORDINGS = (
    "prosperity2/round3/prices_round_3_day_0.csv.gz",
    "binance_l2/usdm_btcusdt_20240808.gz",
)


@pytest.fixture(scope="module", params=RECORDINGS)
def recording(request) -> str:
    return str(find(request.param))


@pytest.fixture(scope="module")
def backtested(recording, make_program):
    """A backtest, as a process."""
    told = make_program().run("backtest", recording, "--json")
    assert told.code == 0, told.err
    return told.json()


def test_a_backtest_prints_the_contract_and_trades(backtested) -> None:
    assert set(backtested) == BACKTEST
    assert backtested["fills"] > 0
    assert sum(backtested["outcomes"].values()) == backtested["decisions"]
    for file in backtested["data"]:
        assert {"path", "sha256", "rows", "skipped"} <= set(file)


def test_another_process_decides_the_same_to_the_bit(backtested, recording, tmp_path) -> None:
    told = Program(tmp_path).run("backtest", recording, "--json")
    timing = {"seconds", "events_per_second"}
    assert {k: v for k, v in told.json().items() if k not in timing} == {
        k: v for k, v in backtested.items() if k not in timing
    }


def test_a_replay_decides_what_the_backtest_decided(backtested, recording, tmp_path) -> None:
    """One loop with two sources: the live engine's and the compiled one agree on every bit."""
    told = Program(tmp_path / "run").run("replay", recording, "--speed", "max", "--json")
    assert told.code == 0, told.err
    replayed = told.json()
    for name in ("decision_hash", "orders", "fills"):
        assert replayed[name] == backtested[name]
    assert replayed["pnl"] == pytest.approx(backtested["pnl"])


def test_both_loops_trade_a_recording_alike(make_program) -> None:
    """What `--verify` says of a part of a day, to programs and to people."""
    program, day = make_program(), str(find(RECORDINGS[0]))
    told = program.call("replay", day, "--verify", "--part", "0:10", "--json")
    assert told.code == 0, told.err
    document = told.json()
    assert document["identical"] is True
    assert document["first_difference"] is None
    assert document["states"] > 0
    assert {"events", "decisions", "orders", "fills", "decision_hash", "data"} <= set(document)
    refused = program.call("replay", day, "--verify", "--speed", "5")
    assert refused.code == 2
    assert "--speed and --for do not go with it" in refused.sentence
