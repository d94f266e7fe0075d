"""The report of a session says everything, and says it as text whatever stands in it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from core.api.topics import Topic
from core.domain.snapshot import Notice
from core.reports.session import ParameterChange, SessionCurve, SessionReport, Verdict
from core.reports.session_page import session_page
from core.reports.session_tables import MOST_ROWS
from tests.unit.cockpit.fake_engine import (
    NS,
    START_NS,
    make_meta,
    make_notices,
    make_snapshot,
)
from tests.unit.cockpit.fake_pages import make_page

EVIL = "<script>alert('x')</script>"


class Reader(HTMLParser):
    """What a reader sees: headings with the text below them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)

    def handle_data(self, data) -> None:
        if data.strip():
            self.text.append(data.strip())

    def __contains__(self, words: str) -> bool:
        return any(words in text for text in self.text)


def make_curve(count: int = 90) -> SessionCurve:
    t = np.arange(count)
    equity = 1e5 + 40.0 * np.sin(t / 9.0) + 3.0 * t
    return SessionCurve(
        ts_ns=START_NS + t.astype(np.int64) * NS,
        equity=equity,
        peak=np.maximum.accumulate(equity),
        regimes=np.stack([(t // (7 + k)) % 4 for k in range(8)], axis=1),
    )


def make_report(**changes) -> SessionReport:
    meta = changes.pop("meta", None) or make_meta()
    return replace(
        SessionReport(
            meta=meta,
            final=make_snapshot(),
            statistics=make_page(Topic.STATISTICS),
            curve=make_curve(),
            notices=make_notices(),
            started_ns=START_NS,
            ended_ns=START_NS + 4_000 * NS,
            events=90_210,
            ending="stopped in order",
            parameters_at_start=tuple(spec.default for spec in meta.parameters),
            changes=(
                ParameterChange(START_NS, "strategy.min_signal", 0.35, 0.41, "cockpit:7", None),
                ParameterChange(START_NS + NS, "strategy.cooldown_ms", 250, 275, "cli", 30.0),
            ),
            verdict=Verdict(is_identical=True, lines=("run x: identical, byte for byte",)),
            remarks=(),
            facts=(("settings", "5e77"),),
        ),
        **changes,
    )


def seen(**changes) -> Reader:
    return Reader(session_page(make_report(**changes)))


def test_every_part_is_there() -> None:
    page = seen()
    for heading in (
        "Equity", "Drawdown, per cent of the peak", "Regimes", "Positions at the end",
        "By regime", "By instrument", "By origin, realized only",
        "Why not: how evaluations ended", "Trades", "Commands and alarms", "Parameters",
        "Verification",
    ):  # fmt: skip
        assert heading in page.text
    assert page.tags.count("svg") == 3
    assert "1 h 06 min" in page
    assert "run x: identical, byte for byte" in page


def test_the_page_needs_nothing_but_itself() -> None:
    page = session_page(make_report())
    assert not re.search(r"\b(src|href)\s*=|url\(|@import|https?:", page)
    assert set(Reader(page).tags).isdisjoint({"script", "link", "img", "iframe", "object"})


def test_whatever_stands_in_a_name_or_a_note_is_shown_as_text() -> None:
    """An instrument, a note, a reason or a client's name may be anything."""
    meta = make_meta()
    named = replace(meta.instruments[0], symbol=EVIL)
    meta = replace(meta, instruments=(named, *meta.instruments[1:]), run_id=EVIL, profile=EVIL)
    snapshot = make_snapshot()
    held = replace(snapshot.instruments[0], symbol=EVIL)
    statistics = make_page(Topic.STATISTICS)
    figures = next(iter(statistics.by_instrument.values()))
    told = [
        Notice(1, START_NS, "note", "info", f"{EVIL} (cli)"),
        Notice(2, START_NS, "fill", "info", f"filled, {EVIL}", EVIL, 1, 50.0, 3.0, 9, EVIL),
        Notice(3, START_NS, "state", "alarm", f"HALTED {EVIL}"),
    ]
    page = session_page(
        make_report(
            meta=meta,
            final=replace(snapshot, instruments=(held, *snapshot.instruments[1:])),
            statistics=replace(statistics, by_instrument={EVIL: figures}),
            notices=tuple(told),
            changes=(ParameterChange(START_NS, EVIL, 1.0, 2.0, EVIL, None),),
            verdict=Verdict(is_identical=False, lines=(EVIL,)),
            remarks=(EVIL,),
            facts=((EVIL, EVIL),),
            ending=EVIL,
        )
    )
    assert "<script" not in page
    assert "script" not in Reader(page).tags
    assert EVIL in Reader(page)


def test_the_newest_trades_are_listed_and_the_others_counted() -> None:
    fills = tuple(
        Notice(n, START_NS + n * NS, "fill", "info", "filled, maker", "7_ETF", 1, 50.0, 2.0, n,
               f"reason {n}")
        for n in range(1, MOST_ROWS + 41)
    )  # fmt: skip
    page = seen(notices=fills)
    assert f"The newest {MOST_ROWS} of {MOST_ROWS + 40}, newest first." in page.text
    assert f"reason {MOST_ROWS + 40}" in page.text
    assert "reason 41" in page.text
    assert "reason 40" not in page.text


def test_a_trade_has_its_reason_and_is_told_apart_from_an_ignored_one() -> None:
    told = (
        Notice(1, START_NS, "fill", "info", "filled, taker, fee 0.07, position -1", "7_ETF", -1,
               49.45, 3.0, 9, "obi -0.50 = -0.4 ticks"),
        Notice(2, START_NS, "fill", "warning", "repeated fill 77 ignored", "7_ETF"),
    )  # fmt: skip
    page = seen(notices=told)
    row = page.text.index("49.45")
    assert page.text[row - 2 : row + 3] == [
        "SELL", "3", "49.45", "taker, fee 0.07, position -1", "obi -0.50 = -0.4 ticks",
    ]  # fmt: skip
    assert page.text.index("7_ETF repeated fill 77 ignored") > page.text.index(
        "Commands and alarms"
    )


def test_changes_of_parameters_say_who_and_for_how_long() -> None:
    page = seen()
    row = page.text.index("cli")
    assert page.text[row - 4 : row + 1] == [
        "strategy.cooldown_ms", "250", "275", "for 30 s", "cli",
    ]  # fmt: skip


def test_a_run_without_a_fill_says_so_instead_of_empty_tables() -> None:
    statistics = make_page(Topic.STATISTICS)
    total = replace(statistics.total, fills=0)
    page = seen(statistics=replace(statistics, total=total), notices=(), changes=())
    assert "Nothing was traded: the next table says why." in page
    assert page.text.count("There was none.") == 2
    assert "None was changed while trading." in page


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_too_short_for_a_curve_says_so(count: int) -> None:
    page = seen(curve=make_curve(count))
    assert "The run is too short for a curve" in page
    assert "svg" not in page.tags


def test_an_account_gone_wrong_has_no_curve_but_all_the_rest() -> None:
    curve = make_curve()
    curve.equity[5] = np.nan
    page = seen(curve=curve)
    assert "There is no curve: a value of the account is not a number." in page
    assert "Trades" in page.text


def test_remarks_come_before_any_number() -> None:
    page = seen(remarks=("The journal ends before the run: event 9 is damaged",))
    assert page.text.index("The journal ends before the run: event 9 is damaged") < page.text.index(
        "realized"
    )


def test_halts_are_counted() -> None:
    halt = Notice(1, START_NS, "state", "alarm", "HALTED by the operator: nothing rests")
    report = make_report(notices=(halt, replace(halt, kind="note"), replace(halt, number=3)))
    assert report.halts == 2


def test_drawdown_is_a_share_of_the_peak_and_never_negative() -> None:
    curve = replace(
        make_curve(4),
        equity=np.array([90.0, 100.0, 120.0, -5.0]),
        peak=np.array([100.0, 100.0, 110.0, 0.0]),
    )
    assert curve.drawdown_pct.tolist() == [10.0, 0.0, 0.0, 0.0]
