"""Binance's private protocol: bytes in, events and bytes out, by its own examples."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.enums import (
    EventKind,
    LiquiditySide,
    OrderStatus,
    RejectReason,
    VenueState,
)
from core.domain.errors import VenueError
from core.domain.events import ACCOUNT_STATE, IOC, MARKET, POST_ONLY, load
from core.domain.ids import RunId, Symbol
from core.domain.instrument import Instrument
from core.venues.binance.orders.session import LOGIN_TIMEOUT_MS, BinanceSession
from core.venues.binance.orders.signing import payload_of, signer_of

FIXTURES = Path(__file__).parents[4] / "fixtures" / "binance"
KEY = "imcCockpitTestKey0000000000000000000000000000000000000000000000A"
SECRET = "imcCockpitTestSecret00000000000000000000000000000000000000000000B"
NOW_MS = 1_779_271_200_000
INSTRUMENTS = (Instrument(Symbol("BTCUSDT"), Decimal("0.01"), Decimal("0.00001")),)
NAME = "imc-20260520-000001"
"""The client order id of the examples: order 1 of the run whose mark they have."""


class Peer:
    """A session and what its venue would answer."""

    def __init__(self, **options):
        self.now_ms = NOW_MS
        options = {"run_id": RunId("imc-20260520"), "instruments": INSTRUMENTS} | options
        self.session = BinanceSession(
            api_key=KEY, sign=signer_of(SECRET), secret=SECRET, clock_ms=lambda: self.now_ms,
            **options,
        )  # fmt: skip
        # The examples pad the number; a name of this run does not.
        self.session._book._prefix = "imc-20260520-"
        self.rows = []

    def take(self):
        return [json.loads(frame) for frame in self.session.data_to_send()]

    def hear(self, message):
        rows = load(self.session.receive_data(json.dumps(message).encode()))
        self.rows += list(rows)
        return rows

    def fixture(self, name, **changes):
        message = json.loads((FIXTURES / f"{name}.json").read_text())
        if "event" in message:
            message["event"] |= changes
        else:
            message |= changes
        return message

    def answer(self, request, result):
        return self.hear({"id": request["id"], "status": 200, "result": result})

    def fail(self, request, name):
        return self.hear(self.fixture(name, id=request["id"]))

    def log_in(self, *, orders=(), trades=(), btc="0", server_ms=NOW_MS):
        self.session.connecting()
        self.session.connected()
        time, rules = self.take()
        self.answer(time, {"serverTime": server_ms})
        self.answer(rules, self.fixture("exchange_info_trimmed"))
        (subscribe,) = self.take()
        assert subscribe["method"] == "userDataStream.subscribe.signature"
        self.answer(subscribe, {"subscriptionId": 0})
        return self.settle(orders, trades, btc)

    def settle(self, orders=(), trades=(), btc="0"):
        for _ in range(5):
            for request in self.take():
                results = {
                    "openOrders.status": list(orders),
                    "myTrades": list(trades),
                    "account.status": {
                        "balances": [{"asset": "BTC", "free": btc, "locked": "0.00"}]
                    },
                }
                self.answer(request, results[request["method"]])
        return self

    def place(self, number=1, flags=0, ticks=6_400_000, lots=200):
        rows = load(self.session.place(0, number, 1, ticks, lots, flags))
        return rows, self.take()

    def of(self, kind):
        return [row for row in self.rows if row["kind"] == kind]


def trade(**changes):
    return {
        "symbol": "BTCUSDT", "id": 77_010, "orderId": 900_100, "price": "64000.00000000",
        "qty": "0.00050000", "commission": "0.00000050", "commissionAsset": "BTC",
        "time": 1_779_271_200_309, "isBuyer": True, "isMaker": True,
    } | changes  # fmt: skip


def test_the_account_is_told_before_it_counts_as_synced() -> None:
    peer = Peer().log_in()
    told = [(EventKind(int(row["kind"])), int(row["status"])) for row in peer.rows]
    assert told == [
        (EventKind.VENUE_STATE, VenueState.CONNECTED),
        (EventKind.POSITION_REPORT, 0),
        (EventKind.VENUE_STATE, VenueState.SYNCED),
    ]


def test_every_signed_request_carries_its_signature_and_the_servers_time() -> None:
    peer = Peer().log_in(server_ms=NOW_MS + 2_500)
    _, (request,) = peer.place()
    params = request["params"]
    assert params["timestamp"] == NOW_MS + 2_500
    signature = params.pop("signature")
    assert signer_of(SECRET)(payload_of(params)) == signature


@pytest.mark.parametrize(
    ("flags", "kind", "tif"),
    [
        (0, "LIMIT", "GTC"),
        (POST_ONLY, "LIMIT_MAKER", None),
        (IOC, "LIMIT", "IOC"),
        (IOC | MARKET, "LIMIT", "IOC"),
    ],
)
def test_terms_become_order_types(flags, kind, tif) -> None:
    """At the market means: at once, up to the price that protects."""
    _, (request,) = Peer().log_in().place(flags=flags)
    params = request["params"]
    assert (params["type"], params.get("timeInForce")) == (kind, tif)
    assert (params["price"], params["quantity"]) == ("64000.00", "0.00200")


def test_the_examples_of_an_orders_life_become_its_events() -> None:
    peer = Peer(fee_rates={"BNB": Decimal(600)}).log_in()
    peer.place()
    (opened,) = peer.hear(peer.fixture("execution_report_new"))
    assert (opened["status"], opened["order_id"], opened["leaves_lots"]) == (
        OrderStatus.OPEN, 1, 200,
    )  # fmt: skip
    (first,) = peer.hear(peer.fixture("execution_report_trade_partial"))
    assert (first["lots"], first["leaves_lots"], first["code"]) == (50, 150, LiquiditySide.MAKER)
    # 0.0000005 BTC at 64,000.
    assert first["fee_nanos"] == 32_000_000
    (second,) = peer.hear(peer.fixture("execution_report_trade_filled"))
    assert (second["lots"], second["leaves_lots"]) == (150, 0)
    assert second["trade_id"] > first["trade_id"] > 0


def test_an_execution_that_comes_again_is_booked_once() -> None:
    """By its execution id, and by its trade where a list of trades repeats it."""
    peer = Peer().log_in()
    peer.place()
    report = peer.fixture("execution_report_trade_partial")
    assert len(peer.hear(report)) == 1
    assert len(peer.hear(report)) == 0
    assert len(peer.hear(peer.fixture("execution_report_trade_partial", I=1))) == 0
    assert peer.session.duplicates == 2
    peer.session.reconcile()
    peer.settle(trades=[trade()], btc="0.0004995")
    assert len(peer.of(EventKind.FILL)) == 1


def test_a_cancel_names_the_order_in_its_second_id() -> None:
    peer = Peer().log_in()
    peer.place()
    peer.hear(peer.fixture("execution_report_new"))
    (row,) = peer.hear(peer.fixture("execution_report_canceled"))
    assert (row["order_id"], row["status"]) == (1, OrderStatus.CANCELED)


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("execution_report_ioc_expired", OrderStatus.EXPIRED, RejectReason.NONE),
        ("execution_report_stp", OrderStatus.EXPIRED, RejectReason.SELF_TRADE),
    ],
)
def test_other_ends_are_told_with_their_reason(name, status, reason) -> None:
    peer = Peer().log_in()
    peer.place()
    (row,) = peer.hear(peer.fixture(name))
    assert (row["status"], row["code"]) == (status, reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("error_post_only_would_match", RejectReason.WOULD_CROSS),
        ("error_duplicate_client_id", RejectReason.DUPLICATE_ORDER_ID),
        ("error_filter_lot_size", RejectReason.BAD_SIZE),
        ("error_insufficient_balance", RejectReason.OTHER),
        ("error_418_banned", RejectReason.RATE_LIMIT),
    ],
)
def test_a_refused_order_is_rejected_with_its_reason(name, reason) -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    (row,) = peer.fail(request, name)
    assert (row["order_id"], row["status"], row["code"]) == (1, OrderStatus.REJECTED, reason)
    assert peer.fixture(name)["error"]["msg"] in peer.session.last_error


def test_an_unknown_outcome_is_neither_told_nor_sent_again() -> None:
    """The user stream or a query says what became of it."""
    peer = Peer().log_in()
    _, (request,) = peer.place()
    assert len(peer.fail(request, "error_timeout_status_unknown")) == 0
    assert peer.take() == []
    peer.session.query(0, 1)
    (query,) = peer.take()
    assert (query["method"], query["params"]["origClientOrderId"]) == (
        "order.status", "imc-20260520-1",
    )  # fmt: skip
    error = {"code": -2013, "msg": "Order does not exist."}
    (row,) = peer.hear({"id": query["id"], "status": 400, "error": error})
    assert (row["status"], row["code"]) == (OrderStatus.CANCELED, RejectReason.UNKNOWN_ORDER)


def test_a_ban_is_waited_out() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.fail(request, "error_418_banned")
    ((row,), requests) = peer.place(number=2)
    assert (row["status"], row["code"]) == (OrderStatus.REJECTED, RejectReason.RATE_LIMIT)
    assert requests == []
    peer.now_ms = 1_779_271_320_001
    assert len(peer.place(number=3)[1]) == 1


def test_a_wrong_clock_is_set_again() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    peer.fail(request, "error_timestamp")
    (time,) = peer.take()
    peer.answer(time, {"serverTime": NOW_MS - 7_000})
    assert peer.place(number=2)[1][0]["params"]["timestamp"] == NOW_MS - 7_000
    assert peer.session.clock_offset_ns == -7_000_000_000


def test_a_wrong_signature_ends_it_without_showing_the_key() -> None:
    peer = Peer().log_in()
    _, (request,) = peer.place()
    with pytest.raises(VenueError, match="Signature for this request is not valid") as refused:
        peer.fail(request, "error_signature")
    assert KEY not in str(refused.value)
    message = f"Invalid API-key {KEY}, IP"
    _, (request,) = peer.place(number=2)
    answer = {"id": request["id"], "status": 401, "error": {"code": -2015, "msg": message}}
    with pytest.raises(VenueError) as refused:
        peer.hear(answer)
    assert KEY not in str(refused.value)
    assert KEY not in peer.session.last_error


def test_an_order_below_the_least_worth_is_not_sent() -> None:
    rows, requests = Peer().log_in().place(ticks=6_400_000, lots=7)
    assert requests == []
    assert (rows[0]["status"], rows[0]["code"]) == (OrderStatus.REJECTED, RejectReason.BAD_SIZE)


def test_the_sentence_of_a_filter_names_what_is_allowed() -> None:
    peer = Peer().log_in()
    peer.place(lots=7)
    assert peer.session.last_error == (
        "BTCUSDT: worth 4.4800000 is below 5.00000000, the least that the venue takes"
    )


def test_other_steps_than_the_venues_are_refused() -> None:
    item = Instrument(Symbol("BTCUSDT"), Decimal("0.001"), Decimal("0.00001"))
    with pytest.raises(VenueError, match=r"BTCUSDT has tick_size 0.01 there; 0.001"):
        Peer(instruments=(item,)).log_in()


def test_coins_that_were_there_before_are_not_our_position() -> None:
    """And a fee that is kept in the coin is money, not a missing position."""
    peer = Peer().log_in(btc="1.50000000")
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 0
    peer.place()
    peer.hear(peer.fixture("execution_report_trade_partial"))
    peer.session.reconcile()
    peer.settle(btc="1.50049950")
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 50


def test_positions_of_an_earlier_run_are_found_in_the_balance() -> None:
    peer = Peer(positions=(30,), executions_after=1).log_in(btc="1.50000000")
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 30


def test_with_all_coins_the_balance_is_the_position() -> None:
    peer = Peer(counts_all=True).log_in(btc="0.00012999")
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 12


def test_a_balance_ahead_of_its_report_is_looked_at_again() -> None:
    """The report of an execution may come after the balance that holds it."""
    peer = Peer(counts_all=True).log_in()
    peer.place()
    peer.session.reconcile()
    orders, trades, balances = peer.take()
    peer.answer(orders, [])
    peer.answer(trades, [])
    holds = {"balances": [{"asset": "BTC", "free": "0.0005", "locked": "0"}]}
    peer.answer(balances, holds)
    assert peer.session.state is VenueState.CONNECTED
    peer.hear(peer.fixture("execution_report_trade_partial", n="0", N=None))
    (again,) = peer.take()
    peer.answer(again, holds)
    assert peer.session.state is VenueState.SYNCED
    assert peer.of(EventKind.POSITION_REPORT)[-1]["lots"] == 50


def test_a_replacement_is_the_same_order_to_us() -> None:
    peer = Peer().log_in()
    peer.place()
    peer.hear(peer.fixture("execution_report_new"))
    peer.hear(peer.fixture("execution_report_trade_partial", c="imc-20260520-1"))
    peer.session.replace(0, 1, 6_400_500, 300)
    (request,) = peer.take()
    params = request["params"]
    assert request["method"] == "order.cancelReplace"
    assert (params["cancelOrigClientOrderId"], params["newClientOrderId"]) == (
        "imc-20260520-1", "imc-20260520-1r1",
    )  # fmt: skip
    assert params["quantity"] == "0.00250"
    canceled = peer.fixture("execution_report_canceled", C="imc-20260520-1", z="0.00050000")
    assert len(peer.hear(canceled)) == 0
    (row,) = peer.hear(
        peer.fixture(
            "execution_report_new", c="imc-20260520-1r1", i=900_101, I=2, q="0.00250000",
            p="64005.00000000",
        )
    )  # fmt: skip
    assert (row["order_id"], row["status"]) == (1, OrderStatus.OPEN)
    assert (row["lots"], row["leaves_lots"], row["price_ticks"]) == (300, 250, 6_400_500)


@pytest.mark.parametrize(
    ("result", "status"),
    [("SUCCESS", OrderStatus.CANCELED), ("FAILURE", OrderStatus.OPEN)],
)
def test_a_replacement_that_half_worked_is_told_as_it_is(result, status) -> None:
    peer = Peer().log_in()
    peer.place()
    peer.hear(peer.fixture("execution_report_new", c="imc-20260520-1"))
    peer.session.replace(0, 1, 6_400_500, 300)
    (request,) = peer.take()
    data = {"cancelResult": result, "newOrderResult": "FAILURE"}
    error = {"code": -2021, "msg": "Order cancel-replace partially failed.", "data": data}
    (row,) = peer.hear({"id": request["id"], "status": 409, "error": error})
    assert (row["status"], row["code"]) == (status, RejectReason.OTHER)


def test_orders_of_the_account_are_told_with_their_numbers() -> None:
    """Ours by its name; anybody else's by minus its id; other products are counted."""
    record = {
        "symbol": "BTCUSDT", "orderId": 900_200, "clientOrderId": "imc-20260520-8",
        "price": "64000.00", "origQty": "0.00200000", "executedQty": "0.00050000",
        "status": "PARTIALLY_FILLED", "side": "SELL",
    }  # fmt: skip
    orders = [
        record,
        record | {"orderId": 900_201, "clientOrderId": "web_1"},
        record | {"symbol": "XYZUSDT"},
    ]
    peer = Peer().log_in(orders=orders)
    told = peer.of(EventKind.ORDER_REPORT)
    assert [int(row["order_id"]) for row in told] == [8, -900_201]
    assert [int(row["key"]) for row in told] == [ACCOUNT_STATE] * 2
    assert [int(row["leaves_lots"]) for row in told] == [150, 150]
    assert peer.rows[-1]["lots"] == 1


@pytest.mark.parametrize("event", ["eventStreamTerminated", "serverShutdown"])
def test_a_stream_that_ends_asks_for_a_new_connection(event) -> None:
    peer = Peer().log_in()
    assert peer.session.complaint(0.0) == ""
    peer.hear({"subscriptionId": 0, "event": {"e": event, "E": NOW_MS}})
    assert peer.session.complaint(0.0)


def test_a_login_that_is_never_answered_is_complained_about() -> None:
    peer = Peer()
    peer.session.connecting()
    peer.session.connected()
    peer.now_ms += LOGIN_TIMEOUT_MS - 1
    assert peer.session.complaint(0.0) == ""
    peer.now_ms += 1
    assert peer.session.complaint(0.0) == "the account was not told within 10 s"


@pytest.mark.parametrize(
    "frame",
    [b"<html>502</html>", b"[]", b"\xff\xfe", b'{"id": 99, "status": 200, "result": {}}',
     b'{"subscriptionId":0,"event":{"e":"executionReport","s":"BTCUSDT"}}'],
)  # fmt: skip
def test_what_is_no_message_is_counted_and_harms_nothing(frame) -> None:
    peer = Peer().log_in()
    assert peer.session.receive_data(frame) == []
    assert peer.session.refused == 1
    assert peer.session.last_error
    assert peer.session.state is VenueState.SYNCED


def test_everything_is_canceled_in_other_products_too() -> None:
    record = {
        "symbol": "XYZUSDT", "orderId": 1, "clientOrderId": "a", "price": "1.00",
        "origQty": "1.0", "executedQty": "0", "status": "NEW", "side": "SELL",
    }  # fmt: skip
    peer = Peer().log_in(orders=[record])
    peer.session.cancel_everything()
    assert [request["params"]["symbol"] for request in peer.take()] == ["BTCUSDT", "XYZUSDT"]
