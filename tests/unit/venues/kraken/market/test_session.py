"""Kraken's books and their checksums, by the published vector and our scenario."""

from __future__ import annotations

import json
import re

import pytest

from core.venues.kraken.market.checksum import book_checksum
from core.venues.kraken.market.codec import literal
from tests.venues.fixtures import sample, text
from tests.venues.sessions import Told, terms

BTC = terms("BTC/USD", "0.1", "0.00001")


def literal_parts(name: str, *path: str | int) -> bytes:
    """A part of a sample with its numbers exactly as they are written."""
    tree = json.loads(text("kraken", name), parse_float=_marked, parse_int=_marked)
    for key in path:
        tree = tree[key]
    return re.sub(r'"~(.*?)~"', r"\1", json.dumps(tree)).encode()


def _marked(number: str) -> str:
    return f"~{number}~"


def test_the_published_example_has_the_published_checksum() -> None:
    vector = sample("kraken", "_vector_documented_crc32")
    asks = [tuple(level) for level in vector["asks"]]
    bids = [tuple(level) for level in vector["bids"]]
    assert book_checksum(asks, bids) == vector["checksum"] == 3_310_070_434


def test_the_scenario_proves_itself_until_its_corrupt_update() -> None:
    scenario = sample("kraken", "scenario_book_checksums")
    heard = Told("kraken", BTC)
    heard.hear(literal_parts("scenario_book_checksums", "snapshot"))
    assert heard.has_book()
    count = len(scenario["updates"])
    for number in range(count - 1):
        heard.hear(literal_parts("scenario_book_checksums", "updates", number))
        assert heard.tally.gaps == 0
        assert len(heard.market.asks) <= 10
    heard.sent()
    heard.hear(literal_parts("scenario_book_checksums", "updates", count - 1))
    assert heard.tally.gaps == 1
    assert heard.book() == ([], [])
    assert [message["method"] for message in heard.sent()] == ["unsubscribe", "subscribe"]


def test_a_snapshot_and_an_update_of_the_samples() -> None:
    heard = Told("kraken", BTC)
    heard.hear(text("kraken", "book_snapshot"), text("kraken", "book_update"))
    assert heard.tally.gaps == 0
    assert heard.book()[0][0] == (642_101, 25_000)
    assert (642_132, 50_000) in heard.book()[1]


@pytest.mark.parametrize(
    "name", ["heartbeat", "status", "pong", "subscribe_ack", "ticker_snapshot"]
)
def test_messages_without_books_change_nothing(name: str) -> None:
    heard = Told("kraken", BTC)
    rows = len(heard.rows)
    heard.hear(text("kraken", name))
    assert len(heard.rows) == rows
    assert heard.session.complaint == ""
    assert heard.tally.last_error == ""


def test_every_symbol_has_to_be_confirmed() -> None:
    heard = Told("kraken", BTC, terms("ETH/USD"))
    for channel in ("book", "trade"):
        for symbol in ("BTC/USD", "ETH/USD"):
            if (channel, symbol) != ("trade", "ETH/USD"):
                result = {"channel": channel, "symbol": symbol, "depth": 10}
                heard.hear({"method": "subscribe", "success": True, "result": result})
    heard.wait(4.9)
    heard.hear(text("kraken", "heartbeat"))
    assert heard.session.complaint == ""
    heard.wait(0.2)
    assert heard.session.complaint == "no answer to the subscription of trade of ETH/USD"


def test_a_recording_of_another_depth_is_cut_to_that_depth() -> None:
    heard = Told("kraken", terms("BTC/USD", "1"), is_recorded=True)
    asks = [{"price": 100 + n, "qty": 1} for n in range(25)]
    heard.hear(book("snapshot", [], asks))
    heard.hear(book("update", [], [{"price": 50, "qty": 1}]))
    assert len(heard.market.asks) == 25
    assert heard.market.asks.best == 50


def test_the_system_that_is_down_is_told() -> None:
    heard = Told("kraken", BTC)
    heard.hear({"channel": "status", "type": "update", "data": [{"system": "maintenance"}]})
    assert "its trading system is in maintenance" in heard.tally.last_error


@pytest.mark.parametrize(
    ("raw", "decimals", "written"),
    [
        (b"0.00100000", 0, "0.00100000"),
        (b"1E-8", 0, "0.00000001"),
        (b"64212", 1, "64212.0"),
        (b"6.42E4", 1, "64200.0"),
        (b"64212.0", 1, "64212.0"),
        (b'"64212.5"', 0, "64212.5"),
    ],
)
def test_numbers_keep_their_digits(raw: bytes, decimals: int, written: str) -> None:
    assert literal(raw, decimals) == written


def test_precisions_pad_numbers_that_lost_their_zeros() -> None:
    heard = Told("kraken", BTC)
    pair = {"symbol": "BTC/USD", "price_precision": 1, "qty_precision": 8}
    heard.hear({"channel": "instrument", "type": "snapshot", "data": {"pairs": [pair]}})
    asks, bids = [("64212.0", "0.00100000")], [("64210.5", "2.00000000")]
    lossy = {"symbol": "BTC/USD", "checksum": book_checksum(asks, bids)}
    lossy |= {"asks": [{"price": 64212, "qty": 0.001}], "bids": [{"price": 64210.5, "qty": 2}]}
    heard.hear({"channel": "book", "type": "snapshot", "data": [lossy]})
    assert heard.has_book()
    assert heard.tally.gaps == 0


def book(kind: str, bids: list, asks: list) -> dict:
    data = [{"symbol": "BTC/USD", "bids": bids, "asks": asks}]
    return {"channel": "book", "type": kind, "data": data}
