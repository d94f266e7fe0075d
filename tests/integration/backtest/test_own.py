"""Strategies of one's own on recorded days, as the documents show them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.doors.choice import Choice
from core.doors.recordings import run_backtest

EXAMPLES = Path(__file__).parents[3] / "docs" / "strategies"
BASKET_DAY = "prosperity3/round6/prices_round_6_day_3.csv.gz"
PUBLISHED_PNL = -11_326


def backtest(name, data, *overrides, part=None):
    own = () if name is None else (f"strategy.python={json.dumps(str(EXAMPLES / name))}",)
    return run_backtest(Choice(overrides=(*own, *overrides)), [str(data)], part=part)


def test_the_basket_trader_earns_what_the_reference_says(recorded):
    """To the unit: the rule of the matching's oracle, written as an IMC Trader."""
    code, summary, text = backtest("basket.py:Trader", recorded / BASKET_DAY)
    assert code == 0
    assert summary["pnl"] == PUBLISHED_PNL
    assert summary["strategy"]["blocked"] == {}
    assert summary["strategy"]["over_limit"] == 0
    assert "held back by our risk gate: none" in text


def test_a_market_maker_meets_the_exchanges_limits_only(recorded):
    data = recorded / "prosperity3/round1/prices_round_1_day_0.csv.gz"
    code, summary, _ = backtest("trader.py:Trader", data, part="0:10")
    assert code == 0
    assert summary["strategy"]["ticks"] == 1_000
    assert summary["strategy"]["sent"] > 1_000
    assert summary["strategy"]["blocked"] == {}
    assert summary["strategy"]["refused"] == {}


def test_a_strategy_with_handlers_quotes(recorded):
    data = recorded / "prosperity3/round1/prices_round_1_day_0.csv.gz"
    code, summary, text = backtest("quoter.py:Quoter", data, part="0:5")
    assert code == 0
    assert summary["fills"] > 0
    assert summary["outcomes"]["TRADE"] == summary["orders"]
    assert "assumes:" in text


@pytest.mark.parametrize("name", ["fade"])
def test_a_target_of_ones_own_decides(recorded, monkeypatch, name):
    monkeypatch.chdir(EXAMPLES)
    data = recorded / "prosperity3/round1/prices_round_1_day_0.csv.gz"
    code, summary, text = backtest(None, data, f"strategy.target=target:{name}", part="0:5")
    assert code == 0
    assert summary["outcomes"]["TRADE"] > 0
    assert "BELOW_THRESHOLD" not in summary["outcomes"]
    assert f"target=target:{name}" in text
