"""The venue page: every connection in words."""

from __future__ import annotations

import pytest

from cockpit.viewmodels.links import VENUE_WORDS, venue_lines
from cockpit.viewmodels.view import View
from core.domain.enums import VenueState
from tests.unit.cockpit.fake_engine import make_account, make_meta, make_snapshot


@pytest.mark.parametrize("state", VenueState)
def test_every_state_of_a_connection_has_words(state) -> None:
    snapshot = make_snapshot(account=make_account(venue_state=state))
    first = venue_lines(View(meta=make_meta(), snapshot=snapshot), 80)[0]
    assert "".join(text for text, _ in first).endswith(VENUE_WORDS[state][0])
