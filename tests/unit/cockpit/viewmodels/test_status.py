"""The status line when something is in doubt: in words, in sight at every size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.cells import fit_line
from cockpit.viewmodels.status import status_lines
from cockpit.viewmodels.view import LinkState, LinkView, View
from core.domain.enums import FlattenState
from core.domain.snapshot import TrialView
from tests.unit.cockpit import fake_engine as fake

LIVE = LinkView(LinkState.LIVE)
SIZES = [(80, 2), (120, 2), (160, 2), (60, 4), (40, 10)]


def view_of(**account) -> View:
    snapshot = fake.make_snapshot(account=fake.make_account(**account))
    return View(meta=fake.make_meta(), snapshot=snapshot, link=LIVE)


def doubtful(**changes) -> View:
    return View(meta=fake.make_meta(), snapshot=fake.make_doubtful_snapshot(), link=LIVE, **changes)


def text_of(view: View, width: int = 160, height: int = 2) -> str:
    lines = status_lines(view, width, height)
    return "\n".join("".join(text for text, _ in line) for line in lines)


def tones(view: View) -> dict[str, str]:
    return {text.strip(): tone for line in status_lines(view, 160, 2) for text, tone in line}


@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [
        (FlattenState.WORKING, "flattening", "warn"),
        (FlattenState.VERIFYING, "asking the venue", "warn"),
        (FlattenState.FLAT, "FLAT", "up"),
    ],
)
def test_each_step_of_a_flatten_has_its_word_and_its_tone(state, words, tone) -> None:
    assert tones(view_of(flatten_state=state))[words] == tone


def test_flat_says_for_how_long() -> None:
    """It was true when the venue said it: its age tells how much that is worth."""
    view = view_of(flatten_state=FlattenState.FLAT, flatten_since_ns=fake.START_NS - 75 * fake.NS)
    assert "FLAT 1m15s" in text_of(view)


def test_not_flat_is_an_alarm_and_names_what_is_left() -> None:
    words = "NOT FLAT: 2 orders, 4_Weather -2, 7_ETF +3; 1 elsewhere"
    assert tones(doubtful())[words] == "alarm"


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("read_only", [False, True])
def test_not_flat_is_in_sight_at_every_size(width, height, read_only) -> None:
    """The usual way to lose an alarm is a line that has no room for it."""
    view = doubtful(read_only=read_only)
    lines = status_lines(view, width, height)
    text = "".join(part for line in lines[:height] for part, _ in fit_line(line, width))
    assert "NOT FLAT" in text
    assert "UNKNOWN orders 1" in text


def test_without_a_flatten_the_line_says_nothing_of_one() -> None:
    assert "FLAT" not in text_of(view_of()).upper()


def test_a_broken_identity_is_an_alarm_with_the_difference() -> None:
    assert tones(view_of(identity_break=-12.5))["IDENTITY BROKEN -12.50"] == "alarm"


def test_corrections_and_fees_without_a_rate_are_counted() -> None:
    text = text_of(view_of(corrections=3, unpriced_fees=4))
    assert "corrected 3" in text
    assert "fees unpriced 4" in text


@pytest.mark.parametrize("width", [80, 120, 160])
def test_a_trial_is_in_sight_on_every_screen_while_it_runs(width) -> None:
    trial = TrialView("risk.max_order_lots", 40.0, 25.0, 42.4)
    one = fake.make_snapshot(telemetry=fake.make_telemetry(trials=(trial,)))
    view = View(meta=fake.make_meta(), snapshot=one, link=LIVE)
    assert "trial 42s" in text_of(view, width)
    two = fake.make_telemetry(trials=(replace(trial, left_s=90.0), trial))
    view = replace(view, snapshot=replace(one, telemetry=two))
    assert "2 trials 42s" in text_of(view, width)


def test_a_lost_link_is_said_even_where_an_alarm_takes_the_room() -> None:
    """What the alarm says may be long out of date."""
    link = LinkView(LinkState.LOST, "link lost", age_s=75.0)
    assert "1m15s old" in text_of(replace(doubtful(), link=link), 80)


@pytest.mark.parametrize("size", [(80, 2), (160, 2), (240, 2)])
def test_a_spared_line_is_named_so_that_calm_is_not_taken_for_a_calm_market(size) -> None:
    view = View(meta=fake.make_meta(), snapshot=fake.make_snapshot())
    good = replace(view, link=LinkView(LinkState.LIVE))
    slow = replace(view, link=LinkView(LinkState.LIVE, is_slow=True))
    assert "slow line" not in text_of(good, *size)
    assert "slow line" in text_of(slow, *size)
