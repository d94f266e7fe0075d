"""Bytes to messages and back."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, decode_server, encode


def test_a_message_survives_the_wire() -> None:
    place = wire.Place(
        client_order_id="a-1", symbol="7_ETF", side="sell", price="50.1", quantity="3", tif="IOC"
    )
    assert decode_client(encode(place)) == place
    beat = wire.Heartbeat(ts_ns=5, seq={"7_ETF": 3})
    assert decode_server(encode(beat)) == beat


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b'{"type":"place"', "truncated"),
        (b'{"type":"plaice"}', "plaice"),
        (b'{"type":"cancel","oder_id":1}', "oder_id"),
        (b'{"type":"cancel","order_id":-1}', ">= 0"),
        (b'{"type":"cancel","order_id":1e3}', "int"),
        (b'{"type":"cancel","client_order_id":""}', "length"),
        (b'{"type":"login","api_key":17}', "str"),
        (b'{"type":"ping","nonce":NaN}', "malformed"),
        (b'{"type":"login","api_key":"\xff"}', "utf-8"),
    ],
)
def test_bad_bytes_are_refused_with_a_reason(data, reason) -> None:
    with pytest.raises(DecodeError, match=reason):
        decode_client(data)


def test_a_misspelt_field_of_an_order_is_refused() -> None:
    """An ignored `postonly` would be an order that nobody wanted."""
    data = encode(wire.Place("a-1", "7_ETF", "buy", "50", "1"))
    with pytest.raises(DecodeError, match="postonly"):
        decode_client(data[:-1] + b',"postonly":true}')


def test_a_newer_exchange_may_say_more() -> None:
    assert decode_server(b'{"type":"pong","nonce":4,"mood":"good"}') == wire.Pong(nonce=4)


def test_an_oversized_message_is_refused_unread() -> None:
    with pytest.raises(DecodeError, match="exceeds"):
        decode_server(b"[" * (wire.MAX_MESSAGE_BYTES + 1))


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(DecodeError):
        decode_server(b'{"type":"pong","x":' + b"[" * 100_000)


def test_each_direction_refuses_the_other_ones_messages() -> None:
    with pytest.raises(DecodeError):
        decode_server(encode(wire.CancelAll()))
    with pytest.raises(DecodeError):
        decode_client(encode(wire.Pong(nonce=1)))
