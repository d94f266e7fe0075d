"""Days side by side: totals, what a day is worth, and what is said of it."""

from __future__ import annotations

import json
import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy import stats

from core.reports.by_day import DayRun, by_day_json, by_day_text, verdict
from core.reports.by_day_page import by_day_page
from core.reports.summary import summarize
from tests.unit.reports.test_summary import make_result


def day(name, *equity, fault=""):
    """A day that began with 1,000 and had these at the end of each second."""
    result = make_result(equity=(1_000, *equity))
    curve = np.array((1_000.0, *equity)) - 1_000.0
    return DayRun(name, summarize(result), result.ts_ns, curve, fault, 2 if fault else 0)


DAYS = [day("day -1", 1_010, 1_007), day("day 0", 990, 996), day("<day 1>", 1_020, 1_021)]


def test_the_totals_are_the_sums_of_the_days():
    document = by_day_json(DAYS)
    single = DAYS[0].document
    assert document["pnl"] == pytest.approx(7 - 4 + 21)
    for key in ("events", "decisions", "orders", "fills", "fees", "volume", "turnover"):
        assert document[key] == pytest.approx(3 * single[key])
    assert document["outcomes"] == {"TRADE": 18, "COOLDOWN": 9}
    assert list(document["by_day"]) == ["day -1", "day 0", "<day 1>"]
    assert json.loads(json.dumps(document)) == document


def test_the_drawdown_is_that_of_the_worst_day():
    for number, run in enumerate(DAYS):
        run.document["max_drawdown"] = (0.5, 1.25, 0.25)[number]
    assert by_day_json(DAYS)["max_drawdown"] == 1.25


def test_a_days_profit_has_the_interval_of_student():
    """Outside oracle: scipy.stats."""
    pnl = [7.0, -4.0, 21.0]
    days = by_day_json(DAYS)["days"]
    low, high = stats.t.interval(
        0.9, len(pnl) - 1, loc=np.mean(pnl), scale=np.std(pnl, ddof=1) / math.sqrt(len(pnl))
    )
    assert (days["low"], days["high"]) == (pytest.approx(low), pytest.approx(high))
    assert (days["count"], days["won"], days["best"], days["worst"]) == (3, 2, 21.0, -4.0)


def test_other_decisions_on_one_day_change_the_hash_of_all():
    before = by_day_json(DAYS)["decision_hash"]
    other = dict(DAYS[1].document) | {"decision_hash": "00000000000000aa"}
    changed = [DAYS[0], DayRun("day 0", other, DAYS[1].ts_ns, DAYS[1].pnl), DAYS[2]]
    assert by_day_json(changed)["decision_hash"] != before
    assert by_day_json(DAYS)["decision_hash"] == before


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((1_007, 996, 1_021), "2 of 3 days earned, +8.00 a day on average"),
        ((1_007, 996, 1_021), "It holds 0: these days show no edge."),
        ((1_020, 1_021, 1_022), "It leaves 0 out: the days show an edge."),
        ((980, 981, 979), "It leaves 0 out: the days show a loss."),
        ((1_007,), "One day alone says little"),
    ],
)
def test_the_verdict_is_what_the_interval_says(ends, said):
    document = by_day_json([day(f"day {n}", 1_001, end) for n, end in enumerate(ends)])
    assert said in verdict(document)


def test_days_without_a_trade_are_no_verdict():
    document = by_day_json(DAYS) | {"fills": 0}
    assert verdict(document) == "Nothing was traded on any day."


def test_the_text_fits_a_terminal_and_lines_up():
    document = by_day_json([*DAYS, day("2025-03-24", 998, 1_000, fault="raises KeyError")])
    lines = by_day_text(document).splitlines()
    assert max(map(len, lines[:-1])) <= 80
    start = next(number for number, line in enumerate(lines) if line.startswith("day "))
    assert {len(line) for line in lines[start : start + 6]} == {len(lines[start])}
    assert lines[-1] == "UNFINISHED 2025-03-24: raises KeyError"


def test_the_page_is_whole_and_escapes_names():
    page = by_day_page(by_day_json(DAYS), DAYS)
    assert "<day 1>" not in page
    assert page.count("<svg") == len(DAYS) + 1
    for drawing in page.split("<svg")[1:]:
        ET.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")
