"""Names and observations that lie beside Prosperity's prices, and the command line on them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cockpit.cli import main
from core.backtest.beside import read_beside
from core.data.loader import load_data

PRICES = """day;timestamp;product;bid_price_1;bid_volume_1;bid_price_2;bid_volume_2;\
bid_price_3;bid_volume_3;ask_price_1;ask_volume_1;ask_price_2;ask_volume_2;ask_price_3;\
ask_volume_3;mid_price;profit_and_loss
3;0;KELP;2028;30;2027;5;;;2032;25;;;;;2030.0;0.0
3;100;KELP;2028;30;;;;;2032;20;;;;;2030.0;0.0
"""
TRADES = """timestamp;buyer;seller;symbol;currency;price;quantity
0;Olivia;Pablo;KELP;SEASHELLS;2030.0;4
0;Caesar;;KELP;SEASHELLS;2029;4
100;;;KELP;SEASHELLS;2030;1
"""
OBSERVATIONS = """timestamp,bidPrice,askPrice,transportFees,exportTariff,importTariff,\
sugarPrice,sunlightIndex
0,634.5,636,1.5,9.5,-3,200.5,60.25
100,bad,636,1.5,9.5,-3,200.5,60.25
"""
TRADER = """
class Trader:
    def run(self, state):
        print("chatter")
        if state.timestamp == 100:
            (trade,) = state.market_trades["KELP"][:1]
            assert (trade.buyer, trade.seller) == ("Olivia", "Pablo"), trade
            assert state.own_trades["KELP"][0].buyer == "SUBMISSION"
            assert state.own_trades["KELP"][0].seller == ""
            seen = state.observations.conversionObservations
            assert seen == {}, seen
            raise RuntimeError("enough")
        from datamodel import Order
        assert state.observations.conversionObservations["MAGNIFICENT_MACARONS"].sugarPrice == 200.5
        return {"KELP": [Order("KELP", 2032, 3)]}, 0, "x"
"""


@pytest.fixture
def day(tmp_path):
    (tmp_path / "prices_round_5_day_3.csv").write_text(PRICES)
    (tmp_path / "trades_round_5_day_3_wn.csv").write_text(TRADES)
    (tmp_path / "observations_round_5_day_3.csv").write_text(OBSERVATIONS)
    (tmp_path / "trader.py").write_text(TRADER)
    return tmp_path


def test_names_go_to_the_trades_they_belong_to(day):
    beside = read_beside(load_data([day / "prices_round_5_day_3.csv"]))
    assert beside.names == {1: ("Olivia", "Pablo"), 2: ("Caesar", "")}
    (observed,) = beside.observations.values()
    assert observed["MAGNIFICENT_MACARONS"].importTariff == -3.0


def run(day, *words):
    data = str(day / "prices_round_5_day_3.csv")
    strategy = f"{day / 'trader.py'}:Trader"
    return CliRunner().invoke(main, ["backtest", data, "--strategy", strategy, *words])


def test_the_command_line_reports_what_was_done_and_what_went_wrong(day):
    """Exit code 2, the figures on standard output and the sentence on standard error."""
    done = run(day, "--json")
    assert done.exit_code == 2
    document = json.loads(done.stdout)
    assert (document["fills"], document["strategy"]["sent"]) == (1, 1)
    assert "raised RuntimeError: enough" in document["strategy"]["unfinished"]
    assert "line 12, in run) at timestamp 100" in done.stderr
    assert "chatter" not in done.output


def test_its_prints_can_be_seen(day):
    done = run(day, "--verbose-trader")
    assert done.stderr.count("chatter") == 2
    assert "UNFINISHED" in done.stdout


def test_the_log_has_the_three_parts_of_the_sites(day):
    """Profits stand as they were before the tick's orders: the first row knows of none."""
    run(day, "--log", str(day / "run.log"))
    text = (day / "run.log").read_text()
    prints, rest = text.split("\n\n\nActivities log:\n")
    activities, trades = rest.split("\n\n\n\n\nTrade History:\n")
    assert json.loads(prints.removeprefix("Sandbox logs:\n")) == {
        "sandboxLog": "", "lambdaLog": "chatter", "timestamp": 0,
    }  # fmt: skip
    header, *rows = activities.splitlines()
    assert header == PRICES.splitlines()[0]
    assert rows == ["3;0;KELP;2028;30;2027;5;;;2032;25;;;;;2030.0;0.0"]
    own, *market = json.loads(trades)
    assert (own["buyer"], own["price"], own["quantity"]) == ("SUBMISSION", 2032, 3)
    assert [trade["buyer"] for trade in market] == ["Olivia", "Caesar"]


def test_a_wrong_class_is_one_sentence(day):
    data = str(day / "prices_round_5_day_3.csv")
    wrong = f"{day / 'trader.py'}:Tradr"
    done = CliRunner().invoke(main, ["backtest", data, "--strategy", wrong])
    assert done.exit_code == 2
    assert "has no class Tradr; did you mean Trader?" in done.stderr
    assert done.stdout == ""
