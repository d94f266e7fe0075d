"""Intents to requests."""

from __future__ import annotations

from core.domain import events
from core.domain.enums import IntentKind, VenueState
from core.venues.wsx import messages as wire
from tests.unit.venues.wsx.test_session import requests, synced_session

NAME = "20261120T140327-4f1c-13"


def test_each_intent_is_its_request_in_order() -> None:
    session = synced_session()
    rows = session.carry_out(
        [
            (IntentKind.PLACE, 1, 13, -1, 504, 8, 0, 0),
            (IntentKind.REPLACE, 1, 13, -1, 503, 9, 0, 0),
            (IntentKind.CANCEL, 1, 13, -1, 503, 0, 0, 0),
            (IntentKind.QUERY, 1, 13, -1, 0, 0, 0, 0),
            (IntentKind.CANCEL_EVERYTHING, -1, 0, 0, 0, 0, 0, 0),
        ],
    )
    assert rows == []
    assert requests(session) == [
        wire.Place(NAME, "7_ETF", "sell", "50.4", "8"),
        wire.Replace(client_order_id=NAME, price="50.3", quantity="9", symbol="7_ETF"),
        wire.Cancel(client_order_id=NAME, symbol="7_ETF"),
        wire.OrderRequest(client_order_id=NAME, symbol="7_ETF"),
        wire.CancelAll(),
    ]


def test_a_reconciliation_begins_when_it_is_asked_for() -> None:
    session = synced_session(last_trade_id=5000)
    rows = session.carry_out([(IntentKind.RECONCILE, -1, 0, 0, 0, 0, 0, 0)])
    assert events.load(rows)["status"].tolist() == [VenueState.CONNECTED]
    assert requests(session) == [wire.StateRequest(executions_after=5000, nonce=1)]
