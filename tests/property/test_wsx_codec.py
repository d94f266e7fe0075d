"""Whatever arrives, the codec answers with a message or a DecodeError."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import DecodeError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.venues.common.grid import Grid, money_nanos, money_text
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, decode_server, encode
from core.venues.wsx.session import WsxSession

ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"))

texts = st.text(max_size=8) | st.sampled_from(["50.1", "0", "-1", "NaN", "7_ETF", "buy", "1e9"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    ["symbol", "seq", "ts_ns", "changes", "bids", "asks", "price", "quantity", "side", "trade_id",
     "client_order_id", "order_id", "status", "leaves", "reason", "fee", "liquidity", "code"]
)  # fmt: skip
types = st.sampled_from(
    ["delta", "snapshot", "trade", "order", "execution", "welcome", "account", "heartbeat",
     "error", "place", "cancel", "replace", "login"]
)  # fmt: skip
messages = st.builds(
    lambda kind, rest: {"type": kind, **rest}, types, st.dictionaries(fields, values)
).map(msgspec.json.encode)
frames = st.binary(max_size=200) | messages


@given(frames)
def test_bytes_become_a_message_or_a_decode_error(data) -> None:
    for decode in (decode_client, decode_server):
        with contextlib.suppress(DecodeError):
            assert encode(decode(data))


@given(st.text(max_size=30) | st.from_regex(r"-?[0-9]{0,14}(\.[0-9]{0,10})?", fullmatch=True))
def test_texts_become_numbers_or_a_decode_error(text) -> None:
    grid = Grid(ETF)
    with contextlib.suppress(DecodeError):
        ticks = grid.ticks(text)
        assert ticks > 0
        assert Decimal(text) == ticks * ETF.tick_size
    with contextlib.suppress(DecodeError):
        assert grid.signed_lots(text) == Decimal(text)
    with contextlib.suppress(DecodeError):
        assert money_nanos(text) == Decimal(text) * 10**9


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_money_survives_its_text(nanos) -> None:
    assert money_nanos(money_text(nanos)) == nanos


changes = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell"]),
        st.sampled_from(["49.8", "49.9", "50.0", "50.1", "50.05", "0", "x"]),
        st.sampled_from(["0", "1", "7", "0.5", "-1"]),
    ),
    max_size=4,
)
deltas = st.builds(wire.Delta, st.just("7_ETF"), st.integers(0, 12), st.just(1), changes)
levels = st.lists(
    st.tuples(st.sampled_from(["49.8", "50.0", "50.2"]), st.sampled_from(["0", "3"])), max_size=3
)
snapshots = st.builds(
    wire.Snapshot, st.just("7_ETF"), st.integers(0, 12), st.just(1), levels, levels
)


@given(st.lists(frames | (deltas | snapshots).map(encode), max_size=30))
def test_no_sequence_of_frames_breaks_a_session_or_crosses_its_book(received) -> None:
    """What it shows is never crossed, and it never stops listening."""
    from core.domain import events
    from core.domain.errors import VenueError

    session = WsxSession(api_key="k", run_id=RunId("r-1"), instruments=[ETF])
    session.connecting()
    session.connected()
    for data in received:
        try:
            rows = events.load(session.receive_data(data))
        except VenueError:
            return
        for row in rows[rows["kind"] == 1]:
            bid, ask = row["bid_ticks"][0], row["ask_ticks"][0]
            assert bid == 0 or ask == 0 or bid < ask
            assert (row["bid_lots"] >= 0).all()
            assert (row["ask_lots"] >= 0).all()
        session.data_to_send()
    assert session.messages == len(received)
