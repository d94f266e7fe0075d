"""No meaning by color alone: every state is told apart by its words, in any theme."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from cockpit.styles.look import Look
from cockpit.styles.themes import THEMES
from cockpit.viewmodels.cells import fit_line
from cockpit.viewmodels.status import status_lines
from cockpit.viewmodels.view import LinkState, LinkView, View
from core.domain.enums import FlattenState, Mode, Readiness, StateReason, TradingState
from tests.unit.cockpit import fake_engine as fake

SIZES = [(160, 2), (120, 2), (80, 2), (60, 4), (40, 10)]
LIVE = LinkView(LinkState.LIVE)


def of(mode: Mode = Mode.PAPER, link: LinkView = LIVE, **account) -> View:
    snapshot = fake.make_snapshot(account=fake.make_account(**account))
    return View(meta=fake.make_meta(mode=mode), snapshot=snapshot, link=link)


STATES: dict[str, Callable[[], View]] = {
    "live": of,
    "real money": lambda: of(Mode.LIVE),
    "replay": lambda: of(Mode.REPLAY),
    "simulated": lambda: of(Mode.SIM),
    "halted": lambda: of(trading_state=TradingState.HALTED, state_reason=StateReason.DRAWDOWN_HALT),
    "reducing": lambda: of(trading_state=TradingState.REDUCING, state_reason=StateReason.OPERATOR),
    "stale data": lambda: of(readiness=Readiness.STALE),
    "disconnected": lambda: of(readiness=Readiness.DISCONNECTED),
    "warming": lambda: of(readiness=Readiness.WARMING),
    "reconciling": lambda: of(readiness=Readiness.RECONCILING),
    "link lost": lambda: of(link=LinkView(LinkState.LOST, "link lost", 75.0)),
    "link silent": lambda: of(link=LinkView(LinkState.LIVE, "", 75.0)),
    "engine ended": lambda: of(link=LinkView(LinkState.ENDED, "the engine ended", 75.0)),
    "flattening": lambda: of(flatten_state=FlattenState.WORKING),
    "verifying": lambda: of(flatten_state=FlattenState.VERIFYING),
    "flat": lambda: of(flatten_state=FlattenState.FLAT),
    "not flat": lambda: View(
        meta=fake.make_meta(), snapshot=fake.make_doubtful_snapshot(), link=LIVE
    ),
    "empty": View,
}


def words(view: View, look: Look, width: int, height: int) -> str:
    """The status panel as text, without a style and without a digit."""
    lines = [fit_line(line, width) for line in status_lines(view, width, height)[:height]]
    text = "\n".join(segment.text for line in lines for segment in look.draw(line))
    return "".join(letter for letter in text if not letter.isdigit())


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("is_ascii", [False, True], ids=["unicode", "ascii"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_state_is_told_apart_without_color(theme, is_ascii, width, height) -> None:
    look = Look(theme, is_ascii)
    shown = {name: words(make(), look, width, height) for name, make in STATES.items()}
    same = [(a, b) for a, b in combinations(shown, 2) if shown[a] == shown[b]]
    assert not same
