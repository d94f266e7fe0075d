"""Calls: when something becomes true, and not again while it stays so."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels.alert_rules import parse_rule
from cockpit.viewmodels.alerts import Alert, AlertRule, evaluate, unknown_symbols
from cockpit.viewmodels.view import LinkState, LinkView, View
from core.domain.enums import Readiness, Regime, StateReason, TradingState
from core.domain.snapshot import Notice
from tests.unit.cockpit import fake_engine as fake

LIVE = LinkView(LinkState.LIVE)
BEFORE = 1_000


def rule(when: str, text: str = "") -> AlertRule:
    return parse_rule(when, level="warning", bell=True, text=text)


def view(notices: tuple[Notice, ...] = (), link: LinkView = LIVE, **account) -> View:
    snapshot = fake.make_snapshot(account=fake.make_account(**account))
    return View(meta=fake.make_meta(), snapshot=snapshot, notices=notices, link=link)


def market(symbol_index: int, **changes) -> View:
    """A view with one instrument that differs."""
    base = view()
    instruments = list(base.snapshot.instruments)
    instruments[symbol_index] = replace(instruments[symbol_index], **changes)
    return replace(base, snapshot=replace(base.snapshot, instruments=tuple(instruments)))


def notice(number: int, kind: str = "fill", ts_ns: int = fake.START_NS + 1, **changes) -> Notice:
    return Notice(number, ts_ns, kind, "info", "SELL 2 @ 52.3 filled", "7_ETF", **changes)


def one(found: list[Alert]) -> Alert:
    assert len(found) == 1
    return found[0]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20), st.floats(1, 9))
def test_a_limit_calls_once_for_each_time_it_is_passed(values, limit) -> None:
    """As often as the sequence goes from at or below the limit to above it."""
    rules = [rule(f"drawdown_pct > {limit!r}")]
    views = [view(drawdown_pct=value) for value in values]
    calls = sum(
        len(evaluate(rules, before, now))
        for before, now in zip([None, *views], views, strict=False)
    )
    above = [False, *(value > limit for value in values)]
    assert calls == sum(now and not before for before, now in itertools.pairwise(above))


@given(st.sampled_from(["fill", "state", "stale", "drawdown_pct > 0", "price 7_ETF > 1"]))
def test_nothing_calls_twice_for_the_same_view(when) -> None:
    shown = view(
        notices=(notice(3), notice(4)),
        link=LinkView(LinkState.LOST, "link lost"),
        trading_state=TradingState.HALTED,
        drawdown_pct=3.0,
    )
    assert evaluate([rule(when)], shown, shown) == []


def test_a_limit_says_what_why_and_what_to_do() -> None:
    call = one(evaluate([rule("drawdown_pct > 5")], None, view(drawdown_pct=6.25)))
    assert call.what == "drawdown is 6.25 %"
    assert call.why == "you watch for drawdown_pct > 5"
    assert call.todo == "look at the positions; pause entries, or go into safe mode"
    assert (call.level, call.bell, call.ts_ns) == ("warning", True, fake.START_NS)


def test_the_traders_own_words_take_the_place_of_the_usual_advice() -> None:
    call = one(evaluate([rule("drawdown_pct > 5", "call Ada")], None, view(drawdown_pct=6.0)))
    assert call.todo == "call Ada"


@pytest.mark.parametrize(
    ("sign", "value", "calls"),
    [
        (">", 55.0, 0), (">", 55.5, 1), (">=", 55.0, 1), (">=", 54.5, 0),
        ("<", 55.0, 0), ("<", 54.5, 1), ("<=", 55.0, 1), ("<=", 55.5, 0),
        ("==", 55.0, 1), ("==", 54.5, 0), ("!=", 55.0, 0), ("!=", 54.5, 1),
    ],
)  # fmt: skip
def test_comparisons_are_meant_as_written(sign, value, calls) -> None:
    now = market(6, mid=value)
    assert len(evaluate([rule(f"price 7_ETF {sign} 55")], None, now)) == calls


@pytest.mark.parametrize(
    ("when", "changes"),
    [
        ("price 7_ETF > 60", {"mid": 61.5}),
        ("spread 7_ETF > 2", {"bid": 50.0, "ask": 53.0}),
        ("position 7_ETF < -30", {"position": -31.0}),
        ("open_pnl 7_ETF < -500", {"unrealized_pnl": -612.0}),
        ("imbalance 7_ETF > 0.9", {"obi": 0.93}),
        ("volatility 7_ETF > 80", {"volatility": 93.0}),
        ("regime 7_ETF == unknown", {"regime": Regime.UNKNOWN}),
    ],
)
def test_a_measure_is_of_the_instrument_that_is_named(when, changes) -> None:
    assert "7_ETF" in one(evaluate([rule(when)], view(), market(6, **changes))).what
    assert not evaluate([rule(when)], view(), market(4, **changes))


@pytest.mark.parametrize(
    ("measure", "changes"),
    [
        ("drawdown_pct > 9", {"drawdown_pct": 9.5}),
        ("exposure_pct > 70", {"exposure_pct": 71.0}),
        ("equity < 90000", {"equity": 89_000.0}),
        ("realized_pnl < -900", {"realized_pnl": -950.0}),
        ("unrealized_pnl < -1900", {"unrealized_pnl": -1_950.0}),
        ("fees > 300", {"fees": 301.0}),
        ("open_orders > 30", {"open_orders": 31}),
        ("unknown_orders > 0", {"unknown_orders": 2}),
        ("rejects > 10", {"rejects": 11}),
    ],
)
def test_a_measure_of_the_account_is_the_field_of_its_name(measure, changes) -> None:
    now = view()
    changed = replace(now.snapshot, account=replace(now.snapshot.account, **changes))
    assert not evaluate([rule(measure)], None, now)
    assert one(evaluate([rule(measure)], now, replace(now, snapshot=changed)))


def test_a_regime_is_said_in_words() -> None:
    now = market(6, regime=Regime.HIGH_VOLATILITY)
    call = one(evaluate([rule("regime 7_ETF == volatile")], None, now))
    assert call.what == "7_ETF regime is high volatility"


def test_what_is_not_known_is_not_true() -> None:
    """No snapshot, a price of an empty book, an instrument that is not traded."""
    assert not evaluate([rule("price 7_ETF != 5")], None, View())
    assert not evaluate([rule("price 7_ETF != 5")], None, market(6, mid=math.nan))
    assert not evaluate([rule("price 9_Nothing > 5")], None, view())


def test_what_was_not_known_before_calls_when_it_becomes_true() -> None:
    now = market(6, mid=60.0)
    assert one(evaluate([rule("price 7_ETF > 55")], market(6, mid=math.nan), now))


def test_each_new_fill_calls_with_its_reason() -> None:
    before = view(notices=(notice(BEFORE),))
    news = (notice(BEFORE), notice(BEFORE + 1, reason="obi +.45"), notice(BEFORE + 2, "cancel"))
    call = one(evaluate([rule("fill")], before, view(notices=news)))
    assert (call.what, call.why) == ("7_ETF: SELL 2 @ 52.3 filled", "obi +.45")
    assert len(evaluate([rule("fill")], before, view(notices=(*news, notice(BEFORE + 3))))) == 2


def test_a_reject_is_no_fill() -> None:
    before, now = view(notices=(notice(1),)), view(notices=(notice(1), notice(2, "reject")))
    assert not evaluate([rule("fill")], before, now)
    assert one(evaluate([rule("reject")], before, now)).why == "a reject came"


def test_what_happened_before_the_first_view_is_no_news() -> None:
    now = view(notices=(notice(1), notice(2)))
    assert not evaluate([rule("fill")], None, now)
    old = (notice(1, ts_ns=fake.START_NS - 1), notice(2, ts_ns=fake.START_NS))
    assert not evaluate([rule("fill")], view(), view(notices=old))
    assert one(evaluate([rule("fill")], view(), view(notices=(*old, notice(3)))))


def test_what_another_run_did_is_no_news() -> None:
    now = replace(view(notices=(notice(2),)), meta=fake.make_meta(run_id="another"))
    assert not evaluate([rule("fill")], view(notices=(notice(1),)), now)


def test_a_change_of_state_calls_with_its_reason() -> None:
    halted = view(trading_state=TradingState.HALTED, state_reason=StateReason.DRAWDOWN_HALT)
    call = one(evaluate([rule("state")], view(), halted))
    assert (call.what, call.why) == ("trading is SAFE MODE", "drawdown limit")
    back = one(evaluate([rule("state")], halted, view(state_reason=StateReason.NONE)))
    assert (back.what, back.why) == ("trading is ACTIVE", "it was SAFE MODE")


def test_a_state_that_is_found_at_the_start_calls_unless_it_is_the_usual_one() -> None:
    assert not evaluate([rule("state")], None, view())
    assert not evaluate([rule("state")], View(), view())
    reducing = view(trading_state=TradingState.REDUCING, state_reason=StateReason.NONE)
    assert one(evaluate([rule("state")], None, reducing)).why == "found so"
    assert not evaluate([rule("state")], view(), View())


def test_a_lost_link_calls_with_what_is_known_of_it() -> None:
    lost = view(link=LinkView(LinkState.LOST, "link lost, trying again", 75.0))
    assert one(evaluate([rule("stale")], view(), lost)).why == "link lost, trying again"
    silent = view(link=LinkView(LinkState.LIVE, "", 75.0))
    assert one(evaluate([rule("stale")], view(), silent)).why == "nothing has come for 1m15s"
    assert not evaluate([rule("stale")], silent, lost)
    assert not evaluate([rule("stale")], lost, view())


@pytest.mark.parametrize("readiness", list(Readiness))
def test_stale_data_at_the_engine_calls_too(readiness) -> None:
    calls = evaluate([rule("stale")], view(), view(readiness=readiness))
    assert bool(calls) is (readiness in (Readiness.STALE, Readiness.DISCONNECTED))


def test_an_engine_that_has_just_begun_calls_only_if_it_stays_without_its_venue() -> None:
    def at(uptime_s: float) -> View:
        young = view(readiness=Readiness.DISCONNECTED)
        telemetry = replace(young.snapshot.telemetry, uptime_s=uptime_s)
        return replace(young, snapshot=replace(young.snapshot, telemetry=telemetry))

    assert not evaluate([rule("stale")], None, at(0.2))
    assert not evaluate([rule("stale")], at(0.2), at(9.9))
    assert one(evaluate([rule("stale")], at(9.9), at(10.1))).why == "the engine says: disconnected"


def test_calls_come_in_the_order_of_the_rules() -> None:
    rules = [rule("stale"), rule("drawdown_pct > 5")]
    now = view(link=LinkView(LinkState.LOST, "link lost"), drawdown_pct=6.0)
    assert [call.when for call in evaluate(rules, None, now)] == ["stale", "drawdown_pct > 5"]


def test_nothing_of_the_venue_can_move_the_cursor() -> None:
    bad = replace(notice(2), text="filled\x1b[2J", reason="a\nb")
    call = one(evaluate([rule("fill")], view(notices=(notice(1),)), view(notices=(bad,))))
    assert (call.what, call.why) == ("7_ETF: filled [2J", "a b")


def test_a_rule_for_an_instrument_that_is_not_traded_is_named_with_the_nearest() -> None:
    rules = [rule("price 7_ETFF > 5"), rule("price 7_ETF > 5"), rule("fill"), rule("price x > 5")]
    assert unknown_symbols(rules, fake.make_meta()) == [
        'alert "price 7_ETFF > 5": 7_ETFF is not traded here; did you mean 7_ETF?',
        'alert "price x > 5": x is not traded here',
    ]


def test_history_that_comes_in_parts_is_no_news() -> None:
    first = view(notices=(notice(1, ts_ns=fake.START_NS - 90 * fake.NS),))
    more = (*first.notices, notice(2, ts_ns=fake.START_NS - 50 * fake.NS))
    assert not evaluate([rule("fill")], first, view(notices=more))
    late = (*first.notices, notice(2, ts_ns=fake.START_NS - fake.NS))
    assert evaluate([rule("fill")], first, view(notices=late))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("paused (cockpit:ada:7)", "cockpit:ada:7: paused"),
        ("risk.a 2.5 -> 3 %, by cockpit:ada:7, for 30 s unless kept",
         "cockpit:ada:7: risk.a 2.5 -> 3 %, for 30 s unless kept"),
        ("flatten refused: not now (cli)", "cli: flatten refused: not now"),
        ("halted", "somebody: halted"),
    ],
)  # fmt: skip
def test_what_somebody_else_has_asked_for_is_told_with_who(text, what) -> None:
    news = (replace(notice(1), kind="command", text=text),)
    mine = replace(view(), source="cockpit:bob:9")
    (alert,) = evaluate([rule("command")], mine, replace(mine, notices=news))
    assert alert.what == what


def test_what_was_asked_for_here_is_no_call() -> None:
    news = (replace(notice(1), kind="command", text="paused (cockpit:bob:9)"),)
    mine = replace(view(), source="cockpit:bob:9")
    assert not evaluate([rule("command")], mine, replace(mine, notices=news))


def test_trading_again_is_told_without_a_call() -> None:
    halted = view(trading_state=TradingState.HALTED, state_reason=StateReason.RUNAWAY)
    alert = one(evaluate([rule("state")], halted, view()))
    assert (alert.what, alert.level, alert.bell) == ("trading is ACTIVE", "info", False)
