"""The venue page: every connection in words."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from cockpit.viewmodels.links import VENUE_WORDS, feeds_lines, venue_lines
from cockpit.viewmodels.view import View
from core.domain.enums import VenueState
from core.domain.snapshot import FeedView, VenueView
from tests.unit.cockpit.fake_engine import make_account, make_meta, make_snapshot, make_telemetry


def rows(venue: str, *states: VenueState, **telemetry) -> list[str]:
    account = make_account(venue_state=max(states), venue_states=(*states, VenueState.DOWN))
    meta = replace(make_meta(), venue=venue)
    snapshot = make_snapshot(account=account, telemetry=make_telemetry(**telemetry))
    view = View(meta=meta, snapshot=snapshot)
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


def test_what_a_venue_said_last_is_told_whole_and_warns_while_it_is_away() -> None:
    sentence = (
        "binance: nobody listens there; check venue.url, and whether this machine is on the "
        "internet; connecting again"
    )
    venue = VenueView("paper binance", sentence)
    for state, tone in (("DOWN", "warn"), ("LIVE", "dim"), ("STALE", "dim")):
        telemetry = make_telemetry(venues=(venue,), feeds=(FeedView("paper binance", 1.0, state),))
        view = View(meta=make_meta(), snapshot=make_snapshot(telemetry=telemetry))
        lines = [line for line in venue_lines(view, 60) if line][1:6]
        said = [line for line in lines if line[-1][1] == tone and line[-1][0] in sentence]
        assert " ".join(line[-1][0] for line in said) == sentence
        assert all(sum(len(text) for text, _ in line) <= 60 for line in said)


def test_clocks_and_requests_are_told_where_a_venue_has_them() -> None:
    found = rows(
        "cmi + kraken",
        VenueState.SYNCED,
        VenueState.SYNCED,
        venues=(
            VenueView("cmi", requests=1_204, requests_waiting=5),
            VenueView("kraken", clock_offset_ms=-37.25),
        ),
    )
    assert any(row.endswith("kraken  37 ms behind ours") for row in found)
    assert any(row.endswith("cmi  1,204 sent, 5 waiting") for row in found)
    alone = rows("kraken", VenueState.SYNCED, venues=(VenueView("kraken", clock_offset_ms=12.0),))
    assert any(row.endswith("venue's clock           12 ms ahead of ours") for row in alone)
    assert not any("requests " in row and "sent" in row for row in alone)


def feed_rows(*feeds: FeedView) -> list[str]:
    snapshot = make_snapshot(telemetry=make_telemetry(feeds=feeds))
    lines = feeds_lines(View(meta=make_meta(), snapshot=snapshot), 60)
    return ["".join(text for text, _ in line).strip() for line in lines]


def test_a_feed_tells_who_serves_it_and_in_full_what_is_wrong() -> None:
    trouble = "hnd: its name could not be looked up; check the address and the internet connection"
    found = feed_rows(
        FeedView("weather", 31.0, "LIVE", "open-meteo"),
        FeedView("river", nan, "DOWN", "hnd", trouble),
    )
    assert any(row.split()[-3:] == ["31s", "ago", "open-meteo"] for row in found)
    assert any(row.split()[-2:] == ["-", "hnd"] for row in found)
    assert trouble in " ".join(found)


def test_sources_are_named_as_they_want_to_be_and_once() -> None:
    credit = "Weather data by Open-Meteo.com (CC BY 4.0)"
    found = feed_rows(
        FeedView("weather", 31.0, "LIVE", "open-meteo", credit=credit),
        FeedView("air quality", 31.0, "LIVE", "open-meteo", credit=credit),
    )
    assert " ".join(found).count(credit) == 1
