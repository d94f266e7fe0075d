"""The client before it has a connection; with one: tests/contract and tests/integration."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.enums import IntentKind, VenueState
from core.domain.errors import ConfigurationError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT
from core.venues.wsx.client import WsxVenue

ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"))


def make_venue(url: str = "ws://127.0.0.1:1") -> WsxVenue:
    return WsxVenue(url, "practice", RunId("run-4f1c"), [ETF])


@pytest.mark.parametrize("url", ["", "127.0.0.1:8765", "http://127.0.0.1:8765", "ws://"])
def test_an_address_that_cannot_be_is_refused_at_once(url) -> None:
    """Not after the first of many attempts to reach it."""
    with pytest.raises(ConfigurationError, match=r"venue\.url = .* ws://127\.0\.0\.1:8765"):
        make_venue(url)


def test_before_it_runs_orders_are_only_counted() -> None:
    venue = make_venue()
    intents = allocate(INTENT, 2)
    intents[0] = (IntentKind.PLACE.value, 0, 7, 1, 501, 3, 0, 0)
    venue.submit(intents, 2)
    assert venue.counters().unsent == 2


def test_it_begins_down_and_with_nothing_counted() -> None:
    counters = make_venue().counters()
    assert counters.state is VenueState.DOWN
    assert counters.last_message_monotonic_s == 0
    assert (counters.messages, counters.reconnects, counters.gaps, counters.refused) == (0, 0, 0, 0)
    assert counters.last_error == ""
    assert make_venue().name == "practice"


def test_intents_are_read_by_position() -> None:
    """A field that moves would make a price of a size."""
    assert INTENT.names == (
        "kind",
        "instrument",
        "order_id",
        "side",
        "price_ticks",
        "lots",
        "terms",
        "origin",
    )
