"""Both shapes of a book, numbers of every form, times to the nanosecond."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.errors import DecodeError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.venues.cmi import codec
from core.venues.cmi.messages import NewOrder
from core.venues.common.grid import Grid

GRIDS = {
    "7_ETF": Grid(Instrument(Symbol("7_ETF"), Decimal("0.5"))),
    "COFFEE": Grid(Instrument(Symbol("COFFEE"), Decimal("0.1"), lot_size=Decimal("0.1"))),
}
STREAM = b"""{"productsymbol":"7_ETF","tickSize":1.0,
 "buyOrders":{"48.5":{"marketVolume":9,"userVolume":9},"49.0":{"marketVolume":5,"userVolume":1},
              "47.0":{"marketVolume":2,"userVolume":0}},
 "sellOrders":{"51.0":{"marketVolume":4,"userVolume":0},"50.5":{"marketVolume":7.0,"userVolume":3.0}}}"""
REST = b"""{"product":"7_ETF","tickSize":1.0,
 "buy":[{"price":48.5,"volume":9,"userOrderVolume":9},{"price":49,"volume":5,"userOrderVolume":1},
        {"price":47.0,"volume":2,"userOrderVolume":0}],
 "sell":[{"price":51.0,"volume":4.0,"userOrderVolume":0},{"price":5.05e1,"volume":7,"userOrderVolume":3}]}"""


def test_both_shapes_are_one_book_of_the_others() -> None:
    """A level that is all ours is none; best first; 4 of 5 at 49 are somebody else's."""
    streamed = codec.decode_stream_book(STREAM, GRIDS)
    assert streamed.bids == [(98, 4), (94, 2)]
    assert streamed.asks == [(101, 4), (102, 4)]
    assert codec.decode_rest_book(REST, GRIDS) == streamed


def test_the_sample_of_the_facts_is_read() -> None:
    data = (
        b'{"productsymbol":"7_ETF","tickSize":1.0,"buyOrders":{"49.0":{"marketVolume":5,'
        b'"userVolume":1}},"sellOrders":{"51.0":{"marketVolume":4,"userVolume":0}}}'
    )
    assert codec.decode_stream_book(data, GRIDS) == ("7_ETF", [(98, 4)], [(102, 4)])


def test_a_size_in_parts_of_a_lot_is_read_where_the_product_has_such_lots() -> None:
    data = (
        b'{"productsymbol":"COFFEE","buyOrders":{"3.3":{"marketVolume":0.7,"userVolume":0.1}},'
        b'"sellOrders":{}}'
    )
    assert codec.decode_stream_book(data, GRIDS).bids == [(33, 6)]


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ('"49.0":{"marketVolume":2,"userVolume":3}', "part of the whole"),
        ('"49.0":{"marketVolume":2.0,"userVolume":3.0}', "part of the whole"),
        ('"49.0":{"marketVolume":-2,"userVolume":-3}', "part of the whole"),
        ('"49.0":{"marketVolume":2000000000000000}', "part of the whole"),
        ('"49.1":{"marketVolume":2,"userVolume":0}', "not a multiple of 0.5"),
        ('"":{"marketVolume":2,"userVolume":0}', "plain positive decimal"),
        ('"4.9e1":{"marketVolume":2,"userVolume":0}', "plain positive decimal"),
        ('"49.0":{"marketVolume":2.5,"userVolume":0}', "not a multiple of 1"),
        ('"49.0":7', "book of the stream"),
    ],
)
def test_a_level_that_cannot_be_is_refused(levels: str, words: str) -> None:
    data = f'{{"productsymbol":"7_ETF","buyOrders":{{{levels}}},"sellOrders":{{}}}}'.encode()
    with pytest.raises(DecodeError, match=words):
        codec.decode_stream_book(data, GRIDS)


def test_a_book_of_another_product_is_refused() -> None:
    data = b'{"productsymbol":"BURGER","buyOrders":{},"sellOrders":{}}'
    with pytest.raises(DecodeError, match="'BURGER', which is not one of ours"):
        codec.decode_stream_book(data, GRIDS)


def test_trades_come_as_a_list_or_alone() -> None:
    one = (
        b'{"timestamp":"2025-11-21T10:40:42.438180497Z","sessionId":"FISH","product":"PRODUCT",'
        b'"buyer":"me","seller":"","aggressor":"","volume":10,"price":27.0}'
    )
    (alone,) = codec.decode_trades(one)
    assert codec.decode_trades(b"[" + one + b"]") == [alone]
    assert (alone.buyer, alone.volume, alone.price) == ("me", 10, Decimal("27.0"))


@pytest.mark.parametrize("name", ["netPosition", "net_position"])
def test_a_position_has_either_name(name: str) -> None:
    (row,) = codec.decode_positions(f'[{{"product":"7_ETF","{name}":-4.0}}]'.encode())
    held = row.netPosition if row.netPosition is not None else row.net_position
    assert held == -4


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2025-11-21T10:40:42.438180497Z", 1_763_721_642_438_180_497),
        ("2025-11-21T10:40:42.438Z", 1_763_721_642_438_000_000),
        ("2025-11-21T10:40:42Z", 1_763_721_642_000_000_000),
        ("2025-11-21T10:40:42.5", 1_763_721_642_500_000_000),
        ("2025-11-21T10:40:42+00:00", 1_763_721_642_000_000_000),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert codec.time_ns(text) == ns


@pytest.mark.parametrize(
    "text", ["", "now", "2025-13-21T10:40:42Z", "2025-11-21T10:40:42+01:00", "2025-11-21 10:40:42"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        codec.time_ns(text)


def test_a_time_is_written_as_the_exchange_does() -> None:
    assert codec.time_text(1_763_721_642_038_180_497) == "2025-11-21T10:40:42.038180497Z"


def test_an_order_is_written_with_numbers() -> None:
    order = NewOrder("7_ETF", Decimal("49.50"), "BUY", Decimal(3))
    assert codec.encode(order) == b'{"product":"7_ETF","price":49.50,"side":"BUY","volume":3}'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message":"market  closed"}', "market closed"),
        (b"Bad Gateway\n", "Bad Gateway"),
        (b'{"error":"x"}', '{"error":"x"}'),
        (b"", ""),
        (b"\xff" * 4, "\ufffd" * 4),
    ],
)
def test_a_complaint_is_its_message_or_else_its_text(body: bytes, said: str) -> None:
    assert codec.complaint_of(body) == said


def test_a_web_page_in_place_of_data_is_called_one() -> None:
    with pytest.raises(DecodeError, match="a web page came instead"):
        codec.decode_orders(b"<!DOCTYPE html><html>...")


def test_an_answer_beyond_all_measure_is_not_read(monkeypatch) -> None:
    monkeypatch.setattr(codec.wire, "MAX_MESSAGE_BYTES", 10)
    with pytest.raises(DecodeError, match="12 bytes exceed 10"):
        codec.decode_orders(b"[          ]")
