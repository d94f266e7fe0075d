"""Alarms: what the rules have found is kept, rung, and taken note of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.alarms import FLASH_S, KEPT, Alarms
from cockpit.viewmodels.alert_list import alert_chip, alerts_lines, unseen
from cockpit.viewmodels.alert_rules import parse_rule
from cockpit.viewmodels.cells import line_width
from cockpit.viewmodels.view import LinkState, LinkView, View
from core.domain.enums import Mode, StateReason, TradingState
from tests.unit.cockpit import fake_engine as fake

QUIET = View(meta=fake.make_meta(), snapshot=fake.make_snapshot(), link=LinkView(LinkState.LIVE))
HALTED = replace(
    QUIET,
    snapshot=fake.make_snapshot(
        account=fake.make_account(
            trading_state=TradingState.HALTED,
            state_reason=StateReason.DRAWDOWN_HALT,
            drawdown_pct=25.5,
        )
    ),
)
RULES = (
    parse_rule("drawdown_pct > 10", level="warning", bell=False, text=""),
    parse_rule("state", level="alarm", bell=True, text="call Ada"),
    parse_rule("open_orders > 3", level="info", bell=False, text=""),
)


class Rig:
    def __init__(self, **options) -> None:
        self.now_s = 100.0
        self.rings = 0
        self.alarms = Alarms(RULES, self._ring, now_s=lambda: self.now_s, **options)

    def _ring(self) -> None:
        self.rings += 1

    def look(self, view: View) -> View:
        return self.alarms.look(view)


def test_what_becomes_true_is_kept_newest_first_and_rings_once() -> None:
    rig = Rig()
    rig.look(QUIET)
    shown = rig.look(HALTED)
    assert [entry.alert.level for entry in shown.alerts] == ["alarm", "warning", "info"]
    assert shown.alerts[0].alert.todo == "call Ada"
    assert rig.rings == 1
    assert rig.look(HALTED).alerts == shown.alerts
    assert rig.rings == 1


def test_a_view_without_news_is_not_judged_again() -> None:
    rig = Rig()
    rig.look(QUIET)
    first = rig.look(HALTED)
    rig.look(replace(HALTED, selected=3))
    assert rig.look(replace(HALTED, message="x")).alerts == first.alerts


def test_what_only_informs_needs_nobody_to_take_note() -> None:
    rig = Rig()
    shown = rig.look(QUIET)
    assert [entry.alert.level for entry in shown.alerts] == ["info"]
    assert unseen(shown.alerts) == ()


def test_one_is_taken_note_of_or_all() -> None:
    rig = Rig()
    rig.look(QUIET)
    entries = rig.look(HALTED).alerts
    rig.alarms.acknowledge(entries[1].number)
    assert [entry.number for entry in unseen(rig.look(HALTED).alerts)] == [entries[0].number]
    rig.alarms.acknowledge()
    assert unseen(rig.look(HALTED).alerts) == ()


def test_an_alarm_flashes_for_a_while_and_not_once_it_is_seen() -> None:
    rig = Rig()
    rig.look(QUIET)
    assert rig.look(HALTED).is_bright
    rig.now_s += 1
    assert not rig.look(HALTED).is_bright
    rig.now_s += 1
    assert rig.look(HALTED).is_bright
    rig.now_s += FLASH_S
    assert not rig.look(HALTED).is_bright
    rig.look(QUIET)
    assert rig.look(HALTED).is_bright
    rig.alarms.acknowledge()
    assert not rig.look(HALTED).is_bright


def test_who_is_disturbed_by_motion_sees_none() -> None:
    rig = Rig(is_calm=True)
    rig.look(QUIET)
    assert not rig.look(HALTED).is_bright


def test_only_the_newest_are_kept() -> None:
    rig = Rig()
    for _ in range(KEPT):
        rig.look(QUIET)
        rig.look(HALTED)
    assert len(rig.look(HALTED).alerts) == KEPT


def entries():
    rig = Rig()
    rig.look(QUIET)
    return rig.look(HALTED).alerts


def test_the_chip_counts_and_names_the_loudest_where_there_is_room() -> None:
    text = "".join(part for part, _ in alert_chip(entries(), 40, is_bright=False))
    assert text == "ALERT 2 trading is SAFE MODE"
    assert alert_chip(entries(), 0, is_bright=False) == (("ALERT 2", "alarm"),)
    assert alert_chip(entries(), 0, is_bright=True) == (("ALERT 2", "state_halted"),)
    assert line_width(alert_chip(entries(), 22, is_bright=False)) <= 22
    assert alert_chip((), 40, is_bright=True) == ()


def text_of(lines) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_the_page_explains_the_chosen_one_below() -> None:
    listed = entries()
    text = text_of(alerts_lines(listed, ["alert x: no"], listed[0].number, 78, 20))
    assert text.startswith(" alert x: no")
    assert " ▸ " in text
    assert "do    call Ada" in text
    assert "rule  state (alarm)" in text


@pytest.mark.parametrize("height", [3, 6, 20])
def test_the_page_says_what_has_been_seen_and_keeps_the_chosen_in_sight(height) -> None:
    listed = tuple(replace(entry, is_seen=True) for entry in entries()) * 4
    listed = tuple(replace(entry, number=number) for number, entry in enumerate(listed, 1))
    text = text_of(alerts_lines(listed, [], 7, 78, height))
    assert " ▸ " in text
    assert "seen" in text


def test_an_empty_page_says_where_the_rules_stand() -> None:
    assert "cockpit.toml" in text_of(alerts_lines((), [], 0, 78, 5))


def test_a_replay_that_goes_back_calls_for_nothing_again() -> None:
    rig = Rig()
    meta = fake.make_meta(mode=Mode.REPLAY)
    calm, troubled = (
        replace(view, meta=meta, snapshot=replace(view.snapshot, seq=seq))
        for view, seq in ((QUIET, 100), (HALTED, 200))
    )
    rig.look(calm)
    told = rig.look(troubled).alerts
    early = replace(troubled, snapshot=replace(troubled.snapshot, seq=150))
    assert rig.look(early).alerts == told
    assert rig.look(replace(calm, snapshot=replace(calm.snapshot, seq=90))).alerts == told
