"""The session: bytes in, events and bytes out."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    EventKind,
    LiquiditySide,
    OrderStatus,
    RejectReason,
    Side,
    StateReason,
    VenueState,
)
from core.domain.errors import VenueError
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.venues.wsx import messages as wire
from core.venues.wsx.codec import decode_client, encode
from core.venues.wsx.session import WsxSession

EISBACH = Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200)
ETF = Instrument(Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=200)
TS = 1_790_000_000_123_456_789


def make_session(**options) -> WsxSession:
    fields = {"api_key": "practice", **options}
    session = WsxSession(
        run_id=RunId("20261120T140327-practice-4f1c"), instruments=[EISBACH, ETF], **fields
    )
    session.connecting()
    session.connected()
    return session


def product(instrument: Instrument, **changes) -> wire.Product:
    fields = {
        "symbol": instrument.symbol,
        "tick_size": str(instrument.tick_size),
        "lot_size": "1",
        "multiplier": "1",
        "position_limit": "200",
        "maker_fee_bps": "0.0",
        "taker_fee_bps": "1.0",
    }
    return wire.Product(**{**fields, **changes})


def welcome(*products: wire.Product, session: str = "practice-1a") -> wire.Welcome:
    return wire.Welcome(
        session=session,
        account="practice",
        ts_ns=TS,
        heartbeat_s=0.5,
        products=list(products) or [product(ETF), product(EISBACH)],
    )


def snapshot(seq: int = 7, bids=(("50.1", "4"), ("49.9", "9")), asks=(("50.3", "5"),)):
    return wire.Snapshot(symbol="7_ETF", seq=seq, ts_ns=TS, bids=list(bids), asks=list(asks))


def delta(seq: int, *changes) -> wire.Delta:
    return wire.Delta(symbol="7_ETF", seq=seq, ts_ns=TS, changes=list(changes))


def report(status: str, **changes) -> wire.OrderReport:
    fields = {
        "client_order_id": "20261120T140327-4f1c-12",
        "order_id": 901,
        "symbol": "7_ETF",
        "status": status,
        "side": "sell",
        "price": "50.4",
        "quantity": "8",
        "leaves": "3",
        "reason": "NONE",
        "ts_ns": TS,
    }
    return wire.OrderReport(**{**fields, **changes})


def execution(**changes) -> wire.Execution:
    fields = {
        "trade_id": 5001,
        "client_order_id": "20261120T140327-4f1c-12",
        "order_id": 901,
        "symbol": "7_ETF",
        "side": "sell",
        "price": "50.4",
        "quantity": "5",
        "leaves": "3",
        "liquidity": "maker",
        "fee": "-0.0252",
        "ts_ns": TS,
    }
    return wire.Execution(**{**fields, **changes})


def flat(**changes) -> wire.AccountState:
    """An account without orders and positions."""
    fields = {
        "ts_ns": TS,
        "cash": "0",
        "positions": [wire.PositionEntry(item.symbol, "0") for item in (EISBACH, ETF)],
        "orders": [],
        "last_trade_id": 0,
    }
    return wire.AccountState(**{**fields, **changes})


def synced_session(account_seq: int = 0, last_trade_id: int = 5000, **options) -> WsxSession:
    """Logged in, and told all there is to know."""
    session = make_session(**options)
    feed(session, welcome(), snapshot(7))
    feed(session, flat(account_seq=account_seq, last_trade_id=last_trade_id))
    session.data_to_send()
    assert session.state is VenueState.SYNCED
    return session


def feed(session: WsxSession, *messages):
    """Give the session messages; return EVENT rows."""
    return events.load(
        [row for message in messages for row in session.receive_data(encode(message))]
    )


def requests(session: WsxSession) -> list:
    return [decode_client(data) for data in session.data_to_send()]


def ready_session() -> WsxSession:
    session = make_session()
    session.data_to_send()
    feed(session, welcome(), snapshot(7))
    return session


def test_a_connection_begins_with_login_and_subscription() -> None:
    session = make_session(executions_after=44)
    assert requests(session) == [
        wire.Login(api_key="practice", executions_after=44),
        wire.Subscribe(symbols=["1_Eisbach", "7_ETF"]),
    ]
    assert session.data_to_send() == []


def test_connecting_and_losing_the_connection_are_events() -> None:
    """A second loss of the same connection says nothing new."""
    session = WsxSession(api_key="k", run_id=RunId("r-1"), instruments=[ETF])
    (row,) = events.load(session.connecting())
    assert (row["kind"], row["status"]) == (EventKind.VENUE_STATE, VenueState.CONNECTING)
    (row,) = events.load(session.disconnected())
    assert (row["kind"], row["status"]) == (EventKind.VENUE_STATE, VenueState.DOWN)
    assert session.disconnected() == []


def test_a_welcome_means_connected() -> None:
    session = make_session()
    (row,) = feed(session, welcome())
    assert (row["kind"], row["status"]) == (EventKind.VENUE_STATE, VenueState.CONNECTED)
    assert session.exchange_session == "practice-1a"
    assert session.heartbeat_s == 0.5


def test_the_account_state_is_told_as_orders_then_positions_then_synced() -> None:
    session = make_session()
    order = wire.OpenOrder(
        order_id=901,
        client_order_id="20261120T140327-4f1c-12",
        symbol="7_ETF",
        side="sell",
        price="50.4",
        quantity="8",
        leaves="3",
    )
    foreign = wire.OpenOrder(
        order_id=902,
        client_order_id="beef-12",
        symbol="1_Eisbach",
        side="buy",
        price="3391",
        quantity="2",
        leaves="2",
    )
    elsewhere = wire.OpenOrder(
        order_id=903,
        client_order_id="20261120T140327-4f1c-13",
        symbol="5_Flights",
        side="buy",
        price="2391",
        quantity="2",
        leaves="2",
    )
    state = wire.AccountState(
        ts_ns=TS,
        cash="-12.5",
        positions=[
            wire.PositionEntry(symbol="7_ETF", quantity="-17"),
            wire.PositionEntry(symbol="1_Eisbach", quantity="0"),
            wire.PositionEntry(symbol="5_Flights", quantity="4"),
            wire.PositionEntry(symbol="6_Air", quantity="0"),
        ],
        orders=[order, foreign, elsewhere],
        last_trade_id=5000,
    )
    rows = feed(session, welcome(), state)
    assert rows["kind"].tolist() == [
        EventKind.VENUE_STATE,
        EventKind.ORDER_REPORT,
        EventKind.ORDER_REPORT,
        EventKind.POSITION_REPORT,
        EventKind.POSITION_REPORT,
        EventKind.VENUE_STATE,
    ]
    ours, theirs = rows[1], rows[2]
    assert (ours["instrument"], ours["order_id"], ours["side"]) == (1, 12, Side.SELL)
    assert (ours["price_ticks"], ours["lots"], ours["leaves_lots"]) == (504, 8, 3)
    assert ours["status"] == OrderStatus.OPEN
    assert (ours["key"], theirs["key"]) == (events.ACCOUNT_STATE, events.ACCOUNT_STATE)
    assert (theirs["instrument"], theirs["order_id"]) == (0, -902)
    assert rows["lots"][3:5].tolist() == [0, -17]
    assert rows["status"][5] == VenueState.SYNCED
    # An order and a position in products that are not ours.
    assert (rows["lots"][5], rows["leaves_lots"][5]) == (1, 1)
    assert session.state is VenueState.SYNCED


def test_a_state_that_cannot_be_read_is_asked_for_again() -> None:
    """Without it the engine would wait for SYNCED for ever."""
    session = make_session()
    session.data_to_send()
    bad = wire.AccountState(
        ts_ns=TS,
        cash="0",
        positions=[wire.PositionEntry(symbol="7_ETF", quantity="0.5")],
        orders=[],
        last_trade_id=0,
    )
    feed(session, welcome(), snapshot(7), bad)
    assert session.state is VenueState.CONNECTED
    assert session.refused == 1
    feed(session, wire.Heartbeat(ts_ns=TS, seq={"7_ETF": 7}))
    assert requests(session)[0] == wire.StateRequest(nonce=1)


def test_missed_executions_are_asked_for_after_the_last_one_seen() -> None:
    session = make_session()
    feed(session, welcome(), flat(last_trade_id=5000))
    feed(session, execution(trade_id=5003, account_seq=1))
    feed(session, execution(trade_id=5002, account_seq=2))
    session.disconnected()
    session.connected()
    assert requests(session)[0].executions_after == 5003


def test_products_that_are_not_ours_end_the_attempt() -> None:
    """Trading on another tick size would turn every price into another one."""
    session = make_session()
    with pytest.raises(VenueError, match=r"7_ETF has tick_size 0\.5 there and 0\.1 in our"):
        feed(session, welcome(product(EISBACH), product(ETF, tick_size="0.5")))
    with pytest.raises(VenueError, match="does not trade 1_Eisbach"):
        feed(session, welcome(product(ETF)))


def test_a_refused_login_ends_the_attempt() -> None:
    session = make_session()
    with pytest.raises(VenueError, match="login refused: no room"):
        feed(session, wire.ErrorMessage(code="LOGIN_REFUSED", text="no room"))


def test_other_errors_are_counted_and_kept() -> None:
    session = ready_session()
    assert len(feed(session, wire.ErrorMessage(code="MALFORMED", text="what?"))) == 0
    assert session.refused == 1
    assert session.last_error == "exchange says MALFORMED: what?"


def test_a_snapshot_becomes_a_book() -> None:
    session = make_session()
    rows = feed(session, welcome(), snapshot(7))
    book = rows[1]
    assert (book["kind"], book["instrument"], book["exch_ts_ns"]) == (EventKind.BOOK, 1, TS)
    assert book["bid_ticks"][:3].tolist() == [501, 499, 0]
    assert book["bid_lots"][:3].tolist() == [4, 9, 0]
    assert book["ask_ticks"][:2].tolist() == [503, 0]


def test_deltas_change_the_book() -> None:
    session = ready_session()
    (book,) = feed(
        session,
        delta(8, ("buy", "50.1", "0"), ("buy", "50.0", "6"), ("sell", "50.3", "7")),
    )
    assert book["bid_ticks"][:3].tolist() == [500, 499, 0]
    assert book["bid_lots"][:3].tolist() == [6, 9, 0]
    assert book["ask_lots"][:2].tolist() == [7, 0]


def test_only_the_best_ten_levels_are_shown_and_the_eleventh_comes_up() -> None:
    bids = [(f"{490 - level}", f"{level + 1}") for level in range(12)]
    session = make_session()
    rows = feed(session, welcome(), snapshot(7, bids=bids, asks=()))
    assert rows[1]["bid_ticks"].tolist() == [4900 - 10 * level for level in range(10)]
    (book,) = feed(session, delta(8, ("buy", "490", "0")))
    assert book["bid_ticks"][9] == 4800
    assert book["bid_lots"][9] == 11


def test_a_gap_costs_the_book_and_asks_for_a_new_one() -> None:
    """A book with a hole in it must not be traded on, so an empty one takes its place."""
    session = ready_session()
    (book,) = feed(session, delta(9, ("buy", "50.2", "1")))
    assert book["bid_ticks"][0] == 0
    assert session.gaps == 1
    assert session.last_error == "7_ETF: expected message 8, got 9"
    assert requests(session) == [wire.Resync(symbol="7_ETF")]
    assert len(feed(session, delta(10, ("buy", "50.2", "1")))) == 0
    (book,) = feed(
        session,
        snapshot(10),
    )
    assert book["bid_ticks"][0] == 501
    assert len(feed(session, delta(11, ("buy", "50.2", "1")))) == 1
    assert session.gaps == 1


def test_repeated_and_old_deltas_are_ignored_and_counted() -> None:
    session = ready_session()
    assert len(feed(session, delta(7, ("buy", "50.2", "1")), delta(3, ("buy", "50.2", "1")))) == 0
    assert session.duplicates == 2
    (book,) = feed(session, delta(8, ("sell", "50.2", "2")))
    assert book["bid_ticks"][0] == 501


def test_an_older_snapshot_does_not_turn_time_back() -> None:
    session = ready_session()
    assert len(feed(session, snapshot(6))) == 0
    assert session.duplicates == 1


@pytest.mark.parametrize(
    "change",
    [
        ("buy", "NaN", "1"),
        ("buy", "-50.0", "1"),
        ("buy", "0", "1"),
        ("buy", "0.0", "1"),
        ("buy", "50.05", "1"),
        ("sell", "1e2", "1"),
        ("sell", "50.4", "-1"),
        ("sell", "50.4", "0.5"),
        ("sell", "50.4", "inf"),
        ("sell", "\u0665\u0660", "1"),
        ("sell", "", "1"),
        ("buy", "50.3", "1"),
    ],
    ids=str,
)
def test_a_book_that_cannot_be_believed_is_refused(change) -> None:
    """Impossible numbers and crossed books: counted, dropped, asked for again in a moment."""
    session = ready_session()
    (book,) = feed(session, delta(8, change))
    assert book["bid_ticks"][0] == 0
    assert session.refused == 1
    assert session.last_error
    assert session.data_to_send() == []
    feed(session, wire.Heartbeat(ts_ns=TS, seq={"1_Eisbach": 0, "7_ETF": 8}))
    assert wire.Resync(symbol="7_ETF") in requests(session)


@pytest.mark.parametrize(
    "bids", [[("50.1", "0")], [("50.1", "2"), ("50.1", "3")], [("50.4", "1")], [("0", "1")]]
)
def test_a_snapshot_that_cannot_be_believed_is_refused(bids) -> None:
    session = make_session()
    rows = feed(session, welcome(), snapshot(7, bids=bids))
    assert rows[1]["ask_ticks"][0] == 0
    assert session.refused == 1


def test_a_heartbeat_notices_a_lost_tail() -> None:
    """The last delta before a quiet hour can be lost too."""
    session = ready_session()
    feed(session, wire.Snapshot(symbol="1_Eisbach", seq=2, ts_ns=TS, bids=[], asks=[]))
    assert len(feed(session, wire.Heartbeat(ts_ns=TS, seq={"1_Eisbach": 2, "7_ETF": 7}))) == 0
    assert session.data_to_send() != []
    (book,) = feed(session, wire.Heartbeat(ts_ns=TS, seq={"1_Eisbach": 2, "7_ETF": 9}))
    assert (book["instrument"], book["bid_ticks"][0]) == (1, 0)
    assert session.gaps == 1


def test_a_heartbeat_that_leaves_a_product_out_says_nothing_of_it() -> None:
    session = ready_session()
    assert len(feed(session, wire.Heartbeat(ts_ns=TS, seq={}))) == 0
    assert session.gaps == 0


def test_a_public_trade_becomes_a_trade() -> None:
    session = ready_session()
    trade = wire.PublicTrade(
        symbol="7_ETF", trade_id=9, price="50.3", quantity="4", aggressor="sell", ts_ns=TS
    )
    (row,) = feed(session, trade)
    assert (row["kind"], row["instrument"], row["side"]) == (EventKind.TRADE, 1, Side.SELL)
    assert (row["price_ticks"], row["lots"]) == (503, 4)


def test_an_execution_becomes_a_fill() -> None:
    session = ready_session()
    (row,) = feed(session, execution())
    assert (row["kind"], row["instrument"], row["order_id"]) == (EventKind.FILL, 1, 12)
    assert (row["trade_id"], row["side"]) == (5001, Side.SELL)
    assert (row["price_ticks"], row["lots"], row["leaves_lots"]) == (504, 5, 3)
    assert (row["fee_nanos"], row["code"]) == (-25_200_000, LiquiditySide.MAKER)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", OrderStatus.OPEN),
        ("filled", OrderStatus.FILLED),
        ("canceled", OrderStatus.CANCELED),
        ("expired", OrderStatus.EXPIRED),
        ("rejected", OrderStatus.REJECTED),
    ],
)
def test_an_order_report_carries_the_orders_status(status, expected) -> None:
    session = ready_session()
    (row,) = feed(session, report(status, reason="SELF_TRADE"))
    assert (row["kind"], row["instrument"], row["order_id"]) == (EventKind.ORDER_REPORT, 1, 12)
    assert (row["status"], row["code"]) == (expected, RejectReason.SELF_TRADE)


def test_a_reason_of_a_newer_exchange_is_other() -> None:
    (row,) = feed(ready_session(), report("rejected", reason="FULL_MOON"))
    assert row["code"] == RejectReason.OTHER


def test_a_refusal_may_repeat_a_price_off_the_grid() -> None:
    (row,) = feed(ready_session(), report("rejected", price="50.05", reason="BAD_PRICE"))
    assert (row["status"], row["code"]) == (OrderStatus.REJECTED, RejectReason.BAD_PRICE)


def test_an_unknown_order_is_gone_whatever_its_numbers() -> None:
    unknown = report("canceled", order_id=0, price="0", quantity="0", reason="UNKNOWN_ORDER")
    (row,) = feed(ready_session(), unknown)
    assert (row["instrument"], row["order_id"]) == (1, 12)
    assert (row["status"], row["code"]) == (OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "20261120T140327-4f1c-",
        "20261120T140327-4f1c-x",
        "20261120T140327-4f1c-1\u0662",
        "20261120T140327-4f1cc-1",
        "?",
    ],
)
def test_texts_that_are_not_ours_get_minus_the_exchanges_number(text) -> None:
    (row,) = feed(ready_session(), report("open", client_order_id=text, order_id=77))
    assert row["order_id"] == -77


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"type":"nonsense"}',
        b'{"type":"delta","symbol":"7_ETF","seq":-1,"ts_ns":0,"changes":[]}',
        b'{"type":"delta","symbol":"7_ETF","seq":9223372036854775808,"ts_ns":0,"changes":[]}',
        b'{"type":"delta","symbol":"9_Other","seq":1,"ts_ns":0,"changes":[]}',
        (
            b'{"type":"trade","symbol":"7_ETF","trade_id":1,"price":"50.0","quantity":"0",'
            b'"aggressor":"buy","ts_ns":1}'
        ),
        b"[" * 100_000,
        b" " * (wire.MAX_MESSAGE_BYTES + 1),
    ],
    ids=range(11),
)
def test_bad_messages_are_counted_and_change_nothing(data) -> None:
    session = ready_session()
    assert session.receive_data(data) == []
    assert session.refused == 1
    assert len(feed(session, delta(8, ("buy", "50.1", "3")))) == 1


def test_losing_the_connection_takes_the_books_away() -> None:
    """Prices of before the loss must not be traded on after it."""
    session = ready_session()
    session.cancel(1, 12)
    rows = events.load(session.disconnected())
    assert rows["kind"].tolist() == [EventKind.BOOK, EventKind.VENUE_STATE]
    assert rows["bid_ticks"][0][0] == 0
    assert session.data_to_send() == []


def test_a_restarted_exchange_may_count_from_one_again() -> None:
    session = ready_session()
    session.disconnected()
    session.connected()
    assert len(feed(session, welcome(session="practice-2b"), snapshot(1))) == 2
    assert session.exchange_session == "practice-2b"
    assert session.duplicates == 0


@pytest.mark.parametrize(
    ("flags", "tif", "post_only"),
    [(0, "GTC", False), (events.POST_ONLY, "GTC", True), (events.IOC, "IOC", False)],
)
def test_place_speaks_in_decimals(flags, tif, post_only) -> None:
    session = ready_session()
    session.place(1, 13, -1, 507, 6, flags)
    assert requests(session) == [
        wire.Place(
            client_order_id="20261120T140327-4f1c-13",
            symbol="7_ETF",
            side="sell",
            price="50.7",
            quantity="6",
            tif=tif,
            post_only=post_only,
        )
    ]


def test_a_market_order_says_so_and_names_its_worst_price() -> None:
    session = ready_session()
    session.place(1, 13, -1, 507, 6, events.IOC | events.MARKET)
    (request,) = requests(session)
    assert (request.kind, request.tif, request.price) == ("market", "IOC", "50.7")


def test_cancel_names_ours_by_text_and_others_by_number() -> None:
    session = ready_session()
    session.cancel(1, 13)
    session.cancel(0, -902)
    assert requests(session) == [
        wire.Cancel(client_order_id="20261120T140327-4f1c-13", symbol="7_ETF"),
        wire.Cancel(order_id=902, symbol="1_Eisbach"),
    ]


def test_replace_names_price_and_whole_size() -> None:
    session = ready_session()
    session.replace(0, 14, 3402, 11)
    assert requests(session) == [
        wire.Replace(
            client_order_id="20261120T140327-4f1c-14",
            price="3402",
            quantity="11",
            symbol="1_Eisbach",
        )
    ]


def test_replace_names_an_order_of_somebody_else_by_its_number() -> None:
    session = ready_session()
    session.replace(1, -902, 503, 4)
    assert requests(session) == [
        wire.Replace(order_id=902, price="50.3", quantity="4", symbol="7_ETF")
    ]


def test_a_pong_says_nothing() -> None:
    assert len(feed(ready_session(), wire.Pong(nonce=3))) == 0


def test_the_key_is_sent_in_the_login_only() -> None:
    session = make_session()
    first, *others = session.data_to_send()
    assert b"practice" in first
    assert not any(b"api_key" in data for data in others)
    assert msgspec.json.decode(first)["type"] == "login"


def test_messages_of_the_account_in_order_are_used_and_repeated_ones_are_not() -> None:
    session = synced_session(account_seq=40)
    first = report("open", account_seq=41, leaves="8")
    assert len(feed(session, first, first)) == 1
    fill = execution(account_seq=42)
    assert len(feed(session, fill, fill)) == 1
    assert session.duplicates == 2
    assert session.state is VenueState.SYNCED
    assert requests(session) == []


def test_a_missing_message_of_the_account_asks_for_all_of_it() -> None:
    """Nothing new is opened meanwhile: CONNECTED is not SYNCED."""
    session = synced_session(account_seq=40, last_trade_id=5000)
    rows = feed(session, report("open", account_seq=42, leaves="8"))
    assert rows["kind"].tolist() == [EventKind.VENUE_STATE, EventKind.ORDER_REPORT]
    assert rows["status"][0] == VenueState.CONNECTED
    assert requests(session) == [wire.StateRequest(executions_after=5000, nonce=1)]
    assert session.gaps == 1
    rows = feed(
        session,
        execution(trade_id=5001, account_seq=0),
        flat(account_seq=42, last_trade_id=5001, repeated=1, nonce=1),
    )
    assert rows["kind"].tolist()[0] == EventKind.FILL
    assert rows["status"][-1] == VenueState.SYNCED
    assert len(feed(session, report("canceled", account_seq=43))) == 1


def test_what_was_missing_is_not_counted_twice_when_it_comes_after_all() -> None:
    session = synced_session(account_seq=40, last_trade_id=5000)
    late = execution(trade_id=5001, account_seq=41)
    feed(session, execution(trade_id=5002, account_seq=42))
    rows = feed(
        session,
        execution(trade_id=5001),
        execution(trade_id=5002),
        flat(account_seq=42, last_trade_id=5002, repeated=2, nonce=1),
        late,
    )
    fills = rows[rows["kind"] == EventKind.FILL]
    assert fills["trade_id"].tolist() == [5001]


def test_a_heartbeat_notices_a_lost_tail_of_the_account() -> None:
    session = synced_session(account_seq=40)
    (row,) = feed(session, wire.Heartbeat(ts_ns=TS, seq={"7_ETF": 7}, account_seq=41))
    assert (row["kind"], row["status"]) == (EventKind.VENUE_STATE, VenueState.CONNECTED)
    assert any(isinstance(request, wire.StateRequest) for request in requests(session))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (flat(repeated=1, account_seq=41, nonce=1), "0 of 1 executions"),
        (flat(account_seq=39, nonce=1), "older than message 42"),
        (
            flat(account_seq=42, nonce=1, positions=[wire.PositionEntry("7_ETF", "0")]),
            "1_Eisbach",
        ),
        (
            flat(account_seq=42, nonce=1, positions=[wire.PositionEntry("7_ETF", "0")] * 2),
            "twice",
        ),
    ],
)
def test_a_state_that_may_not_be_true_is_not_taken_over(state, why) -> None:
    """A product that is left out is unknown, not flat."""
    session = synced_session(account_seq=40)
    feed(session, report("open", account_seq=42, leaves="8"))
    assert len(feed(session, state)) == 0
    assert why in session.last_error
    assert session.state is VenueState.CONNECTED
    session.data_to_send()
    feed(session, wire.Heartbeat(ts_ns=TS, seq={"1_Eisbach": 0, "7_ETF": 7}))
    assert any(isinstance(request, wire.StateRequest) for request in requests(session))


def test_a_state_that_nobody_asked_for_is_a_repetition() -> None:
    session = synced_session(account_seq=40)
    assert len(feed(session, flat(account_seq=40))) == 0
    assert session.duplicates == 1


def test_asking_again_begins_like_a_new_connection() -> None:
    session = synced_session(account_seq=40)
    (row,) = events.load(session.reconcile())
    assert row["status"] == VenueState.CONNECTED
    assert requests(session) == [wire.StateRequest(executions_after=5000, nonce=1)]
    assert feed(session, flat(account_seq=40, nonce=1))["status"][-1] == VenueState.SYNCED


def test_before_the_login_is_answered_nothing_is_asked_again() -> None:
    session = make_session()
    session.data_to_send()
    assert session.reconcile() == []
    assert not session.keep_alive()
    assert session.data_to_send() == []


def test_an_order_is_asked_about_by_its_name() -> None:
    session = synced_session()
    session.query(1, 13)
    session.query(0, -902)
    session.cancel_everything()
    assert requests(session) == [
        wire.OrderRequest(client_order_id="20261120T140327-4f1c-13", symbol="7_ETF"),
        wire.OrderRequest(order_id=902, symbol="1_Eisbach"),
        wire.CancelAll(),
    ]


def test_the_login_carries_the_lease_and_what_a_lost_connection_means() -> None:
    session = make_session(lease=77, cancel_on_disconnect=True, executions_after=12)
    assert requests(session)[0] == wire.Login(
        api_key="practice", executions_after=12, cancel_on_disconnect=True, lease=77
    )


def test_the_dead_man_timer_is_fed_with_its_time() -> None:
    session = synced_session(dead_man_s=2.5)
    assert session.keep_alive()
    assert requests(session) == [wire.CancelAllAfter(timeout_ms=2500)]
    assert not synced_session().keep_alive()


def test_somebody_with_a_newer_lease_halts_us() -> None:
    session = synced_session()
    (row,) = feed(session, wire.ErrorMessage(code="FENCED", text="a newer lease"))
    assert (row["kind"], row["code"], row["key"]) == (
        EventKind.COMMAND, CommandKind.HALT, StateReason.LEASE_LOST,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fee", "asset", "nanos", "flags"),
    [
        ("0.0005", "BNB", 305_250_000, 0),
        ("-0.001", "BNB", -610_500_000, 0),
        ("0.002", "DOGE", 0, events.UNPRICED_FEE),
        ("0.002", "", 2_000_000, 0),
        ("0", "DOGE", 0, 0),
    ],
)
def test_a_fee_in_another_asset_is_converted_exactly(fee, asset, nanos, flags) -> None:
    session = synced_session(fee_rates={"BNB": Decimal("610.5")})
    (row,) = feed(session, execution(fee=fee, fee_asset=asset))
    assert (row["fee_nanos"], row["key"]) == (nanos, flags)


def test_a_fee_beyond_all_sums_is_refused() -> None:
    session = synced_session(fee_rates={"BNB": Decimal(999_999_999)})
    assert len(feed(session, execution(fee="999999999", fee_asset="BNB"))) == 0
    assert session.refused == 1


def test_an_exchange_whose_clock_runs_faster_does_not_tell_the_time_of_day() -> None:
    session = make_session()
    feed(session, msgspec.structs.replace(welcome(), speed=5.0))
    (row,) = feed(session, snapshot(7))
    assert row["exch_ts_ns"] == 0


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"type":"order","client_order_id":"\xff\xfe"}',
        b" " * (1 << 21),
        b'{"type":"execution","trade_id":1e400}',
        b'{"type":"account","account_seq":99999999999999999999999}',
    ],
    ids=["nested", "utf-8", "huge", "infinite", "large"],
)
def test_nonsense_of_any_size_is_counted_and_survived(data) -> None:
    session = synced_session(account_seq=40)
    assert session.receive_data(data) == []
    assert session.refused == 1
    assert len(feed(session, report("open", account_seq=41, leaves="8"))) == 1


def test_a_number_that_does_not_fit_is_not_ours() -> None:
    session = WsxSession(api_key="practice", run_id=RunId("r-4f1c"), instruments=[EISBACH, ETF])
    session.connected()
    feed(session, welcome())
    name = "r-4f1c-" + "9" * 19
    (row,) = feed(session, report("open", client_order_id=name, order_id=77))
    assert row["order_id"] == -77


def test_heartbeats_without_an_answer_to_the_login_are_counted() -> None:
    """The answer was lost: the line lives and leads nowhere."""
    session = make_session()
    for count in (1, 2, 3):
        assert session.receive_data(encode(wire.Heartbeat(ts_ns=TS, seq={"7_ETF": 7}))) == []
        assert session.unwelcome_heartbeats == count
    session.connected()
    assert session.unwelcome_heartbeats == 0


KEY = "tr-9f2c-very-secret/+"


@pytest.mark.parametrize("form", [KEY, "tr-9f2c-very-secret%2F%2B", KEY.encode().hex()])
def test_what_the_exchange_repeats_of_our_key_is_not_told(form) -> None:
    """Its sentences end on screens, in logs and in manifests."""
    session = make_session(api_key=KEY)
    feed(session, wire.ErrorMessage(code="MALFORMED", text=f"bad key {form}!"))
    assert session.last_error == "exchange says MALFORMED: bad key <redacted>!"
    feed(session, welcome(), wire.PublicTrade(form, 1, "1", "1", "buy", TS))
    assert form not in session.last_error
    session.fail(f"closed: {form}")
    assert session.last_error == "closed: <redacted>"
    with pytest.raises(VenueError, match="login refused: <redacted> is unknown") as refused:
        feed(session, wire.ErrorMessage(code="LOGIN_REFUSED", text=f"{form} is unknown"))
    assert refused.value.__suppress_context__


def test_a_key_that_is_a_word_stays_a_word() -> None:
    """The practice exchange's key is its name."""
    session = make_session()
    feed(session, wire.ErrorMessage(code="X", text="practice makes perfect"))
    assert session.last_error == "exchange says X: practice makes perfect"


def test_an_answer_to_an_earlier_request_is_not_one_to_this() -> None:
    """It may not know of an order that was on its way: FLAT would be said too early."""
    session = synced_session(account_seq=40)
    session.reconcile()
    feed(session, flat(account_seq=40, nonce=1))
    session.reconcile()
    assert len(feed(session, flat(account_seq=40, nonce=1))) == 0
    assert session.state is VenueState.CONNECTED
    feed(session, wire.Heartbeat(ts_ns=TS, seq={"7_ETF": 7}, account_seq=40))
    # Asked a second time for the same reason: the first answer is as good.
    assert feed(session, flat(account_seq=40, nonce=2))["status"][-1] == VenueState.SYNCED


THEIRS = {"symbol": "5_Flights", "client_order_id": "beef-3"}


def test_what_the_account_does_in_other_products_is_counted_and_not_lost() -> None:
    """Another program on the same account must not make us reconcile with each of its orders."""
    session = synced_session(account_seq=40)
    theirs = report("open", account_seq=41, **THEIRS)
    assert len(feed(session, theirs, execution(account_seq=42, **THEIRS), theirs)) == 0
    assert len(feed(session, report("open", account_seq=43, leaves="8"))) == 1
    assert session.state is VenueState.SYNCED
    assert (session.gaps, session.refused, session.duplicates) == (0, 0, 1)


def test_executions_in_other_products_are_among_the_repeated_ones() -> None:
    """Else the account's state would be refused again and again."""
    session = synced_session(account_seq=40)
    session.reconcile()
    rows = feed(
        session,
        execution(trade_id=5001, **THEIRS),
        execution(trade_id=5002),
        flat(account_seq=42, last_trade_id=5002, repeated=2, nonce=1),
    )
    assert rows["trade_id"][rows["kind"] == EventKind.FILL].tolist() == [5002]
    assert session.state is VenueState.SYNCED
    session.reconcile()
    assert requests(session)[-1].executions_after == 5002


def test_an_order_of_ours_in_a_product_that_is_not_ours_is_refused() -> None:
    session = synced_session(account_seq=40)
    assert len(feed(session, report("open", symbol="5_Flights", account_seq=41))) == 0
    assert session.last_error == "practice: our order is said to be of '5_Flights'"
    rows = feed(session, report("open", account_seq=42, leaves="8"))
    assert rows["status"][0] == VenueState.CONNECTED


@pytest.mark.parametrize(
    ("status", "quantity", "leaves", "why"),
    [
        ("open", "8", "9", "leaves 9 of 8 lots of an order open"),
        ("open", "8", "0", "leaves 0 of 8 lots of an order open"),
        ("canceled", "8", "9", "leaves 9 of 8 lots of an order canceled"),
        ("filled", "0", "0", "quantity 0"),
    ],
)
def test_an_order_of_impossible_sizes_is_refused(status, quantity, leaves, why) -> None:
    session = synced_session(account_seq=40)
    assert len(feed(session, report(status, quantity=quantity, leaves=leaves, account_seq=41))) == 0
    assert why in session.last_error
    assert session.refused == 1


def test_an_account_state_with_an_order_of_impossible_sizes_is_refused() -> None:
    session = synced_session(account_seq=40)
    session.reconcile()
    order = wire.OpenOrder(901, "beef-12", "7_ETF", "sell", "50.4", "8", "9")
    assert len(feed(session, flat(account_seq=40, nonce=1, orders=[order]))) == 0
    assert session.state is VenueState.CONNECTED


def test_a_repeated_execution_does_not_vouch_for_those_before_it() -> None:
    """5001 was lost; a late repetition of 5002 must not make it look booked."""
    session = synced_session(account_seq=40, last_trade_id=5000)
    feed(session, execution(trade_id=5002))
    feed(session, report("open", account_seq=43, leaves="8"))
    assert requests(session)[-1].executions_after == 5000
    rows = feed(
        session,
        execution(trade_id=5001),
        execution(trade_id=5002),
        flat(account_seq=43, last_trade_id=5002, repeated=2, nonce=1),
    )
    assert rows["trade_id"][rows["kind"] == EventKind.FILL].tolist() == [5001]
    assert session.state is VenueState.SYNCED


def test_what_was_repeated_for_an_earlier_request_does_not_spoil_the_next_answer() -> None:
    session = synced_session(account_seq=40, last_trade_id=5000)
    session.reconcile()
    session.reconcile()
    feed(session, execution(trade_id=5001))
    feed(session, flat(account_seq=41, last_trade_id=5001, repeated=1, nonce=1))
    assert session.state is VenueState.CONNECTED
    feed(session, execution(trade_id=5001))
    feed(session, flat(account_seq=41, last_trade_id=5001, repeated=1, nonce=2))
    assert session.state is VenueState.SYNCED
    assert session.refused == 0


def test_a_fee_without_a_rate_is_said_to_have_none() -> None:
    session = synced_session()
    feed(session, execution(fee="0.002", fee_asset="DOGE"))
    assert session.last_error == "a fee in DOGE has no rate in venue.fee_rates"
