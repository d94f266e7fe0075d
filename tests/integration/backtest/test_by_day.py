"""Days side by side in processes are the days one by one."""

from __future__ import annotations

import json

import pytest

from core.doors.choice import Choice
from core.doors.recordings import run_backtest
from tests.integration.backtest.test_own import EXAMPLES

FADING = "strategy.target=target:fade"

BREAKS = """
class Trader:
    def run(self, state):
        if state.timestamp > 500:
            raise LookupError("no such price")
        return {}, 0, ""
"""


@pytest.fixture
def days(recorded):
    names = ("prices_round_1_day_-2.csv.gz", "prices_round_1_day_-1.csv.gz")
    return [str(recorded / "prosperity3" / "round1" / name) for name in names]


def by_day(choice, data, **options):
    return run_backtest(choice, data, by_day=True, **options)


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_day_is_the_backtest_of_its_file(days, monkeypatch, tmp_path, jobs):
    monkeypatch.chdir(EXAMPLES)
    choice = Choice(overrides=(FADING,), run_dir=tmp_path)
    code, document, text = by_day(choice, days, jobs=jobs, page=tmp_path / "days.html")
    assert code == 0
    assert document["days"]["count"] == len(document["by_day"]) == 2
    alone = [run_backtest(choice, [path])[1] for path in days]
    assert sum(each["fills"] for each in alone) == document["fills"] > 0
    told = {each["decision_hash"]: each for each in document["by_day"].values()}
    for single in alone:
        same = told[single["decision_hash"]]
        for key in ("events", "pnl", "outcomes", "statistics", "markouts", "data"):
            assert same[key] == single[key]
    assert "each day from a flat account" in text
    assert "Backtest of 2 days" in (tmp_path / "days.html").read_text()


def test_a_trader_begins_each_day_anew(days, tmp_path):
    own = (f"strategy.python={json.dumps(str(EXAMPLES / 'trader.py:Trader'))}",)
    choice = Choice(overrides=own, run_dir=tmp_path)
    code, document, _ = by_day(choice, days, jobs=1)
    assert code == 0
    assert all(each["strategy"]["ticks"] == 10_000 for each in document["by_day"].values())


def test_a_strategy_that_breaks_is_said_with_its_day(days, tmp_path):
    (tmp_path / "breaks.py").write_text(BREAKS)
    own = (f"strategy.python={json.dumps(str(tmp_path / 'breaks.py:Trader'))}",)
    code, document, text = by_day(Choice(overrides=own, run_dir=tmp_path), days, jobs=1)
    assert code == 2
    assert len(document["unfinished"]) == 2
    assert all("no such price" in reason for reason in document["unfinished"].values())
    assert text.count("UNFINISHED day") == 2
