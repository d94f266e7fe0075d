"""
Calls for a trader: what has happened that a rule waits for, why, and what to do.

A rule calls when its condition becomes true, and again only after it was false. What is not
known (no snapshot yet, a price of an empty book) counts as false.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cockpit.viewmodels.alert_list import Alert
from cockpit.viewmodels.alert_rules import (
    ACCOUNT,
    COMPARISONS,
    INSTRUMENT,
    AlertRule,
    Condition,
)
from cockpit.viewmodels.cells import plain
from cockpit.viewmodels.numbers import duration
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import READINESS_WORDS, REASON_WORDS, REGIME_WORDS, STATE_WORDS
from core.domain.enums import Readiness, Regime, TradingState
from core.domain.snapshot import Notice, RunMeta

ADVICE: Mapping[str, str] = {
    "fill": "read why in the trades pane; the page of orders shows what still works",
    "reject": "read the venue's reason in the trades pane",
    "command": "somebody else has asked for this: talk to each other",
    "state": "read why in the status line; leaving safe mode takes a typed word",
    "stale": "trust no number until it is live again",
    "drawdown_pct": "look at the positions; pause entries, or go into safe mode",
    "exposure_pct": "pause entries, or flatten",
    "unknown_orders": "the venue is being asked; look at the page of orders",
}
"""What to do about an event or a measure."""

_WHO = re.compile(r" \((?P<asked>[^()\s]+)\)$|, by (?P<set>[^\s,]+)")

NEWS_NS = 2_000_000_000
"""A notice may come so long after the snapshot that it belongs to."""

OTHERWISE = "the page why tells what the strategy makes of it"
"""What to do about all others."""


def evaluate(rules: Iterable[AlertRule], before: View | None, now: View) -> list[Alert]:
    """
    Find what has become true between two views, in the order of the rules.

    Args:
        rules: What to watch.
        before: The view shown last; None at the start. What happened before that is history,
            but a limit that is passed already is told.
        now: The view to show next.
    """
    return [alert for rule in rules for alert in _alerts(rule, before, now)]


def unknown_symbols(rules: Iterable[AlertRule], meta: RunMeta) -> list[str]:
    """Say of each rule that waits for an instrument the engine does not trade."""
    symbols = [instrument.symbol for instrument in meta.instruments]
    sentences = []
    for rule in rules:
        symbol = rule.condition.symbol
        if symbol and symbol not in symbols:
            nearest = difflib.get_close_matches(symbol, symbols, n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            sentences.append(f'alert "{rule.when}": {symbol} is not traded here{hint}')
    return sentences


def _alerts(rule: AlertRule, before: View | None, now: View) -> list[Alert]:
    measure = rule.condition.measure
    if measure in ("fill", "reject", "command"):
        return [_of_notice(rule, notice, now) for notice in _news(measure, before, now)]
    if measure == "state":
        return _of_state(rule, before, now)
    if measure == "stale":
        return _of_staleness(rule, before, now)
    value = _value(rule.condition, now)
    if not _holds(rule.condition, value):
        return []
    if before is not None and _holds(rule.condition, _value(rule.condition, before)):
        return []
    return [_of_measure(rule, now, value)]


def _news(kind: str, before: View | None, now: View) -> list[Notice]:
    """Notices that came after `before`; none where that was another run, or nothing."""
    if before is None or before.meta is None or now.meta is None:
        return []
    if before.meta.run_id != now.meta.run_id or before.snapshot is None:
        return []
    seen = before.notices[-1].number if before.notices else 0
    # An engine tells a new viewer what happened before, part by part: history, not news.
    since_ns = before.snapshot.ts_ns - (NEWS_NS if before.notices else 0)
    return [
        notice
        for notice in now.notices
        if notice.kind == kind
        and notice.number > seen
        and notice.ts_ns > since_ns
        and not (kind == "command" and now.source and now.source in notice.text)
    ]


def _of_notice(rule: AlertRule, notice: Notice, now: View) -> Alert:
    if notice.kind == "command":
        who, text = _by_whom(notice.text)
        return _alert(rule, now, f"{who}: {text}", f"asked for by {who}")
    where = f"{notice.instrument}: " if notice.instrument else ""
    return _alert(rule, now, f"{where}{notice.text}", notice.reason or f"a {notice.kind} came")


def _by_whom(text: str) -> tuple[str, str]:
    """Who has asked for something, and what; as the engine writes it at the end of a notice."""
    match = _WHO.search(text)
    if match is None:
        return "somebody", text
    return match["asked"] or match["set"], text[: match.start()] + text[match.end() :]


def _of_state(rule: AlertRule, before: View | None, now: View) -> list[Alert]:
    state = now.trading_state
    known = before.trading_state if before is not None else None
    if now.snapshot is None or state is None or state is (known or TradingState.ACTIVE):
        return []
    account = now.snapshot.account
    came = f"it was {STATE_WORDS[known]}" if known is not None else "found so"
    why = REASON_WORDS[account.state_reason] or came
    alert = _alert(rule, now, f"trading is {STATE_WORDS[state]}", why)
    # Good news is told, and calls nobody.
    return [replace(alert, level="info", bell=False) if state is TradingState.ACTIVE else alert]


STARTING_S = 10.0
"""An engine that is younger has not reached its venue yet: that is no news, and no alarm."""


def _of_staleness(rule: AlertRule, before: View | None, now: View) -> list[Alert]:
    why = _staleness(now)
    if not why or (before is not None and _staleness(before)):
        return []
    return [_alert(rule, now, "what is shown may no longer be true", why)]


def _staleness(view: View) -> str:
    """Why a view is old, or empty while it is not."""
    if view.is_stale:
        return plain(view.link.text) or f"nothing has come for {duration(view.link.age_s)}"
    if view.snapshot is None or view.snapshot.telemetry.uptime_s < STARTING_S:
        return ""
    readiness = view.snapshot.account.readiness
    is_old = readiness in (Readiness.STALE, Readiness.DISCONNECTED)
    return f"the engine says: {READINESS_WORDS[readiness]}" if is_old else ""


def _value(condition: Condition, view: View) -> float:
    """Measure; not a number where nothing is known."""
    if view.snapshot is None:
        return math.nan
    if condition.measure in ACCOUNT:
        return ACCOUNT[condition.measure](view.snapshot.account)
    for instrument in view.snapshot.instruments:
        if instrument.symbol == condition.symbol:
            if condition.measure == "regime":
                return float(instrument.regime)
            return INSTRUMENT[condition.measure](instrument)
    return math.nan


def _holds(condition: Condition, value: float) -> bool:
    return not math.isnan(value) and COMPARISONS[condition.comparison](value, condition.limit)


def _of_measure(rule: AlertRule, now: View, value: float) -> Alert:
    condition = rule.condition
    subject = f"{condition.symbol} " if condition.symbol else ""
    name = condition.measure.removesuffix("_pct").replace("_", " ")
    is_regime = condition.measure == "regime"
    shown = REGIME_WORDS[Regime(int(value))] if is_regime else f"{value:,.6g}"
    unit = " %" if condition.measure.endswith("_pct") else ""
    return _alert(rule, now, f"{subject}{name} is {shown}{unit}", f"you watch for {rule.when}")


def _alert(rule: AlertRule, now: View, what: str, why: str) -> Alert:
    measure = rule.condition.measure
    todo = rule.text or ADVICE.get(measure, OTHERWISE)
    ts_ns = now.snapshot.ts_ns if now.snapshot else 0
    return Alert(ts_ns, rule.level, rule.bell, plain(what), plain(why), todo, rule.when)
