"""Bybit's books from snapshots and deltas."""

from __future__ import annotations

import msgspec
import pytest

from core.domain.enums import EventKind
from core.venues.bybit.market.session import profile
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing
from tests.venues.fixtures import sample, text
from tests.venues.sessions import NOW_NS, Told, terms

BTC = terms("BTCUSDT", lot="0.001")


def test_every_topic_has_a_request_of_its_own() -> None:
    heard = Told("bybit", BTC, terms("ETHUSDT"))
    assert [message["args"] for message in heard.greeting] == [
        ["orderbook.50.BTCUSDT"], ["publicTrade.BTCUSDT"],
        ["orderbook.50.ETHUSDT"], ["publicTrade.ETHUSDT"],
    ]  # fmt: skip


def test_the_scenario_chains_breaks_and_begins_anew() -> None:
    first, second, gap, *restart = sample("bybit", "scenario_orderbook")["messages"]
    heard = Told("bybit", BTC)
    heard.hear(first, second)
    assert heard.book()[0] == [(6_421_000, 100), (6_420_990, 1_593)]
    assert heard.tally.gaps == 0
    heard.hear(gap)
    assert heard.tally.gaps == 1
    assert heard.book() == ([], [])
    heard.hear(*restart)
    assert heard.has_book()
    assert heard.tally.gaps == 1


def test_the_rule_on_gaps_can_be_switched_off() -> None:
    messages = sample("bybit", "scenario_orderbook")["messages"][:3]
    heard = Told("bybit", BTC)
    session = profile(checks_gaps=False).make_session([BTC], Tally(), Timing())
    session.connected(0.0)
    for message in messages:
        heard.hear(message)
        session.receive(msgspec.json.encode(message), 0.0, NOW_NS)
    assert heard.tally.gaps == 1
    assert session.tally.gaps == 0
    assert session.markets[0].has_book


@pytest.mark.parametrize("name", ["pong_spot", "pong_private", "pong_trade"])
def test_each_dialect_of_pong_answers_a_ping(name: str) -> None:
    heard = Told("bybit", BTC, timing=Timing(ack_s=99.0, ping_s=20.0, pong_s=5.0))
    heard.wait(20.0)
    assert {"req_id": "ping", "op": "ping"} in heard.sent()
    heard.hear(text("bybit", name))
    heard.wait(6.0)
    assert heard.session.complaint == ""


def test_a_ping_without_answer_is_a_complaint() -> None:
    heard = Told("bybit", BTC, timing=Timing(ack_s=99.0, ping_s=20.0, pong_s=5.0))
    heard.wait(20.0)
    heard.wait(6.0)
    assert "a ping was not answered" in heard.session.complaint


def test_another_depth_of_a_recording_is_left_out() -> None:
    heard = Told("bybit", BTC, is_recorded=True)
    snapshot = sample("bybit", "orderbook_snapshot")
    heard.hear(snapshot, snapshot | {"topic": "orderbook.1.BTCUSDT"})
    assert len(heard.books()) == 1
    deeper = snapshot["data"] | {"b": [["64000.00", "3"]], "u": 7}
    heard.hear(snapshot | {"topic": "orderbook.200.BTCUSDT", "data": deeper})
    heard.hear(sample("bybit", "orderbook_delta"))
    assert heard.book()[0] == [(6_400_000, 3_000)]


def test_the_exchange_time_is_that_of_the_engine() -> None:
    heard = Told("bybit", BTC)
    heard.hear(text("bybit", "orderbook_snapshot"))
    assert heard.market.has_book
    rows = heard.events(EventKind.BOOK)
    assert rows[-1]["exch_ts_ns"] == 1_779_271_199_998_000_000
