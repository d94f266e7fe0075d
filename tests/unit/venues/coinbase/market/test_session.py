"""Coinbase's books, numbered over the connection."""

from __future__ import annotations

from tests.venues.fixtures import sample, text
from tests.venues.sessions import Told, terms

BTC = terms("BTC-USD")


def test_subscribes_to_one_channel_a_message_and_to_heartbeats_always() -> None:
    heard = Told("coinbase", BTC)
    assert [message["channel"] for message in heard.greeting] == [
        "heartbeats", "level2", "market_trades",
    ]  # fmt: skip
    assert "product_ids" not in heard.greeting[0]


def test_the_scenario_is_whole_until_a_number_is_skipped() -> None:
    *good, last = sample("coinbase", "scenario_sequence_gap")["messages"]
    heard = Told("coinbase", BTC)
    heard.hear(*good)
    assert heard.has_book()
    assert heard.tally.gaps == 0
    heard.hear(last)
    assert heard.tally.gaps == 1
    assert heard.book() == ([], [])
    assert "were lost" in heard.session.complaint


def test_a_recording_goes_on_after_its_connection_was_made_anew() -> None:
    heard = Told("coinbase", BTC, is_recorded=True)
    snapshot = sample("coinbase", "l2_snapshot")
    heard.hear(snapshot, sample("coinbase", "subscriptions"), sample("coinbase", "l2_update"))
    assert len(heard.book()[0]) == 1
    heard.hear(snapshot)
    assert len(heard.book()[0]) == 2
    assert heard.tally.duplicates == 0


def test_sizes_finer_than_a_lot_are_rounded_down() -> None:
    heard = Told("coinbase", BTC)
    heard.hear(text("coinbase", "l2_snapshot"))
    assert heard.book() == (
        [(6_421_010, 6_317), (6_420_970, 2_000)],
        [(6_421_020, 50_000)],
    )


def test_empty_tickers_are_nothing() -> None:
    heard = Told("coinbase", BTC)
    heard.hear(text("coinbase", "ticker_empty_fields"))
    assert heard.tally.refused == 0


def test_heartbeats_count_as_text_or_number() -> None:
    heard = Told("coinbase", BTC)
    heard.hear(beat(0, "8"), beat(1, 9), beat(2, "what"))
    assert heard.session.complaint == ""
    heard.hear(beat(3, "12"), beat(4, "14"))
    assert "heartbeats 13 to 13 were lost" in heard.session.complaint


def beat(number: int, counter: str | int) -> dict:
    events = [{"heartbeat_counter": counter}]
    return {"channel": "heartbeats", "sequence_num": number, "events": events}


def test_a_product_that_is_refused_by_name_costs_the_others_nothing() -> None:
    heard = Told("coinbase", BTC, terms("BTC-USDX"))
    heard.hear({"type": "error", "message": "product BTC-USDX: not found"})
    assert "it does not know BTC-USDX" in heard.tally.last_error
    assert heard.session.complaint == ""
    assert [message["product_ids"] for message in heard.sent()] == [["BTC-USD"], ["BTC-USD"]]
    # Trades were asked for in another request.
    heard.hear({"type": "error", "message": "product BTC-USDX: not found"})
    assert heard.session.complaint == ""
    assert heard.sent() == []
    heard.hear({"type": "error", "message": "authentication failure"})
    assert "it refused a request" in heard.session.complaint
