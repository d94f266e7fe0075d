"""The venue page: every connection in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cockpit.viewmodels.links import VENUE_WORDS, venue_lines
from cockpit.viewmodels.view import View
from core.domain.enums import VenueState
from tests.unit.cockpit.fake_engine import make_account, make_meta, make_snapshot


def rows(venue: str, *states: VenueState) -> list[str]:
    account = make_account(venue_state=max(states), venue_states=(*states, VenueState.DOWN))
    meta = replace(make_meta(), venue=venue)
    view = View(meta=meta, snapshot=make_snapshot(account=account))
    return ["".join(text for text, _ in line).rstrip() for line in venue_lines(view, 80)]


@pytest.mark.parametrize("state", VenueState)
def test_every_state_of_a_connection_has_words(state) -> None:
    assert rows("practice", state)[0].endswith(VENUE_WORDS[state][0])


def test_each_of_several_venues_has_a_row_of_its_own() -> None:
    found = rows("paper binance + paper bybit", VenueState.SYNCED, VenueState.CONNECTING)
    assert [row.split("  ", 1)[-1].strip() for row in found[:2]] == [
        "paper binance  connected, orders and positions agree",
        "paper bybit    connecting",
    ]
    assert "may still send" in found[2]
